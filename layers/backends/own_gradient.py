"""The fast path on TensorFlow: a whole sequence as one function, with a gradient of its own.

The plain step of each cell is the specification, and this computes the same function. What
does not depend on the state leaves the loop over time:

- the input products of all steps and gates are one matrix product before the loop;
- the loop back over time only carries the gradients of the states, by factors that are
  known before it;
- the weight gradients are one matrix product each after it;
- what is read for the last time is overwritten: the factors take the place of z, dz that of
  the factors;
- a mask closes gates by their inputs, so that a masked step costs what another does;
- XLA takes the arrays as they come, batch first, and TensorFlow's own loop time first;
- XLA keeps the states before each step, of which the weight gradients are made; the outputs,
  which are those moved on by one step, become part of whatever reads them.
"""

import functools
from typing import Any

import keras

from seqzoo.layers.backends import blocks
from seqzoo.layers.backends.base import Backend
from seqzoo.layers.backends.compiled_alone import compiles_alone
from seqzoo.layers.backends.fused_cells import FUSED_CELLS, fused_form
from seqzoo.layers.backends.recurrent_products import dropped, products_back, products_there, recurrent_dropout_mask
from seqzoo.layers.backends.scan import known_shape, tensorflow_loop, time_axis, xla_loop_by_blocks
from seqzoo.layers.backends.second_derivative import differentiable_again
from seqzoo.layers.backends.weights import inputs_and_weights


class OwnGradient(Backend):
    """Runs every `FusedCell` whose activation has its slope in `SLOPES`, on TensorFlow.

    In training, and wherever a tape may ask for a gradient, the loop keeps what that needs. Else it
    keeps nothing, and runs again for who asks all the same. A second derivative is that of `by_steps`.
    """

    description = (
        "Fast path: the input products of all steps are one matrix product before the loop, "
        "and the weight gradients are one each after it"
    )

    def runs(self, cell, training):
        if keras.backend.backend() != "tensorflow" or type(cell) not in FUSED_CELLS:
            return False
        return fused_form(cell).has_gradient

    def run(self, cell, x, states, mask, collect, training):
        import tensorflow as tf

        alone = compiles_alone(x, training)
        if alone and x.shape[1] >= 2 * blocks.BLOCK and len(cell.gates) > 1:
            return blocks.in_blocks(self, cell, x, states, mask, collect, training)
        x, kernel, weights = inputs_and_weights(cell, x, training)
        axis = 1 if alone else time_axis()
        x, mask = (part if part is None or axis == 1 else _swapped(part) for part in (x, mask))
        states = [tf.convert_to_tensor(state) for state in states]  # a state may be a tf.Variable
        dropout_mask = recurrent_dropout_mask(cell, states[0], training)
        sequence = _Sequence(fused_form(cell), mask, dropout_mask, collect, axis, alone)
        run = sequence.with_gradient if training or under_tape() else sequence.keeping_nothing
        results = run(x, kernel, weights, states)
        if not collect:
            return results[0], None, list(results)
        outputs, *after = results
        return after[0], outputs if axis == 1 else _swapped(outputs), after


class _Sequence:
    """A whole sequence as one function, with a gradient of its own.

    Args:
        fused: the `FusedCell`.
        mask, collect: as in `Backend.run`.
        dropout_mask: see `recurrent_dropout_mask`.
        axis: the axis of time, see `time_axis`.
        alone: whether XLA compiles the two loops, see `compiles_alone`.
    """

    def __init__(self, fused, mask, dropout_mask, collect, axis, alone=False):
        self.fused, self.mask, self.dropout_mask = fused, mask, dropout_mask
        self.collect, self.axis, self.alone = collect, axis, alone

    def with_gradient(self, x, kernel, weights, states) -> Any:
        """The outputs if they are collected, and the last states.

        Args:
            x: the sequences.
            kernel: what x⟨t⟩ is multiplied with.
            weights: the recurrent kernel, and the bias where there is one.
            states: the states before the first step.
        """
        import tensorflow as tf

        unpacked = _unpacking(len(weights))
        forward, backward = self.compiled() if self.alone else (self.forward, self.backward)

        def by_steps(*inputs):
            return self.by_steps(*unpacked(inputs))

        @tf.custom_gradient
        def sequence(*inputs):
            # No tape need follow the two loops by hand, whose gradients are these.
            x, kernel, weights, states = unpacked([tf.stop_gradient(part) for part in inputs])
            outputs, last, kept = forward(x, kernel, weights, states)

            def gradient(*upstream):
                dz, *others = backward(weights, states, kept, [tf.stop_gradient(part) for part in upstream])
                d_inputs = (*_input_gradients(x, kernel, dz), *others)
                return differentiable_again(d_inputs, by_steps, inputs, upstream)

            return (outputs, *last) if self.collect else tuple(last), gradient

        return sequence(x, kernel, *weights, *states)

    def compiled(self):
        """`forward` and `backward`, which XLA compiles."""
        masks = (self.mask, self.dropout_mask)
        return [functools.partial(loop, masks) for loop in _compiled_loops(self.fused, self.collect)]

    def keeping_nothing(self, x, kernel, weights, states):
        """As `with_gradient`, but who asks for a gradient runs the loop again."""
        import tensorflow as tf

        unpacked = _unpacking(len(weights))

        @tf.custom_gradient
        def sequence(*inputs):
            def gradient(*upstream):
                with tf.GradientTape() as tape:
                    tape.watch(inputs)
                    results = self.with_gradient(*unpacked(inputs))
                return tape.gradient(results, inputs, upstream)

            x, kernel, weights, states = unpacked([tf.stop_gradient(part) for part in inputs])
            products = lambda x: input_products(x, kernel)
            if self.axis == 0:
                prepare = lambda xs: self._prepared(weights, products(xs[0]), *xs[1:])
                return tuple(self._collecting(weights, [x, *self._masks], states, prepare)), gradient
            step, width = self._step(weights), kernel.shape[1]
            outputs, last = xla_loop_by_blocks(step, products, list(states), x, self._masks, width, self.collect)
            return (*outputs, *last), gradient

        return sequence(x, kernel, *weights, *states)

    def forward(self, x, kernel, weights, states):
        """The outputs of all steps, the last states, and what the gradient needs of all steps.

        These are the factors, and what else goes with them. XLA computes them within the step
        that makes the gates, anything else for all steps at once, in `backward`.
        """
        import tensorflow as tf

        fused, step, masks = self.fused, self._step(weights), self._masks
        z = input_products(x, kernel)

        def with_gates(before, over, masks):
            after, gates = step(before, *over, *masks)
            return after, [gates], after[: fused.saved_states]

        def with_factors(before, over, masks):
            after, gates = step(before, *over, *masks)
            factors, others = fused.factors(gates, before, after, *(masks or [None]))
            return after, [factors], [before[0], *others]

        units = states[0].shape[-1]
        if self.axis == 1:
            widths = [units] * (1 + fused.extra_factors)
            last, (factors,), (before, *others) = tensorflow_loop(
                with_factors, list(states), [z], masks, widths, axis=1
            )
            outputs = tf.concat([before, tf.expand_dims(last[0], 1)], axis=1)[:, 1:] if self.collect else None
            return outputs, last, (factors, [before], others)
        z, *masks = self._prepared(weights, z, *masks)
        last, (gates,), after = tensorflow_loop(with_gates, list(states), [z], masks, [units] * fused.saved_states)
        after = after or [gates]
        return after[0], last, (gates, after)

    def by_steps(self, x, kernel, weights, states):
        """As `with_gradient`, by operations that TensorFlow can differentiate."""
        if self.axis == 1:
            mask = None if self.mask is None else _swapped(self.mask)
            time_major = _Sequence(self.fused, mask, self.dropout_mask, self.collect, axis=0)
            results = time_major.by_steps(_swapped(x), kernel, weights, states)
            return [_swapped(results[0]), *results[1:]] if self.collect else results
        return self._collecting(weights, self._prepared(weights, input_products(x, kernel), *self._masks), states)

    def _collecting(self, weights, xs, states, prepare=None):
        """As `by_steps`, from what the steps read, or from what `prepare` makes that of."""
        step = self._step(weights)

        def collecting(states, _, inputs):
            states, _ = step(states, *inputs)
            return states, [], states[:1] if self.collect else []

        widths = [states[0].shape[-1]] if self.collect else []
        last, _, outputs = tensorflow_loop(collecting, list(states), [], xs, widths, prepare=prepare)
        return [*outputs, *last]

    @property
    def _masks(self):
        return [] if self.mask is None else [self.mask]

    def _step(self, weights):
        """The step `(states, z, mask) -> (states, gates)`.

        XLA makes one kernel of it and of what it reads; else that is made before, see `_prepared`.
        """
        recurrent = products_there(self.fused.blocks(weights[0]), self.dropout_mask)

        def step(states, *inputs):
            z, *masks = self._prepared(weights, *inputs) if self.axis == 1 else inputs
            return self.fused.forward(states, z, *masks, products=recurrent)

        return step

    def _prepared(self, weights, z, *masks):
        """What a step reads: z with the bias and with closed gates, and the mask where it needs that."""
        for b in weights[1:]:
            z = z + b
        for mask in masks:
            z = self.fused.close(z, mask)
        return [z, *(masks if self.fused.keeps_output else [])]

    def backward(self, weights, states, kept, upstream):
        """The gradients of z, of the weights and of the first states.

        dz takes the place of the factors.
        """
        import tensorflow as tf

        fused, axis = self.fused, self.axis
        if axis == 1:
            factors, before, others = kept
        else:
            gates, after = kept
            before = [tf.concat([first[None], s], axis=0)[:-1] for first, s in zip(states, after)]
            factors, others = fused.factors(gates, before, after, self.mask)
        kernel, *bias = weights
        blocks = fused.blocks(kernel)
        recurrent = products_back(blocks, self.dropout_mask)
        keep = [] if self.mask is None or not fused.keeps_output else [tf.cast(self.mask, factors.dtype)]

        def step(d_states, over, inputs):
            if self.collect:
                d_output, *inputs = inputs
                d_states = [d_states[0] + d_output, *d_states[1:]]
            d_states, dz = fused.backward(d_states, *over, *inputs, products=recurrent)
            return d_states, [dz], []

        d_outputs, d_last = (upstream[:1], upstream[1:]) if self.collect else ([], upstream)
        inputs = [*d_outputs, *others, *keep]
        d_first, (dz,), _ = tensorflow_loop(step, list(d_last), [factors], inputs, reverse=True, axis=axis, cheap=True)
        every_step = None if self.dropout_mask is None else tf.expand_dims(self.dropout_mask, axis)
        multiplied = [dropped(a, every_step) for a in fused.multiplied(before, others)]
        parts = zip(multiplied, tf.split(dz, [w.shape[1] for w in blocks], axis=-1))
        d_kernel = tf.concat([_sum_over_time(a, part) for a, part in parts], axis=1)
        return (dz, d_kernel, *(tf.reduce_sum(dz, axis=[0, 1]) for _ in bias), *d_first)


@functools.cache
def _compiled_loops(fused, collect):
    """One pair for all layers, so that XLA compiles once for those of the same shapes."""
    import tensorflow as tf

    def forward(masks, *arguments):
        return _Sequence(fused, *masks, collect, axis=1).forward(*arguments)

    def backward(masks, *arguments):
        return _Sequence(fused, *masks, collect, axis=1).backward(*arguments)

    # AutoGraph would rewrite all functions that these call, in half of the seconds of a first step, and change nothing.
    compiled = functools.partial(tf.function, jit_compile=True, autograph=False)
    return compiled(forward), compiled(backward)


def under_tape():
    """Whether a `tf.GradientTape` may follow what runs here.

    Nothing public says so. Where nothing says so at all, one may.
    """
    try:
        from tensorflow.python.eager.record import could_possibly_record
    except ImportError:
        return True
    return could_possibly_record()


def _unpacking(weights):
    """From the flat inputs of a sequence to its x, its kernel, its other weights, and its states."""
    return lambda inputs: (*inputs[:2], inputs[2 : 2 + weights], inputs[2 + weights :])


def _swapped(x):
    """Swaps batch and time."""
    import tensorflow as tf

    return tf.transpose(x, (1, 0, 2))


def input_products(x, kernel):
    """x⟨t⟩ W for all t, as one matrix product."""
    import tensorflow as tf

    rows = tf.matmul(tf.reshape(x, (-1, x.shape[-1])), kernel)
    z = tf.reshape(rows, tf.concat([tf.shape(x)[:2], [kernel.shape[1]]], axis=0))
    return known_shape(z, (*x.shape[:2], kernel.shape[1]))


def _input_gradients(x, kernel, dz):
    """The gradients of x and of its kernel."""
    import tensorflow as tf

    dx = tf.matmul(tf.reshape(dz, (-1, dz.shape[-1])), kernel, transpose_b=True)
    return tf.reshape(dx, tf.shape(x)), _sum_over_time(x, dz)


def _sum_over_time(a, dz):
    """Σt a⟨t⟩ᵀ dz⟨t⟩, as one matrix product."""
    import tensorflow as tf

    rows = (tf.reshape(values, (-1, values.shape[-1])) for values in (a, dz))
    return tf.matmul(*rows, transpose_a=True)
