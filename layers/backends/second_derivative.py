"""A gradient made by hand, or by a library, that can be differentiated all the same. TensorFlow only."""

from collections.abc import Callable, Sequence

from seqzoo.layers.backends.base import Tensor


def differentiable_again(
    gradients: Sequence[Tensor],
    function: Callable,
    inputs: Sequence[Tensor],
    upstream: Sequence[Tensor],
    constants: Sequence[Tensor] = (),
) -> Sequence[Tensor]:
    """The gradients of a function, which know how they depend on its inputs and on those of its results.

    Who asks for that has the function run once more, by TensorFlow's own operations. Forward mode
    (`tf.autodiff.ForwardAccumulator`) asks: it is the gradient of a gradient.

    Args:
        gradients: those of the inputs.
        function: the function by TensorFlow's own operations, from the inputs and the constants to a
            flat sequence of results.
        inputs: what it was called on.
        upstream: the gradients of its results.
        constants: what it reads besides.
    """
    import tensorflow as tf

    count, end = len(inputs), len(inputs) + len(upstream)

    @tf.custom_gradient
    def first(*sources):
        constants = sources[end:]

        def by_tensorflow(*sources):
            return gradients_of(lambda *values: function(*values, *constants), sources[:count], sources[count:])

        def second(*upstream):
            return [*gradients_of(by_tensorflow, sources[:end], upstream), *[None] * len(constants)]

        return gradients, second

    # Forward mode counts what the graph of a gradient reads of another graph: each of these once, here.
    return first(*map(tf.identity, [*inputs, *upstream, *constants]))


def gradients_of(function: Callable, inputs: Sequence[Tensor], upstream: Sequence[Tensor]) -> Sequence[Tensor]:
    """The gradients of a function's inputs, those of its results given: zeros where nothing depends on one.

    Args:
        function: by TensorFlow's own operations.
        inputs: what it is called on.
        upstream: the gradients of its results.
    """
    import tensorflow as tf

    if not tf.executing_eagerly():
        values = [tf.identity(value) for value in inputs]
        return tf.gradients(function(*values), values, upstream, unconnected_gradients="zero")
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        results = function(*inputs)
    found = tape.gradient(results, inputs, upstream)
    if all(each is None for each in found):  # no tape sees anything while forward mode looks on
        return tf.function(gradients_of, autograph=False)(function, inputs, upstream)
    return [tf.zeros_like(value) if each is None else each for each, value in zip(found, inputs)]
