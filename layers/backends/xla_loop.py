"""The loop over time under XLA, which reads and writes a moment of `(batch, time, features)` in place."""

import keras

from seqzoo.layers.backends.tensorflow_loop import known_shape, length_of


def under_xla():
    """Whether the graph that TensorFlow makes here is one that XLA compiles.

    Nothing public says so. Where nothing says so at all, loops take the form that runs with and without XLA.
    """
    import tensorflow as tf

    try:
        from tensorflow.python.ops.control_flow_util import GraphOrParentsInXlaContext
    except ImportError:
        return False
    return GraphOrParentsInXlaContext(tf.compat.v1.get_default_graph())


def xla_loop(step, states, over, xs, widths=(), reverse=False, cheap=False):
    """A loop over time whose arrays may be overwritten as it goes.

    Args:
        step: `step(states, over, inputs) -> (states, over, outputs)`, lists of tensors.
        states: list of tensors of shape `(batch, units)`, the states before the first step.
        over: list of arrays `(batch, time, features)`; each step reads its moment of them and writes over it.
        xs: list of such arrays, only read.
        widths: the sizes of the outputs of one step; they have the states' dtype.
        reverse: whether to go from the last moment to the first.
        cheap: whether a step makes what it writes over by nothing but sums and products. XLA
            would compute that once for each use, and copy the whole array to be able to; a
            division, even by one, it does once.

    Returns:
        `(states, over, outputs)`: the last states, what was written over, and the outputs.
    """
    import tensorflow as tf

    length = length_of([*over, *xs][0], axis=1)
    inputs = [_BatchMajor.of(x, length) for x in xs]
    outputs = [_BatchMajor.empty(states[0], length, width) for width in widths]

    def body(i, states, over, outputs):
        t = length - 1 - i if reverse else i
        moments = [_BatchMajor.read(x, t) for x in over]
        if cheap:
            moments = [x / tf.cast(i >= 0, x.dtype) for x in moments]  # by one, which XLA cannot know
        states, new, out = step(states, moments, [_BatchMajor.read(x, t) for x in inputs])
        over, outputs = (
            [_BatchMajor.write(array, t, value) for array, value in zip(before, values, strict=True)]
            for before, values in ((over, new), (outputs, out))
        )
        return i + 1, states, over, outputs

    _, states, over, outputs = tf.while_loop(
        lambda i, *_: i < length,
        body,
        (tf.constant(0), states, [_BatchMajor.of(x, length) for x in over], outputs),
        maximum_iterations=length,
    )
    return states, *([_BatchMajor.whole(x, states[0], length) for x in kind] for kind in (over, outputs))


class _BatchMajor:
    """Arrays of shape `(batch, time, ...)` for XLA, which writes them in place.

    Where there is no moment they have room for one, because XLA compiles the step all the same.
    """

    @staticmethod
    def of(x, length):
        import tensorflow as tf

        return tf.pad(x, [[0, 0], [0, tf.maximum(0, 1 - length)], [0, 0]])

    @staticmethod
    def empty(state, length, width):
        import tensorflow as tf

        return tf.zeros([tf.shape(state)[0], tf.maximum(1, length), width], state.dtype)

    @staticmethod
    def read(array, t):
        import tensorflow as tf

        moment = _BatchMajor.some(array, t, 1)
        return known_shape(tf.squeeze(moment, axis=1), (array.shape[0], array.shape[2]))

    @staticmethod
    def some(array, t, count):
        """The moments t … t + count − 1."""
        import tensorflow as tf

        batch, _, width = tf.unstack(tf.shape(array))
        return tf.slice(array, [0, t, 0], [batch, count, width])

    @staticmethod
    def write(array, t, value):
        import tensorflow as tf

        written = keras.ops.slice_update(array, tf.stack([0, t, 0]), tf.expand_dims(value, 1))
        return known_shape(written, array.shape)

    @staticmethod
    def whole(array, state, length):
        steps = length if isinstance(length, int) else None
        return known_shape(array[:, :length], (array.shape[0], steps, array.shape[2]))


BLOCK = 2**20  # numbers in a block of products: 4 MiB in single precision


def xla_loop_by_blocks(step, products, states, x, masks, width, collect):
    """A loop over time under XLA that keeps nothing, with products of its inputs made before it.

    The products are made for a block of steps at a time, for all steps where they are few:
    memory that is new has to be paged in, and what is large leaves the caches before it is read.

    Args:
        step: `step(states, z, *masks) -> (states, gates)`.
        products: from x of some steps to their z, `(batch, steps, width)`.
        states: list of tensors, the states before the first step.
        x: shape `(batch, time, features)`.
        masks: list of tensors of shape `(batch, time, 1)`.
        width: of z.
        collect: whether to return the first state after each step.

    Returns:
        `(outputs, states)`: a list of the collected states, `(batch, time, units)`, or an
        empty one; and the last states.
    """
    import tensorflow as tf

    batch, length = length_of(x, axis=0), length_of(x, axis=1)
    size = tf.minimum(tf.maximum(1, length), tf.maximum(1, BLOCK // width // tf.maximum(1, batch)))

    padded, *masks = (_BatchMajor.of(part, length) for part in (x, *masks))

    def block(t, states, outputs):
        begin = tf.minimum(t, length - size)  # the last block may begin with steps that are done
        z = products(_BatchMajor.some(padded, begin, size))

        def body(t, states, outputs):
            moments = [_BatchMajor.read(z, t - begin), *(_BatchMajor.read(mask, t) for mask in masks)]
            states, _ = step(states, *moments)
            outputs = [_BatchMajor.write(array, t, states[0]) for array in outputs]
            return t + 1, states, outputs

        return tf.while_loop(lambda t, *_: t < begin + size, body, (t, states, outputs))

    outputs = [_BatchMajor.empty(states[0], length, states[0].shape[-1])] if collect else []
    _, states, outputs = tf.while_loop(lambda t, *_: t < length, block, (tf.constant(0), states, outputs))
    outputs = [_BatchMajor.whole(array, states[0], length) for array in outputs]
    return [known_shape(array, (*x.shape[:2], array.shape[2])) for array in outputs], states
