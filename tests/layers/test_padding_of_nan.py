"""Whatever stands at a masked step, NaN too: outputs and gradients are those of the row alone."""

import keras
import numpy as np
import pytest
from keras import ops

from seqzoo.layers import RNN, GRUCell, LSTMCell, RNNCell
from tools import BACKEND, CELLS, array, arrays, few_on_jax, gradients, normal, randomise, states_of

each_cell = pytest.mark.parametrize("cell_class", CELLS)
MASK = np.array([[1, 1, 1, 0, 0], [0, 0, 1, 1, 0], [1, 0, 1, 0, 1], [0, 0, 0, 0, 0]], bool)


def run(layer, x, states, mask=None, training=False):
    """The last output and states, and the gradients of the states, of the weights and of x."""
    sources = [keras.Variable(value) for value in (*states, x)]

    def call():
        *first, sequences = (ops.convert_to_tensor(source) for source in sources)
        arguments = {"initial_state": first} if first else {}
        return layer(sequences, mask=mask, training=training, **arguments)

    def total():
        results = call()
        results = results if isinstance(results, tuple) else (results,)
        return sum(ops.sum(ops.sin((i + 1.0) * part)) for i, part in enumerate(results))

    *by_others, by_x = gradients(total, [*sources[:-1], *layer.trainable_weights, sources[-1]])
    return arrays(call()), by_others[: len(states)], by_others[len(states) :], by_x


def assert_rows_alone(layer, x, states, training=False):
    dirty = np.where(MASK[:, :, None], x, np.nan)
    results, by_states, by_weights, by_x = run(layer, dirty, states, MASK, training)
    assert not by_x[~MASK].any()
    total = 0
    for i, keep in enumerate(MASK):
        alone = run(layer, x[i : i + 1, keep], [state[i : i + 1] for state in states], training=training)
        for part, expected in zip((*results, *by_states), (*alone[0], *alone[1]), strict=True):
            np.testing.assert_allclose(part[i], expected[0], atol=2e-5)
        np.testing.assert_allclose(by_x[i, keep], alone[3][0], atol=2e-5)
        total = [a + b for a, b in zip(total, alone[2], strict=True)] if total else alone[2]
    for ours, expected in zip(by_weights, total, strict=True):
        np.testing.assert_allclose(ours, expected, atol=1e-4)


@each_cell
@pytest.mark.parametrize(("go_backwards", "training"), [(False, True), (True, False)])
@pytest.mark.parametrize("cell_options", few_on_jax([{}, {"activation": "softsign"}], few=1), ids=str)
def test_padding_of_nan_is_no_padding(cell_class, cell_options, go_backwards, training):
    rng = np.random.default_rng(0)
    cell = randomise(cell_class(4, **cell_options), rng, features=3)
    layer = RNN(cell, return_state=True, go_backwards=go_backwards)
    layer.build((None, None, 3))
    assert_rows_alone(layer, normal(rng, *MASK.shape, 3), states_of(cell, rng, len(MASK)), training)


@each_cell
def test_in_both_directions(cell_class):
    rng = np.random.default_rng(0)
    layer = keras.layers.Bidirectional(RNN(cell_class(4)))
    layer.build((None, None, 3))
    layer.set_weights([normal(rng, *weight.shape) for weight in layer.weights])
    assert_rows_alone(layer, normal(rng, *MASK.shape, 3), [])


def test_in_a_stack_and_in_cells_of_keras():
    rng = np.random.default_rng(0)
    layer = RNN([LSTMCell(4), keras.layers.GRUCell(3), RNNCell(2)])
    layer.build((None, None, 3))
    layer.set_weights([normal(rng, *weight.shape) for weight in layer.weights])
    assert_rows_alone(layer, normal(rng, *MASK.shape, 3), [])


@each_cell
@pytest.mark.parametrize("dropout", ["dropout", "recurrent_dropout"])
def test_with_dropout(cell_class, dropout):
    """The masks that dropout draws differ from call to call, but no number may be NaN."""
    rng = np.random.default_rng(0)
    cell = randomise(cell_class(4, **{dropout: 0.5}), rng, features=3)
    layer = RNN(cell, return_sequences=True)
    layer.build((None, None, 3))
    x = np.where(MASK[:, :, None], normal(rng, *MASK.shape, 3), np.nan)
    results, by_states, by_weights, by_x = run(layer, x, [], MASK, training=True)
    assert all(np.isfinite(part).all() for part in (*results, *by_weights, by_x))
    assert any(part.any() for part in by_weights) and not by_x[~MASK].any()


@pytest.mark.parametrize("jit_compile", [False, True] if BACKEND != "torch" else [False])
@each_cell
def test_a_model_trains_on_padding_of_nan(cell_class, jit_compile):
    rng = np.random.default_rng(0)
    x = normal(rng, *MASK.shape, 3)
    sequences, mask = keras.Input((None, 3)), keras.Input((None,), dtype="bool")
    model = keras.Model([sequences, mask], RNN(cell_class(4))(sequences, mask=mask))
    model.compile(keras.optimizers.SGD(0.1), "mse", jit_compile=jit_compile)
    first, weights = model.get_weights(), []
    for filling in (0, np.nan):
        model.set_weights(first)
        model.fit([np.where(MASK[:, :, None], x, filling), MASK], np.ones((4, 4)), epochs=2, shuffle=False, verbose=0)
        weights.append([array(weight) for weight in model.get_weights()])
    for before, ours, expected in zip(first, *weights, strict=True):
        np.testing.assert_array_equal(ours, expected)
        assert (ours != before).any()


def test_infinite_padding():
    rng = np.random.default_rng(0)
    layer = RNN(GRUCell(4))
    layer.build((None, None, 3))
    x = normal(rng, *MASK.shape, 3)
    expected = run(layer, x, [], MASK)
    found = run(layer, np.where(MASK[:, :, None], x, np.inf), [], MASK)
    for ours, theirs in zip([*found[0], *found[2], found[3]], [*expected[0], *expected[2], expected[3]]):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)
