"""A sequence by a loop that XLA compiles. Its arrays have the batch first.

- The gates of a step are one product.
- What is read for the last time is overwritten: the factors take the place of z, dz that of the factors.
- The states before each step are kept, of which the weight gradients are made; the outputs,
  which are those moved on by one step, become part of whatever reads them.
"""

import functools

from seqzoo.layers.backends.fused_cells import together
from seqzoo.layers.backends.recurrent_products import dropped, gate_inputs, products_back
from seqzoo.layers.backends.scan import swapped
from seqzoo.layers.backends.sequence import Sequence, input_products, sum_over_time
from seqzoo.layers.backends.sequence_by_tensorflow import ByTensorFlow
from seqzoo.layers.backends.xla_loop import xla_loop, xla_loop_by_blocks


class ByXla(Sequence):
    """Runs within a program that XLA compiles."""

    def forward(self, x, kernel, weights, states):
        import tensorflow as tf

        fused, step, masks = self.fused, self._step(weights), self.masks

        def with_factors(before, over, masks):
            after, gates = step(before, *over, *masks)
            slopes, others = fused.factors(gates, before, after, *(masks or [None]))
            return after, together(slopes, 1), [before[0], *others]

        widths = [states[0].shape[-1]] * (1 + fused.extra_factors)
        z = input_products(x, kernel)
        last, (factors,), (before, *others) = xla_loop(with_factors, list(states), [z], masks, widths)
        outputs = tf.concat([before, tf.expand_dims(last[0], 1)], axis=1)[:, 1:] if self.collect else None
        return outputs, last, (factors, [before], others)

    def backward(self, weights, kept, d_outputs, d_last):
        import tensorflow as tf

        fused, (kernel, *bias), (factors, before, others) = self.fused, weights, kept
        back = self.step_back(products_back(fused.whole_blocks(kernel), self.dropout_mask))

        def step(d_states, over, inputs):
            d_states, dz = back(d_states, over, inputs)
            return d_states, together(dz, 1), []

        inputs = [*d_outputs, *others, *self.kept(self.masks, factors.dtype)]
        d_first, dz, _ = xla_loop(step, list(d_last), [factors], inputs, reverse=True, cheap=True)
        every_step = None if self.dropout_mask is None else tf.expand_dims(self.dropout_mask, 1)
        multiplied = [dropped(a, every_step) for a in fused.multiplied(before, others)]
        d_kernel = tf.concat([sum_over_time(a, d) for a, d in zip(multiplied, fused.blocks(dz[0]))], axis=1)
        return dz, d_kernel, *self.bias_gradient(bias, dz), *d_first

    def inference(self, x, kernel, weights, states):
        products = lambda x: input_products(x, kernel)
        step, width = self._step(weights), kernel.shape[1]
        outputs, last = xla_loop_by_blocks(step, products, list(states), x, self.masks, width, self.collect)
        return [*outputs, *last]

    def by_steps(self, x, kernel, weights, states):
        mask = None if self.mask is None else swapped(self.mask)
        time_first = ByTensorFlow(self.fused, mask, self.dropout_mask, self.collect)
        results = time_first.by_steps(swapped(x), kernel, weights, states)
        return [swapped(results[0]), *results[1:]] if self.collect else results

    def _step(self, weights):
        """The step `(states, z, mask) -> (states, gates)`. XLA makes one kernel of it and of what it reads."""
        fused, (kernel, *bias) = self.fused, weights
        blocks = fused.whole_blocks(kernel)

        def step(states, z, *masks):
            z, *masks = self.prepared(bias, [z], masks)
            inputs = gate_inputs(fused.whole_blocks(z), blocks, self.dropout_mask)
            return fused.forward(states, inputs, *masks)

        return step


class CompiledAlone(ByXla):
    """Runs within a graph that XLA does not compile: it compiles the two loops alone."""

    def forward(self, *arguments):
        there, _ = _compiled_loops(self.fused, self.collect)
        return there((self.mask, self.dropout_mask), *arguments)

    def backward(self, *arguments):
        _, back = _compiled_loops(self.fused, self.collect)
        return back((self.mask, self.dropout_mask), *arguments)


@functools.cache
def _compiled_loops(fused, collect):
    """One pair for all layers, so that XLA compiles once for those of the same shapes."""
    import tensorflow as tf

    def forward(masks, *arguments):
        return ByXla(fused, *masks, collect).forward(*arguments)

    def backward(masks, *arguments):
        return ByXla(fused, *masks, collect).backward(*arguments)

    # AutoGraph would rewrite all functions that these call, in half of the seconds of a first step, and change nothing.
    compiled = functools.partial(tf.function, jit_compile=True, autograph=False)
    return compiled(forward), compiled(backward)
