"""The loop over time, once for each backend."""

import keras


def scan(step, init, xs, collect=True, unroll=False):
    """Carries states through a sequence.

    Args:
        step: `step(states, inputs) -> (states, output)`, states a flat list of tensors.
        init: flat list of tensors, the states before the first step. Shapes and dtypes
            stay what they are here.
        xs: flat list of tensors of shape `(time, batch, ...)`.
        collect: whether the outputs of all steps are kept.
        unroll: whether the graph holds one copy of the step for each moment; `time` must
            then be known.

    Returns:
        `(states, outputs)`: the last states, and the outputs of shape
        `(time, batch, units)`, or None unless `collect`.
    """
    if unroll or keras.backend.backend() == "torch":
        return _python_loop(step, init, xs, collect)
    if keras.backend.backend() == "jax":
        return _jax_scan(step, init, xs, collect)
    return _tensorflow_scan(step, init, xs, collect)


def _python_loop(step, states, xs, collect):
    outputs = []
    for t in range(xs[0].shape[0]):
        states, output = step(states, [x[t] for x in xs])
        outputs.append(output)
    if not collect:
        return states, None
    if not outputs:
        return states, keras.ops.zeros((0, *states[0].shape), dtype=states[0].dtype)
    return states, keras.ops.stack(outputs)


def _jax_scan(step, init, xs, collect):
    import jax

    def body(states, inputs):
        states, output = step(states, inputs)
        return states, output if collect else None

    return jax.lax.scan(body, init, xs)


def _tensorflow_scan(step, init, xs, collect):
    def body(states, _, inputs):
        states, output = step(states, inputs)
        return states, [], [output] * collect

    states, _, outputs = tensorflow_loop(body, init, [], xs, [init[0].shape] * collect)
    return states, outputs[0] if collect else None


def tensorflow_loop(step, states, over, xs, shapes=(), reverse=False):
    """A loop over time whose arrays may be overwritten as it goes.

    Args:
        step: `step(states, over, inputs) -> (states, over, outputs)`, lists of tensors.
        states: list of tensors, the states before the first step.
        over: list of tensors of shape `(time, batch, ...)`; each step reads its moment of
            them and writes over it.
        xs: list of tensors of shape `(time, batch, ...)`, only read.
        shapes: the shapes of the outputs of one step; they have the states' dtype.
        reverse: whether to go from the last moment to the first.

    Returns:
        `(states, over, outputs)`: the last states, what was written over, and the outputs,
        `(time, *shape)` each.
    """
    import tensorflow as tf

    first = [*over, *xs][0]
    length = tf.shape(first)[0] if first.shape[0] is None else first.shape[0]
    dtype = states[0].dtype

    def array(x):
        return tf.TensorArray(x.dtype, length, element_shape=x.shape[1:], clear_after_read=False).unstack(x)

    inputs = [array(x) for x in xs]
    outputs = [tf.TensorArray(dtype, length, element_shape=shape) for shape in shapes]

    def body(i, states, over, outputs):
        t = length - 1 - i if reverse else i
        states, new, out = step(states, [x.read(t) for x in over], [x.read(t) for x in inputs])
        over, outputs = (
            [array.write(t, value) for array, value in zip(arrays, values, strict=True)]
            for arrays, values in ((over, new), (outputs, out))
        )
        return i + 1, states, over, outputs

    _, states, over, outputs = tf.while_loop(
        lambda i, *_: i < length,
        body,
        (tf.constant(0), states, [array(x) for x in over], outputs),
        maximum_iterations=length,
    )

    def stack(array):
        values = array.stack()
        return tf.ensure_shape(values, (first.shape[0], *values.shape[1:]))

    return states, [stack(array) for array in over], [stack(array) for array in outputs]
