import keras
import numpy as np
import pytest

import oracle
from seqzoo.layers import RNN, LSTMCell
from tools import array, as_keras, assert_close, normal, randomise


def test_a_step_is_the_equations_of_the_notes():
    rng = np.random.default_rng(0)
    cell = randomise(LSTMCell(3), rng, features=4)
    x, a, c = normal(rng, 2, 4), normal(rng, 2, 3), normal(rng, 2, 3)
    output, states = cell(x, [a, c])
    rows = [oracle.lstm(cell.symbols, x[i], [a[i], c[i]])[1] for i in range(2)]
    expected = [np.array(state) for state in zip(*rows)]
    assert_close(output, expected[0])
    assert_close(states, expected)


def test_each_gate_does_what_its_name_says():
    rng = np.random.default_rng(1)
    cell = randomise(LSTMCell(3), rng, features=4)
    x, a, c = normal(rng, 2, 4), normal(rng, 2, 3), normal(rng, 2, 3)
    cell.bu, cell.bf, cell.bo = np.full(3, -100.0), np.full(3, 100.0), np.full(3, 100.0)
    _, (kept_a, kept_c) = cell(x, [a, c])
    assert_close([kept_a, kept_c], [np.tanh(c), c])
    cell.bo = np.full(3, -100.0)
    _, (shut_a, _) = cell(x, [a, c])
    assert_close(shut_a, np.zeros((2, 3)))
    cell.bf = np.full(3, -100.0)
    _, (_, empty_c) = cell(x, [a, c])
    assert_close(empty_c, np.zeros((2, 3)))


@pytest.mark.parametrize("unit_forget_bias", [True, False])
def test_only_the_forget_bias_starts_at_one(unit_forget_bias):
    cell = LSTMCell(3, unit_forget_bias=unit_forget_bias, bias_initializer=keras.initializers.Constant(0.25))
    cell.build((None, 4))
    np.testing.assert_array_equal(cell.bf, np.ones(3) if unit_forget_bias else np.full(3, 0.25))
    for bias in (cell.bu, cell.bc, cell.bo):
        np.testing.assert_array_equal(bias, np.full(3, 0.25))


@pytest.mark.parametrize("use_bias", [True, False])
def test_it_is_the_lstm_of_keras(use_bias):
    rng = np.random.default_rng(2)
    cell = randomise(LSTMCell(3, use_bias=use_bias), rng, features=4)
    x, states = normal(rng, 2, 6, 4), [normal(rng, 2, 3), normal(rng, 2, 3)]
    ours = RNN(cell, return_sequences=True, return_state=True)(x, initial_state=states)
    theirs = as_keras(cell, return_sequences=True, return_state=True)(x, initial_state=states)
    assert_close(ours, theirs)


def test_it_runs_in_the_rnn_of_keras():
    rng = np.random.default_rng(3)
    cell = randomise(LSTMCell(3), rng, features=4)
    x, mask = normal(rng, 2, 6, 4), np.array([[1, 1, 1, 0, 1, 0], [0, 1, 0, 0, 1, 1]], bool)
    ours = RNN(cell, return_sequences=True, return_state=True)(x, mask=mask)
    theirs = keras.layers.RNN(cell, return_sequences=True, return_state=True)(x, mask=mask)
    assert_close(ours, theirs)
    assert np.abs(array(ours[0])).max() > 0.1


def test_random_biases_are_those_that_keras_draws():
    ours, theirs = (
        make(3, bias_initializer=keras.initializers.RandomNormal(seed=1)) for make in (LSTMCell, keras.layers.LSTMCell)
    )
    for cell in (ours, theirs):
        cell.build((None, 2))
    np.testing.assert_array_equal(array(ours.bias), array(theirs.bias))
    assert not np.allclose(ours.bc, ours.bo)
