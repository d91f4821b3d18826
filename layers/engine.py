"""The fast path: a whole sequence at once, with a gradient of its own, on TensorFlow.

The plain step of each cell is the specification, and this computes the same function. What
does not depend on the state leaves the loop over time:

- the input products of all steps and gates are one matrix product before the loop;
- the loop back over time only carries the gradients of the states, by factors that are
  computed for all steps at once before it;
- the weight gradients are one matrix product each after it;
- what is read for the last time is overwritten: the gates take the place of z, dz that of
  the gates;
- a mask closes gates by their inputs, so that a masked step costs what another does.
"""

import keras
from keras.src.backend import AutocastScope

from seqzoo.layers.fast_cells import FAST_CELLS
from seqzoo.layers.scan import tensorflow_loop


def why_plain(layer, training):
    """Why a layer steps plainly instead of taking the fast path; None when it takes it."""
    cell = layer.cell
    if keras.backend.backend() != "tensorflow":
        return f"the fast path is written for TensorFlow, and the backend is {keras.backend.backend()}"
    if type(cell) not in FAST_CELLS:
        return f"the fast path knows the cells of the notes, one at a time, not {type(cell).__name__}"
    if layer.unroll:
        return "unroll=True asks for a copy of the step for each moment"
    if cell.activation is not keras.activations.tanh:
        return f"the activation is {_name(cell.activation)}, and the fast path's gradient is that of tanh"
    gate = getattr(cell, "recurrent_activation", keras.activations.sigmoid)
    if gate is not keras.activations.sigmoid:
        return f"the gates' activation is {_name(gate)}, and the fast path's gradient is that of sigmoid"
    if training and cell.recurrent_dropout:
        return "recurrent_dropout acts within each step"
    if cell.activity_regularizer is not None:
        return "the cell has an activity regularizer, which looks at each step"
    return None


def fast_path(cell, x, states, mask, collect, training):
    """Runs a cell of the notes over a sequence.

    Args:
        cell: a built cell for which `why_plain` finds no reason.
        x: shape `(time, batch, features)`.
        states: list of the states before the first step, each `(batch, units)`.
        mask: bool of shape `(time, batch, 1)`, or None.
        collect: whether to return the outputs of all steps.
        training: whether dropout acts, and the loop keeps what a gradient needs; a gradient
            that is asked for all the same is right, but runs the loop again.

    Returns:
        `(states, outputs)`: the last states, and a⟨t⟩ of all steps, `(time, batch, units)`,
        or None unless `collect`.
    """
    import tensorflow as tf

    dtype = cell.compute_dtype
    x = tf.cast(x, dtype)
    with AutocastScope(dtype):  # the weights in the cell's dtype, not in the layer's
        kernel, recurrent_kernel, bias = (
            None if w is None else tf.cast(tf.convert_to_tensor(w), dtype)
            for w in (cell.kernel, cell.recurrent_kernel, cell.bias)
        )
    if training and cell.dropout:
        x = x * cell.get_dropout_mask(x[0])
    states = [tf.convert_to_tensor(state) for state in states]  # a state may be a tf.Variable
    z = _input_products(x, kernel)
    z = z if bias is None else z + bias
    return _sequence(FAST_CELLS[type(cell)], z, recurrent_kernel, states, mask, collect, store=bool(training))


def _sequence(fast, z, kernel, states, mask, collect, store):
    import tensorflow as tf

    @tf.custom_gradient
    def sequence(z, kernel, *states):
        last, gates, after = _forward(fast, z, kernel, states, mask, collect, store)

        def gradient(*upstream):
            kept = gates, after
            if not store:
                _, *kept = _forward(fast, z, kernel, states, mask, collect, store=True)
            d_inputs = _backward(fast, kernel, states, mask, *kept, upstream, collect)
            return _refuse_to_differentiate(d_inputs, [*upstream, z, kernel, *states])

        return (*after[:collect], *last), gradient

    first, *rest = sequence(z, kernel, *states)
    return (rest, first) if collect else ([first, *rest], None)


def _forward(fast, z, kernel, states, mask, collect, store):
    """The last states, and of all steps the gates and states, or the outputs, or nothing.

    The gates take the place of z, so that they cost no memory of their own.
    """
    if mask is not None:
        z = fast.close(z, mask)
    weights = fast.weights(kernel)
    keep = [mask] if mask is not None and fast.keeps else []
    store = store or (collect and not fast.saves)  # then the gates are the outputs
    saves = fast.saves if store else int(collect)

    def step(states, over, inputs):
        *keep, z = inputs + over
        states, gates = fast.forward(states, z, *keep, weights=weights)
        return states, [gates] * store, states[:saves]

    over, xs = ([z], keep) if store else ([], [*keep, z])
    last, gates, after = tensorflow_loop(step, list(states), over, xs, [states[0].shape] * saves)
    return last, gates, after or gates


def _backward(fast, kernel, states, mask, gates, after, upstream, collect):
    """The gradients of z, of the recurrent kernel and of the first states.

    dz takes the place of the gates, which nothing reads any more once the factors are known.
    """
    import tensorflow as tf

    (gates,) = gates
    before = [tf.concat([first[None], s[:-1]], axis=0) for first, s in zip(states, after)]
    factors, multiplied = fast.factors(gates, before, after, mask)
    weights = fast.weights(kernel)
    transposed = [tf.transpose(w) for w in weights]
    inputs = [*factors, upstream[0]] if collect else factors

    def step(d_states, _, inputs):
        if collect:
            *inputs, d_output = inputs
            d_states = [d_states[0] + d_output, *d_states[1:]]
        d_states, dz = fast.backward(d_states, *inputs, weights=transposed)
        return d_states, [dz], []

    d_last = list(upstream[1:] if collect else upstream)
    d_first, (dz,), _ = tensorflow_loop(step, d_last, [gates], inputs, reverse=True)
    blocks = tf.split(dz, [w.shape[1] for w in weights], axis=-1)
    d_kernel = tf.concat([_sum_over_time(a, block) for a, block in zip(multiplied, blocks)], axis=1)
    return (dz, d_kernel, *d_first)


def _input_products(x, kernel):
    """x⟨t⟩ W for all t, as one matrix product, whose gradient is one product too."""
    import tensorflow as tf

    rows = tf.matmul(tf.reshape(x, (-1, x.shape[-1])), kernel)
    z = tf.reshape(rows, tf.concat([tf.shape(x)[:2], [kernel.shape[1]]], axis=0))
    return tf.ensure_shape(z, (*x.shape[:2], kernel.shape[1]))


def _sum_over_time(a, dz):
    """Σt a⟨t⟩ᵀ dz⟨t⟩, as one matrix product."""
    import tensorflow as tf

    rows = (tf.reshape(values, (-1, values.shape[-1])) for values in (a, dz))
    return tf.matmul(*rows, transpose_a=True)


def _refuse_to_differentiate(gradients, sources):
    """The gradients, which raise where somebody asks how they depend on their sources.

    What the loop saved would count as constant there, and the answer would be wrong.
    """
    import tensorflow as tf

    def refuse(*_):
        raise NotImplementedError(
            "The fast path of a recurrent layer has a first derivative only. "
            "Received: a request for the derivative of its gradient. "
            "Give the RNN unroll=True, which steps plainly."
        )

    return tf.custom_gradient(lambda *sources: (gradients, refuse))(*sources)


def _name(function):
    return getattr(function, "__name__", repr(function))

