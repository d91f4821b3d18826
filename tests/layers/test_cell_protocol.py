"""Cells are called as Keras's cells are: with bare states, and by Keras's names of the arguments."""

import keras
import numpy as np
import pytest

from seqzoo.layers import RNN, GRUCell, LSTMCell, RNNCell
from tools import CELLS, array, assert_close, normal, randomise, states_of

THEIRS = {RNNCell: keras.layers.SimpleRNNCell, GRUCell: keras.layers.GRUCell}


@pytest.mark.parametrize("cell_class", THEIRS)
def test_a_bare_state_gives_a_bare_state(cell_class):
    rng = np.random.default_rng(0)
    cell = randomise(cell_class(4), rng, features=3)
    x, (state,) = normal(rng, 2, 3), states_of(cell, rng, 2)
    output, after = cell(x, state)
    expected, (in_list,) = cell(x, [state])
    assert_close([output, after], [expected, in_list])
    theirs = THEIRS[cell_class](4)
    assert type(after) is type(theirs(x, state)[1])


@pytest.mark.parametrize("cell_class", CELLS)
def test_arguments_have_the_names_of_keras(cell_class):
    rng = np.random.default_rng(0)
    cell = randomise(cell_class(4), rng, features=3)
    x, states = normal(rng, 2, 3), states_of(cell, rng, 2)
    assert_close(cell(inputs=x, states=states, training=False), cell(x, states))


def test_a_bare_state_may_be_symbolic():
    x, state = keras.Input((3,)), keras.Input((4,))
    model = keras.Model([x, state], GRUCell(4)(x, state))
    assert [tuple(part.shape) for part in model.outputs] == [(None, 4), (None, 4)]


@pytest.mark.parametrize("states", [lambda a: a, lambda a: [a], lambda a: [a, a, a]], ids=["bare", "one", "three"])
def test_another_number_of_states_is_refused(states):
    with pytest.raises(ValueError, match=r"'lstm' expects 2 states. Received: \d. Give a list"):
        LSTMCell(4, name="lstm")(np.ones((2, 3)), states(np.ones((2, 4))))


def test_keras_runs_the_cells():
    rng = np.random.default_rng(0)
    x, cells = normal(rng, 2, 5, 3), [LSTMCell(4, recurrent_dropout=0.3), GRUCell(3)]
    theirs = keras.layers.RNN(cells, return_sequences=True)
    assert_close(RNN(theirs.cell, return_sequences=True)(x), theirs(x))
    assert np.isfinite(array(theirs(x, training=True))).all()
