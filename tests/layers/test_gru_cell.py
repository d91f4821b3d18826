import keras
import numpy as np
import pytest

import oracle
from seqzoo.layers import RNN, GRUCell
from tools import array, as_keras, assert_close, normal, randomise


def test_a_step_is_the_equations_of_the_notes():
    rng = np.random.default_rng(0)
    cell = randomise(GRUCell(3), rng, features=4)
    x, c = normal(rng, 2, 4), normal(rng, 2, 3)
    output, states = cell(x, [c])
    expected = np.array([oracle.gru(cell.symbols, x[i], [c[i]])[0] for i in range(2)])
    assert_close(output, expected)
    assert_close(states, [expected])


def test_an_open_update_gate_takes_the_candidate_and_a_shut_one_the_past():
    rng = np.random.default_rng(1)
    cell = randomise(GRUCell(3), rng, features=4)
    x, c = normal(rng, 2, 4), normal(rng, 2, 3)
    cell.bu = np.full(3, -100.0)
    assert_close(cell(x, [c])[0], c)
    cell.bu, cell.br = np.full(3, 100.0), np.full(3, -100.0)
    w = oracle.double(cell.symbols)
    candidate = np.tanh(x @ w["Wc"][:, 3:].T + w["bc"])
    assert_close(cell(x, [c])[0], candidate)


@pytest.mark.parametrize("use_bias", [True, False])
def test_it_is_the_gru_of_keras_with_reset_before_and_the_gate_turned(use_bias):
    rng = np.random.default_rng(2)
    cell = randomise(GRUCell(3, use_bias=use_bias), rng, features=4)
    x, c = normal(rng, 2, 6, 4), normal(rng, 2, 3)
    ours = RNN(cell, return_sequences=True, return_state=True)(x, initial_state=[c])
    theirs = as_keras(cell, return_sequences=True, return_state=True)(x, initial_state=[c])
    assert_close(ours, theirs)


def test_it_is_not_the_default_gru_of_keras():
    rng = np.random.default_rng(3)
    cell = randomise(GRUCell(3, use_bias=False), rng, features=4)
    x = normal(rng, 2, 6, 4)
    other = keras.layers.GRU(3, use_bias=False)
    other.cell.build((None, 4))
    other.cell.set_weights(as_keras(cell).cell.get_weights())
    assert np.abs(array(RNN(cell)(x)) - array(other(x))).max() > 1e-3


def test_it_runs_in_the_rnn_of_keras():
    rng = np.random.default_rng(4)
    cell = randomise(GRUCell(3), rng, features=4)
    x, mask = normal(rng, 2, 6, 4), np.array([[1, 1, 1, 0, 1, 0], [0, 1, 0, 0, 1, 1]], bool)
    ours = RNN(cell, return_sequences=True, return_state=True)(x, mask=mask)
    theirs = keras.layers.RNN(cell, return_sequences=True, return_state=True)(x, mask=mask)
    assert_close(ours, theirs)
    assert np.abs(array(ours[0])).max() > 0.1
