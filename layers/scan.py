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
    return _tensorflow_while(step, init, xs, collect)


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


def _tensorflow_while(step, init, xs, collect):
    import tensorflow as tf

    length = tf.shape(xs[0])[0]
    inputs = [tf.TensorArray(x.dtype, length, element_shape=x.shape[1:]).unstack(x) for x in xs]
    outputs = [tf.TensorArray(init[0].dtype, length, element_shape=init[0].shape)] if collect else []

    def body(t, states, outputs):
        states, output = step(states, [x.read(t) for x in inputs])
        return t + 1, states, [array.write(t, output) for array in outputs]

    _, states, outputs = tf.while_loop(
        lambda t, *_: t < length,
        body,
        (tf.constant(0), init, outputs),
        maximum_iterations=length,
    )
    if not collect:
        return states, None
    outputs = outputs[0].stack()
    outputs.set_shape(xs[0].shape[:1].concatenate(outputs.shape[1:]))
    return states, outputs
