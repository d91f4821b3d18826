"""A gradient made by hand, or by a library, that can be differentiated all the same. TensorFlow only."""

from collections.abc import Callable, Sequence

from seqzoo.layers.backends.base import Tensor


def differentiable_again(
    gradients: Sequence[Tensor], function: Callable, inputs: Sequence[Tensor], upstream: Sequence[Tensor]
) -> Sequence[Tensor]:
    """The gradients of a function, which know how they depend on its inputs and on those of its results.

    Who asks for that has the function run once more, by TensorFlow's own operations.

    Args:
        gradients: those of the inputs.
        function: the function by TensorFlow's own operations, from the inputs to a flat sequence of results.
        inputs: what it was called on.
        upstream: the gradients of its results.
    """
    import tensorflow as tf

    def by_tensorflow(*sources):
        values, upstream = sources[: len(inputs)], sources[len(inputs) :]
        with tf.GradientTape() as tape:
            tape.watch(values)
            results = function(*values)
        return tape.gradient(results, values, upstream, unconnected_gradients="zero")

    @tf.custom_gradient
    def first(*sources):
        def second(*upstream):
            with tf.GradientTape() as tape:
                tape.watch(sources)
                slopes = by_tensorflow(*sources)
            return tape.gradient(slopes, sources, upstream, unconnected_gradients="zero")

        return gradients, second

    return first(*inputs, *upstream)
