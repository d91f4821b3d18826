"""A stream in a function that TensorFlow or JAX compiles: right, or refused."""

import numpy as np
import pytest

from seqzoo.layers import RNN, GRUCell, LSTMCell, Stream
from tools import BACKEND, array, assert_close, normal

pytestmark = pytest.mark.skipif(BACKEND == "torch", reason="torch compiles the states too")


def compiled(function):
    if BACKEND == "tensorflow":
        import tensorflow as tf

        return tf.function(function)
    import jax

    return jax.jit(function)


@pytest.fixture
def layer():
    layer = RNN(LSTMCell(4), return_sequences=True)
    layer.build((2, None, 3))
    return layer


@pytest.mark.parametrize("begun", [False, True])
def test_a_stream_from_outside_is_refused(layer, begun):
    stream = Stream(layer)
    x = normal(np.random.default_rng(0), 2, 6, 3)
    if begun:
        stream(x[:, :2])
    before = stream.states
    for call in (stream, stream.step):
        with pytest.raises(ValueError, match="made outside of it. Call the stream uncompiled; or compile"):
            compiled(call)(x if call is stream else x[:, 0])
    assert stream.states is before
    stream.reset()
    assert_close(stream(x), layer(x))


def test_a_stream_from_inside_is_right(layer):
    x = normal(np.random.default_rng(0), 2, 6, 3)

    def run(x):
        stream = Stream(layer)
        stream(x[:, :2])
        return stream(x[:, 2:])

    graph = compiled(run)
    for sequences in (x, -x):
        assert_close(graph(sequences), array(layer(sequences))[:, 2:])


def test_what_the_message_advises_is_right():
    layer = RNN(GRUCell(4), return_state=True)
    layer.build((2, None, 3))
    step = compiled(lambda x, state: layer(x[:, None], initial_state=[state])[1])
    x, state = normal(np.random.default_rng(0), 2, 6, 3), np.zeros((2, 4), "float32")
    for t in range(6):
        state = step(x[:, t], state)
    assert_close(state, layer(x)[0])
