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
    loops = {"jax": _jax_scan, "tensorflow": _tensorflow_scan}
    loop = _python_loop if unroll else loops.get(keras.backend.backend(), _python_loop)
    return loop(step, init, xs, collect)


def _python_loop(step, states, xs, collect):
    outputs = []
    # Not x[t]: on torch the gradient of each would be as large as x.
    for inputs in zip(*(keras.ops.unstack(x, x.shape[0], axis=0) for x in xs)):
        states, output = step(states, list(inputs))
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
        return states, [], [output] if collect else []

    widths = [init[0].shape[-1]] if collect else []
    states, _, outputs = tensorflow_loop(body, init, [], xs, widths)
    return states, outputs[0] if collect else None


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


def known_shape(x, shape):
    """x, of which its graph then knows the shape. No operation: phones have none for it."""
    x.set_shape(shape)
    return x


def time_axis():
    """The axis of time that is best for the arrays of `tensorflow_loop` here: 1 under XLA, else 0.

    XLA reads and writes a moment of `(batch, time, features)` in place. TensorFlow's own loop
    would copy the whole array; it has `TensorArray`s, whose first axis is time.
    """
    return int(under_xla())


ROUND = 4  # steps in one iteration of TensorFlow's own loop, which costs more than a small step does


def tensorflow_loop(step, states, over, xs, widths=(), reverse=False, axis=0, cheap=False, prepare=None):
    """A loop over time whose arrays may be overwritten as it goes.

    Args:
        step: `step(states, over, inputs) -> (states, over, outputs)`, lists of tensors.
        states: list of tensors of shape `(batch, units)`, the states before the first step.
        over: list of arrays over time; each step reads its moment of them and writes over it.
        xs: list of arrays over time, only read.
        widths: the sizes of the outputs of one step; they have the states' dtype.
        reverse: whether to go from the last moment to the first.
        axis: the axis of time of all arrays: 0, `(time, batch, features)`, or 1 under XLA,
            `(batch, time, features)`. See `time_axis`.
        cheap: whether a step makes what it writes over by nothing but sums and products. XLA
            would compute that once for each use, and copy the whole array to be able to; a
            division, even by one, it does once.
        prepare: on axis 0, `prepare(xs) -> inputs` makes the inputs of some steps at once, from
            their moments of xs.

    Returns:
        `(states, over, outputs)`: the last states, what was written over, and the outputs.
    """
    if axis == 1:
        return _loop(_BatchMajor, step, states, over, xs, widths, reverse, cheap)
    return _loop_in_rounds(step, states, over, xs, widths, reverse, prepare or (lambda xs: xs))


def _loop_in_rounds(step, states, over, xs, widths, reverse, prepare):
    """`tensorflow_loop` on axis 0: iterations of `ROUND` steps, and of one for the steps that are left."""
    import tensorflow as tf

    def several(states, over, inputs):
        moments = [tf.unstack(x) for x in (*over, *prepare(inputs))]
        order = reversed if reverse else iter
        made = []
        for moment in order(list(zip(*moments))):
            states, new, out = step(states, list(moment[: len(over)]), list(moment[len(over) :]))
            made.append((*new, *out))
        made = [tf.stack(values) for values in zip(*order(made))]
        return states, made[: len(over)], made[len(over) :]

    length = _length([*over, *xs][0], axis=0)
    rounds, left = length // ROUND, length % ROUND
    parts = [(0, rounds, ROUND), (rounds * ROUND, left, 1)]
    parts = [part for part in parts if not isinstance(length, int) or part[1]] or parts[1:]
    written = []
    for begin, rounds, size in reversed(parts) if reverse else parts:
        of_part = [[_in_rounds(x, begin, rounds, size) for x in arrays] for arrays in (over, xs)]
        states, *arrays = _loop(_TimeMajor(size), several, states, *of_part, widths, reverse)
        written.append([x for kind in arrays for x in kind])
    whole = [tf.concat(parts, axis=0) for parts in zip(*(reversed(written) if reverse else written))]
    if isinstance(length, int):
        whole = [known_shape(x, (length, *x.shape[1:])) for x in whole]
    return states, whole[: len(over)], whole[len(over) :]


def _in_rounds(x, begin, rounds, size):
    """Some moments of `(time, batch, …)` as `(rounds, size, batch, …)`."""
    import tensorflow as tf

    moments = x[begin : begin + rounds * size]
    shape = tf.concat([[rounds, size], tf.shape(x)[1:]], axis=0)
    return known_shape(tf.reshape(moments, shape), (None, size, *x.shape[1:]))


def _length(x, axis):
    """How many moments there are: an integer where that is known, else a tensor."""
    import tensorflow as tf

    return tf.shape(x)[axis] if x.shape[axis] is None else x.shape[axis]


def _loop(arrays, step, states, over, xs, widths, reverse, cheap=False):
    """`tensorflow_loop` over the axis of time of `arrays`; one moment of them is for one call of the step."""
    import tensorflow as tf

    length = _length([*over, *xs][0], arrays.axis)
    inputs = [arrays.of(x, length) for x in xs]
    outputs = [arrays.empty(states[0], length, width) for width in widths]

    def body(i, states, over, outputs):
        t = length - 1 - i if reverse else i
        moments = [arrays.read(x, t) for x in over]
        if cheap:
            moments = [x / tf.cast(i >= 0, x.dtype) for x in moments]  # by one, which XLA cannot know
        states, new, out = step(states, moments, [arrays.read(x, t) for x in inputs])
        over, outputs = (
            [arrays.write(array, t, value) for array, value in zip(before, values, strict=True)]
            for before, values in ((over, new), (outputs, out))
        )
        return i + 1, states, over, outputs

    _, states, over, outputs = tf.while_loop(
        lambda i, *_: i < length,
        body,
        (tf.constant(0), states, [arrays.of(x, length) for x in over], outputs),
        maximum_iterations=length,
    )
    return states, *([arrays.whole(x, states[0], length) for x in kind] for kind in (over, outputs))


class _TimeMajor:
    """Arrays of shape `(rounds, size, batch, ...)` for TensorFlow's loop, which reads and writes rounds.

    Args:
        size: how many steps a round has.
    """

    axis = 0

    def __init__(self, size):
        self.size = size

    def of(self, x, length):
        import tensorflow as tf

        return tf.TensorArray(x.dtype, length, element_shape=x.shape[1:], clear_after_read=False).unstack(x)

    def empty(self, state, length, width):
        import tensorflow as tf

        return tf.TensorArray(state.dtype, length, element_shape=(self.size, state.shape[0], width))

    def read(self, array, t):
        return array.read(t)

    def write(self, array, t, value):
        return array.write(t, value)

    def whole(self, array, state, length):
        """The moments of all rounds, `(time, batch, ...)`."""
        import tensorflow as tf

        batch, width = tf.shape(state)[0], array.element_shape[-1]
        if tf.executing_eagerly():
            rounds = array.stack()
        else:
            # As `stack`, which asks for a known batch where there is no moment.
            shape = tf.stack([self.size, batch, width])
            rounds = tf.raw_ops.TensorListStack(
                input_handle=array.flow, element_shape=shape, element_dtype=array.dtype, num_elements=-1
            )
        moments = tf.reshape(rounds, tf.stack([length * self.size, batch, width]))
        return known_shape(moments, (None, state.shape[0], width))


class _BatchMajor:
    """Arrays of shape `(batch, time, ...)` for XLA, which writes them in place.

    Where there is no moment they have room for one, because XLA compiles the step all the same.
    """

    axis = 1

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

    batch, length = (tf.shape(x)[i] if x.shape[i] is None else x.shape[i] for i in (0, 1))
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
