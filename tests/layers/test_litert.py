"""Layers on a phone: LiteRT runs them with its own operations, at any length, and one step at a time."""

import keras
import numpy as np
import pytest

from seqzoo.layers import RNN, Bidirectional, GRUCell
from tools import CELLS, normal

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow" or not hasattr(tf, "lite"), reason="LiteRT takes programs of TensorFlow's"
)


def converted(function, *specs):
    graph = tf.function(function).get_concrete_function(*specs)
    return tf.lite.Interpreter(model_content=tf.lite.TFLiteConverter.from_concrete_functions([graph]).convert())


def run(interpreter, x):
    (given,), (result,) = interpreter.get_input_details(), interpreter.get_output_details()
    interpreter.resize_tensor_input(given["index"], x.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(given["index"], x)
    interpreter.invoke()
    return interpreter.get_tensor(result["index"])


LAYERS = {
    "last": lambda cell: RNN(cell),
    "sequences": lambda cell: RNN(cell, return_sequences=True, go_backwards=True),
    "both": lambda cell: Bidirectional(RNN(cell, return_sequences=True)),
}


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("cell_class", CELLS)
def test_a_layer_converts_for_any_length(cell_class, layer):
    layer, rng = LAYERS[layer](cell_class(4)), np.random.default_rng(0)
    layer.build((1, None, 8))
    phone = converted(lambda x: layer(x), tf.TensorSpec((1, None, 8)))
    for time in (5, 9, 1):
        x = normal(rng, 1, time, 8)
        np.testing.assert_allclose(run(phone, x), layer(x), atol=1e-6)


def test_what_steps_plainly_converts():
    layer = RNN([GRUCell(4, recurrent_activation="softmax"), GRUCell(3)])
    assert layer.explain().startswith("Plain steps")
    layer.build((1, None, 8))
    x = normal(np.random.default_rng(0), 1, 6, 8)
    phone = converted(lambda x: layer(x), tf.TensorSpec((1, None, 8)))
    np.testing.assert_allclose(run(phone, x), layer(x), atol=1e-6)


@pytest.mark.parametrize("cell_class", CELLS)
def test_one_step_of_a_stream_converts(cell_class):
    layer = RNN(cell_class(4), return_state=True)
    layer.build((1, None, 8))
    x, rows = normal(np.random.default_rng(0), 1, 6, 8), [tf.TensorSpec((1, 4)) for _ in layer.state_size]

    def step(x, *states):
        return layer(x[:, None], initial_state=list(states))[1:]

    phone = converted(step, tf.TensorSpec((1, 8)), *rows)
    phone.allocate_tensors()
    first, *given = (part["index"] for part in phone.get_input_details())
    states = [np.zeros((1, 4), "float32") for _ in rows]
    for t in range(6):
        for index, value in zip((first, *given), (x[:, t], *states)):
            phone.set_tensor(index, value)
        phone.invoke()
        states = [phone.get_tensor(part["index"]) for part in phone.get_output_details()]
    for ours, expected in zip(states, layer(x)[1:], strict=True):
        np.testing.assert_allclose(ours, expected, atol=1e-6)
