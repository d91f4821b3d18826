import keras
import pytest


@pytest.fixture
def in_graph():
    """Makes one graph of a function: on TensorFlow for arrays of these shapes, where None is any size."""
    backend = keras.backend.backend()
    if backend == "torch":
        pytest.skip("torch has no graph: it runs as it stands")

    def graph(function, *shapes):
        if backend == "jax":
            import jax

            return jax.jit(function)
        import tensorflow as tf

        return tf.function(function, input_signature=[tf.TensorSpec(shape) for shape in shapes])

    return graph
