"""Models whose layers are not all there is: operations, masks, shared and nested parts, and subclasses."""

import keras
import numpy as np
import pytest
from keras import ops

from seqzoo.layers import RNN, convert_model
from seqzoo.layers.nested import layers_in
from tools import assert_close, normal


def randomised(model):
    rng = np.random.default_rng(0)
    model.set_weights([normal(rng, *weight.shape) for weight in model.weights])
    return model


def assert_same(model, *inputs):
    ours = convert_model(model)
    assert any(isinstance(layer, RNN) for layer in layers_in(ours))
    assert_close(ours(*inputs), model(*inputs))
    assert_close(convert_model(ours, to="keras")(*inputs), model(*inputs))


@pytest.mark.parametrize("mask_zero", [False, True])
def test_a_functional_model_over_words(mask_zero):
    ids = keras.Input((None,), dtype="int32")
    x = keras.layers.Embedding(9, 3, mask_zero=mask_zero)(ids)
    model = randomised(keras.Model(ids, keras.layers.LSTM(4)(x)))
    assert_same(model, np.array([[4, 7, 2, 0], [1, 0, 0, 0]]))


def test_operations_between_layers():
    x = keras.Input((5, 3))
    y = keras.layers.LSTM(4)(x) * 2 + ops.mean(x, axis=(1, 2), keepdims=False)[:, None]
    model = randomised(keras.Model(x, ops.concatenate([y, ops.tanh(y[:, :2])], axis=-1)))
    assert_same(model, normal(np.random.default_rng(1), 2, 5, 3))


def test_operations_in_a_nested_model_and_a_layer_used_twice():
    x = keras.Input((5, 3))
    inner = keras.Model(x, keras.layers.GRU(3, reset_after=False, return_sequences=True)(x) - x)
    model = randomised(keras.Model(x, keras.layers.SimpleRNN(4)(inner(inner(x) / 2))))
    assert_same(model, normal(np.random.default_rng(1), 2, 5, 3))


def test_a_subclassed_layer_is_refused_by_its_name():
    class Own(keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.recurrent = keras.layers.LSTM(4)

        def call(self, x):
            return self.recurrent(x) * 2

    x = keras.Input((5, 3))
    with pytest.raises(ValueError, match="Own 'own_one'"):
        convert_model(keras.Model(x, Own(name="own_one")(x) + 1))
