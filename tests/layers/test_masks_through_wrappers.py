"""A mask goes through wrappers, whatever Keras's own do with it: a padded row gives what the row alone gives."""

import keras
import numpy as np
import pytest

from seqzoo import many_to_many, many_to_one
from seqzoo.layers import RNN, Bidirectional, LSTMCell, OutputUnit, TimeDistributed, convert_model
from tools import CELLS, array, assert_close, mask_of, normal

SHORT, LONG = np.array([[4, 7, 2]]), np.array([[4, 7, 2, 0, 0]])


def words():
    ids = keras.Input((None,), dtype="int32")
    return ids, keras.layers.Embedding(9, 3, mask_zero=True)(ids)


def randomised(model):
    rng = np.random.default_rng(0)
    model.set_weights([normal(rng, *weight.shape) for weight in model.weights])
    return model


def assert_padding_changes_nothing(model):
    alone, padded = model(SHORT), model(LONG)
    assert_close(padded[:, :3] if len(padded.shape) == 3 else padded, alone)
    assert not np.allclose(array(model(np.array([[4, 7, 2, 5, 5]])))[:, -1], array(alone)[:, -1], atol=1e-3)


@pytest.mark.parametrize("build", [many_to_one, many_to_many])
@pytest.mark.parametrize("cell", CELLS)
def test_in_the_builders(build, cell):
    ids, x = words()
    model = randomised(build(x, outputs=2, activation=None, cell=cell, units=4, layers=2, bidirectional=True))
    assert_padding_changes_nothing(model)


@pytest.mark.parametrize("merge_mode", ["concat", "sum", None])
@pytest.mark.parametrize("return_state", [False, True])
def test_of_both_directions(merge_mode, return_state):
    layer = RNN(LSTMCell(4), return_sequences=True, return_state=return_state)
    layer = Bidirectional(layer, merge_mode=merge_mode)
    embedding = keras.layers.Embedding(9, 3, mask_zero=True)
    found = layer(embedding(LONG))
    outputs = found if isinstance(found, (list, tuple)) else [found]
    sequences = 2 if merge_mode is None else 1
    for output in outputs[:sequences]:
        np.testing.assert_array_equal(mask_of(output), LONG > 0)


def test_of_every_moment():
    ids, x = words()
    dense = TimeDistributed(keras.layers.Dense(5))(x)
    assert_padding_changes_nothing(randomised(keras.Model(ids, RNN(LSTMCell(4))(dense))))


def test_a_file_keeps_the_wrapper(tmp_path):
    ids, x = words()
    both = Bidirectional(RNN(LSTMCell(4), return_sequences=True))(TimeDistributed(OutputUnit(5))(x))
    model = randomised(keras.Model(ids, RNN(LSTMCell(3))(both)))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert_padding_changes_nothing(loaded)
    assert_close(loaded(LONG), model(LONG))


def test_converted_from_keras():
    ids, x = words()
    x = keras.layers.TimeDistributed(keras.layers.Dense(5))(x)
    x = keras.layers.Bidirectional(keras.layers.LSTM(4, return_sequences=True))(x)
    theirs = randomised(keras.Model(ids, keras.layers.SimpleRNN(3)(x)))
    ours = convert_model(theirs)
    assert_close(ours(SHORT), theirs(SHORT))
    assert_padding_changes_nothing(ours)


def test_converted_to_keras():
    ids, x = words()
    x = TimeDistributed(keras.layers.Dense(5))(x)
    x = Bidirectional(RNN(LSTMCell(4), return_sequences=True))(x)
    ours = randomised(keras.Model(ids, RNN(LSTMCell(3))(x)))
    theirs = convert_model(ours, to="keras")
    assert_close(theirs(LONG), ours(LONG))
    assert_padding_changes_nothing(theirs)
