import keras
import numpy as np
import pytest

import oracle
from seqzoo.layers import RNN, RNNCell
from tools import array, as_keras, assert_close, normal, randomise


def test_a_step_is_the_equation_of_the_notes():
    rng = np.random.default_rng(0)
    cell = randomise(RNNCell(3), rng, features=4)
    x, a = normal(rng, 2, 4), normal(rng, 2, 3)
    output, states = cell(x, [a])
    expected = [oracle.rnn_unit(cell.symbols, x[i], [a[i]])[0] for i in range(2)]
    assert_close(output, np.array(expected))
    assert_close(states, [np.array(expected)])


def test_g_is_the_activation():
    rng = np.random.default_rng(1)
    cell = randomise(RNNCell(3, activation="relu"), rng, features=4)
    x, a = normal(rng, 2, 4), normal(rng, 2, 3)
    expected = [oracle.rnn_unit(cell.symbols, x[i], [a[i]], g=lambda z: np.maximum(z, 0))[0] for i in range(2)]
    assert_close(cell(x, [a])[0], np.array(expected))


def test_wa_is_waa_beside_wax():
    cell = randomise(RNNCell(3), np.random.default_rng(2), features=4)
    assert cell.Waa.shape == (3, 3) and cell.Wax.shape == (3, 4)
    np.testing.assert_array_equal(cell.Wa, np.hstack([cell.Waa, cell.Wax]))
    waa, wax = np.eye(3) * 0.5, np.full((3, 4), 0.25)
    cell.Waa, cell.Wax = waa, wax
    np.testing.assert_array_equal(cell.Wa, np.hstack([waa, wax]))


@pytest.mark.parametrize("use_bias", [True, False])
def test_it_is_the_simple_rnn_of_keras(use_bias):
    rng = np.random.default_rng(3)
    cell = randomise(RNNCell(3, use_bias=use_bias), rng, features=4)
    x, a = normal(rng, 2, 6, 4), normal(rng, 2, 3)
    ours = RNN(cell, return_sequences=True, return_state=True)(x, initial_state=[a])
    theirs = as_keras(cell, return_sequences=True, return_state=True)(x, initial_state=[a])
    assert_close(ours, theirs)


def test_it_runs_in_the_rnn_of_keras():
    rng = np.random.default_rng(4)
    cell = randomise(RNNCell(3), rng, features=4)
    x, mask = normal(rng, 2, 6, 4), np.array([[1, 1, 1, 0, 1, 0], [0, 1, 0, 0, 1, 1]], bool)
    ours = RNN(cell, return_sequences=True, return_state=True)(x, mask=mask)
    theirs = keras.layers.RNN(cell, return_sequences=True, return_state=True)(x, mask=mask)
    assert_close(ours, theirs)
    assert np.abs(array(ours[0])).max() > 0.1
