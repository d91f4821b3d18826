"""The packed weights are Keras's, gate for gate: lists and files of weights are the same function."""

import zipfile

import keras
import numpy as np
import pytest

import oracle
from seqzoo.layers import RNN, GRUCell, LSTMCell, RNNCell
from seqzoo.layers.backends.fused_cells import FUSED_CELLS
from tools import BACKEND, CELLS, array, arrays, assert_close, normal, randomise, states_of

each_cell = pytest.mark.parametrize("cell_class", CELLS)
KERAS = {
    RNNCell: keras.layers.SimpleRNNCell,
    GRUCell: lambda units, **kwargs: keras.layers.GRUCell(units, reset_after=False, **kwargs),
    LSTMCell: keras.layers.LSTMCell,
}
sigma = oracle.sigma


def simple_rnn(kernel, recurrent_kernel, bias, x, states):
    h = np.tanh(x @ kernel + bias + states[0] @ recurrent_kernel)
    return [h]


def gru(kernel, recurrent_kernel, bias, x, states):
    (h,) = states
    (x_z, x_r, x_h), (w_z, w_r, w_h) = np.split(x @ kernel + bias, 3, axis=-1), np.split(recurrent_kernel, 3, axis=-1)
    z, r = sigma(x_z + h @ w_z), sigma(x_r + h @ w_r)
    return [z * h + (1 - z) * np.tanh(x_h + (r * h) @ w_h)]


def lstm(kernel, recurrent_kernel, bias, x, states):
    h, c = states
    i, f, candidate, o = np.split(x @ kernel + bias + h @ recurrent_kernel, 4, axis=-1)
    c = sigma(f) * c + sigma(i) * np.tanh(candidate)
    return [sigma(o) * np.tanh(c), c]


KERAS_STEPS = {RNNCell: simple_rnn, GRUCell: gru, LSTMCell: lstm}


def distinct(layer, seed=0):
    """Other random numbers in every weight of a built layer or model."""
    rng = np.random.default_rng(seed)
    layer.set_weights([rng.normal(size=w.shape).astype(w.dtype) * 0.5 for w in layer.get_weights()])
    return layer


def model_over(rnn, cell):
    """A model that has every kind of place in which a recurrent layer's weights are stored."""
    # Keras files the cells of a list under the names of their classes, and RNNCell's is not Keras's.
    cells = cell(3) if cell in (RNNCell, keras.layers.SimpleRNNCell) else [cell(3), cell(2)]
    return keras.Sequential(
        [
            keras.Input((6, 4)),
            keras.layers.Bidirectional(rnn(cell(3), return_sequences=True)),
            rnn(cells, return_sequences=True),
            rnn(cell(5)),
            keras.layers.Dense(2),
        ]
    )


def pair(cell_class):
    """Keras's model, with random weights, and the same one with our cells in our layer."""
    return distinct(model_over(keras.layers.RNN, KERAS[cell_class])), model_over(RNN, cell_class)


X = normal(np.random.default_rng(1), 3, 6, 4)


@each_cell
def test_a_step_is_the_equations_of_keras_on_the_packed_weights(cell_class):
    rng = np.random.default_rng(0)
    cell = cell_class(3)
    cell.build((None, 4))
    distinct(cell)
    x, states = normal(rng, 2, 4), states_of(cell, rng, 2)
    expected = KERAS_STEPS[cell_class](*map(array, cell.get_weights()), array(x), arrays(states))
    output, after = cell(x, states)
    assert_close(after, expected)
    assert_close(output, expected[0])


@each_cell
def test_a_symbol_is_read_from_its_place_in_the_packed_weights(cell_class):
    cell = cell_class(2)
    cell.build((None, 3))
    distinct(cell)
    kernel, recurrent_kernel, bias = cell.get_weights()
    places = {
        RNNCell: {"a": (0, 1)},
        GRUCell: {"u": (0, -1), "r": (1, 1), "c": (2, 1)},
        LSTMCell: {"u": (0, 1), "f": (1, 1), "c": (2, 1), "o": (3, 1)},
    }
    for gate, (block, sign) in places[cell_class].items():
        columns = slice(2 * block, 2 * block + 2)
        matrix = np.concatenate([recurrent_kernel[:, columns].T, kernel[:, columns].T], axis=1)
        np.testing.assert_array_equal(getattr(cell, f"W{gate}"), sign * matrix)
        np.testing.assert_array_equal(getattr(cell, f"b{gate}"), sign * bias[columns])


def test_a_bias_of_zeros_reads_as_zeros_without_a_sign():
    cell = GRUCell(2)
    cell.build((None, 3))
    assert repr(cell.bu) == "array([0., 0.], dtype=float32)"


@each_cell
def test_a_list_of_weights_is_the_same_function_both_ways(cell_class):
    theirs, ours = pair(cell_class)
    expected = array(theirs(X))
    ours.set_weights(theirs.get_weights())
    assert_close(ours(X), expected, atol=1e-6)
    back = model_over(keras.layers.RNN, KERAS[cell_class])
    back.set_weights(ours.get_weights())
    np.testing.assert_array_equal(array(back(X)), expected)
    ours.set_weights(ours.get_weights())
    assert_close(ours(X), expected, atol=1e-6)


@each_cell
def test_a_file_of_weights_is_the_same_function_both_ways(cell_class, tmp_path):
    theirs, ours = pair(cell_class)
    expected = array(theirs(X))
    theirs.save_weights(tmp_path / "theirs.weights.h5")
    ours.load_weights(tmp_path / "theirs.weights.h5")
    assert_close(ours(X), expected, atol=1e-6)
    ours.save_weights(tmp_path / "ours.weights.h5")
    back = model_over(keras.layers.RNN, KERAS[cell_class])
    back.load_weights(tmp_path / "ours.weights.h5")
    np.testing.assert_array_equal(array(back(X)), expected)


@each_cell
def test_every_way_of_running_agrees_on_the_same_list_of_weights(cell_class):
    mask = np.array([[1, 1, 1, 1, 0, 0], [0, 1, 0, 1, 1, 1], [1] * 6], bool)
    theirs = keras.layers.RNN(KERAS[cell_class](5), return_sequences=True)
    theirs.build(X.shape)
    distinct(theirs)
    for options in ({}, {"unroll": True}):
        ours = RNN(cell_class(5), return_sequences=True, **options)
        ours.build(X.shape)
        ours.set_weights(theirs.get_weights())
        for given in (None, mask):
            for training in (False, True):
                assert_close(ours(X, mask=given, training=training), theirs(X, mask=given), atol=1e-6)


@pytest.mark.parametrize("cell_class", [GRUCell, LSTMCell])
def test_a_masked_step_keeps_the_state_to_the_last_bit(cell_class):
    rng = np.random.default_rng(0)
    layer = RNN(randomise(cell_class(4), rng, features=3), return_state=True)
    assert type(layer.cell) in FUSED_CELLS and layer.explain().startswith("Fast path")
    states = [normal(rng, 2, 4) * 3 for _ in layer.state_size]
    _, *after = layer(normal(rng, 2, 5, 3) * 100, initial_state=states, mask=np.zeros((2, 5), bool), training=True)
    for ours, given in zip(after, states, strict=True):
        np.testing.assert_array_equal(array(ours), array(given))


# Files of seqzoo 0.1.0, whose GRU was packed with the notes' sign


def test_a_saved_gru_of_the_old_sign_is_refused():
    config = GRUCell(3).get_config()
    assert GRUCell.from_config(config).units == 3
    del config["reset_after"]
    with pytest.raises(ValueError, match=r"Received: one that seqzoo 0.1.0 has saved.*\n.*`symbols`"):
        GRUCell.from_config(config)
    with pytest.raises(ValueError, match="seqzoo 0.1.0"):
        RNN.from_config({**RNN(GRUCell(3)).get_config(), "cell": old_form(GRUCell(3))})
    assert LSTMCell.from_config(LSTMCell(3).get_config()).units == 3


def test_a_file_with_a_gru_of_the_old_sign_is_refused(tmp_path):
    new, old = tmp_path / "new.keras", tmp_path / "old.keras"
    keras.Sequential([keras.Input((6, 4)), RNN(GRUCell(3))]).save(new)
    keras.models.load_model(new)
    with zipfile.ZipFile(new) as source, zipfile.ZipFile(old, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b', "reset_after": false', b""))
    with pytest.raises(ValueError, match="seqzoo 0.1.0"):
        keras.models.load_model(old)


def old_form(cell):
    form = keras.saving.serialize_keras_object(cell)
    del form["config"]["reset_after"]
    return form


def test_a_configuration_of_the_readers_own_cell_is_not_taken_for_an_old_one():
    class Mine(GRUCell):
        def get_config(self):
            return {"units": self.units}

    assert Mine.from_config(Mine(3).get_config()).units == 3


# What the notes' GRU cannot be


def test_a_gru_cell_that_resets_after_the_product_is_refused():
    with pytest.raises(ValueError, match=r"Expected: reset_after=False.*Received: reset_after=True.*\nTo do: "):
        GRUCell(3, reset_after=True)


@pytest.mark.parametrize("activation", ["relu", "tanh", "hard_sigmoid"])
def test_any_gate_is_that_of_keras(activation):
    theirs = keras.layers.RNN(KERAS[GRUCell](5, recurrent_activation=activation), return_sequences=True)
    theirs.build(X.shape)
    distinct(theirs)
    ours = RNN(GRUCell(5, recurrent_activation=activation), return_sequences=True)
    ours.build(X.shape)
    ours.set_weights(theirs.get_weights())
    assert_close(ours(X), theirs(X), atol=1e-5 if BACKEND != "jax" else 1e-4)
