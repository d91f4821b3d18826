"""TensorFlow's own loop over time, which reads and writes moments of `(time, batch, features)`."""

from collections.abc import Callable, Sequence

from seqzoo.layers.backends.base import Tensor

ROUND = 4  # steps in one iteration of the loop, which costs more than a small step does


def loop_over_arrays(
    step: Callable,
    states: Sequence[Tensor],
    xs: Sequence[Tensor],
    widths: Sequence[int] = (),
    kept: int = 0,
    reverse: bool = False,
    prepare: Callable = lambda xs: xs,
) -> tuple[list[Tensor], list[Tensor]]:
    """A loop over time whose gradient nobody asks TensorFlow for.

    Args:
        step: `step(states, inputs) -> (states, outputs)`, lists of tensors.
        states: of shape `(batch, units)`, those before the first step.
        xs: arrays `(time, batch, features)`.
        widths: the sizes of the outputs of one step; they have the states' dtype.
        kept: how many states, the first ones, come after the outputs: with `time + 1` moments, because
            that before the first step comes too.
        reverse: whether to go from the last moment to the first.
        prepare: `prepare(xs) -> inputs` makes the inputs of some steps at once, from their moments of xs.

    Returns:
        `(states, outputs)`: the last states, and the outputs.
    """
    import tensorflow as tf

    def some(begin, size):
        # A part along the first axis shares the memory of the whole, as each of its moments does.
        parts = prepare([known_shape(x[begin : begin + size], (size, *x.shape[1:])) for x in xs])
        return [list(moment) for moment in zip(*(tf.unstack(part) for part in parts))]

    return _loop(step, states, some, xs[0], widths, kept, reverse)


def loop_over_lists(
    step: Callable, states: Sequence[Tensor], xs: Sequence[Tensor], widths: Sequence[int] = ()
) -> tuple[list[Tensor], list[Tensor]]:
    """As `loop_over_arrays`, for TensorFlow's gradient: of a part of an array it makes one as large as the whole."""
    import tensorflow as tf

    lists = [
        tf.TensorArray(x.dtype, length_of(x), element_shape=x.shape[1:], clear_after_read=False).unstack(x) for x in xs
    ]
    some = lambda begin, size: [[x.read(begin + t) for x in lists] for t in range(size)]
    return _loop(step, states, some, xs[0], widths)


def _loop(step, states, some, x, widths, kept=0, reverse=False):
    """The loop, where `some(begin, size)` gives what each of so many steps reads, and x has the moments."""
    import tensorflow as tf

    length = length_of(x)
    empty = lambda state, width, moments: tf.TensorArray(state.dtype, moments, element_shape=(state.shape[0], width))
    outputs = [empty(states[0], width, length) for width in widths]
    over_time = [empty(state, state.shape[-1], length + 1).write(0, state) for state in states[:kept]]

    def iteration(size):
        def body(done, states, outputs, over_time):
            begin = length - done - size if reverse else done
            moments = list(enumerate(some(begin, size)))
            for t, inputs in reversed(moments) if reverse else moments:
                states, made = step(states, inputs)
                outputs = [array.write(begin + t, value) for array, value in zip(outputs, made, strict=True)]
                over_time = [array.write(begin + t + 1, state) for array, state in zip(over_time, states)]
            return done + size, states, outputs, over_time

        return body

    results = tf.constant(0), list(states), outputs, over_time
    loops = [(ROUND, length // ROUND, length // ROUND * ROUND), (1, length % ROUND, length)]
    # Where there is no step a loop still says that the results depend on x.
    for size, iterations, end in [loop for loop in loops if not isinstance(length, int) or loop[1]] or loops[1:]:
        going_on = lambda done, *_, end=end: done < end
        results = tf.while_loop(going_on, iteration(size), results, maximum_iterations=iterations)
    _, after, outputs, over_time = results
    stacked = [_stacked(array, states[0], length) for array in outputs]
    return after, stacked + [_stacked(array, state, length + 1) for array, state in zip(over_time, states)]


def _stacked(array, state, length):
    """The moments that were written, `(time, batch, ...)`."""
    import tensorflow as tf

    if tf.executing_eagerly():
        return array.stack()
    shape = tf.stack([tf.shape(state)[0], array.element_shape[-1]])
    # As `stack`, which asks for a known batch where there is no moment.
    moments = tf.raw_ops.TensorListStack(
        input_handle=array.flow, element_shape=shape, element_dtype=array.dtype, num_elements=-1
    )
    return known_shape(moments, (length if isinstance(length, int) else None, state.shape[0], array.element_shape[-1]))


def known_shape(x: Tensor, shape: Sequence[int | None]) -> Tensor:
    """x, of which its graph then knows the shape. No operation: phones have none for it."""
    x.set_shape(shape)
    return x


def length_of(x: Tensor, axis: int = 0) -> int | Tensor:
    """How many moments there are: an integer where that is known, else a tensor."""
    import tensorflow as tf

    return tf.shape(x)[axis] if x.shape[axis] is None else x.shape[axis]
