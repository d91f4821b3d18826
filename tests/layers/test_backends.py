"""The fast path of the backend that runs computes what the plain steps compute.

Outputs, states and every gradient: of torch's own loop, and of the steps with packed gates on
JAX and of the GRU on torch. What only TensorFlow's own gradient has is in test_own_gradient.py.
"""

import itertools

import keras
import numpy as np
import pytest
from keras import tree

import oracle
from seqzoo.layers import RNN, GRUCell, LSTMCell, RNNCell
from tools import (
    BACKEND,
    CELLS,
    EVERY_MASK,
    OPTIONS,
    RECURRENT_DROPOUT,
    activations_of,
    array,
    assert_close,
    assert_same_results,
    fast_and_plain,
    few_on_jax,
    normal,
    randomise,
    results,
)


def assert_same(fast, plain, x, states, mask=None, training=True):
    assert_same_results(*(results(layer, x, states, mask, training) for layer in (fast, plain)))


@pytest.mark.parametrize(
    ("training_with_a_mask", "options"),
    few_on_jax(itertools.product([True, False], [*OPTIONS, RECURRENT_DROPOUT]), few=7),
    ids=str,
)
@pytest.mark.parametrize("cell", CELLS)
def test_outputs_states_and_gradients(cell, options, training_with_a_mask):
    rng = np.random.default_rng(0)
    fast, plain = fast_and_plain(cell, rng, **options)
    x, states = normal(rng, 3, 6, 3), [normal(rng, 3, 4) for _ in fast.state_size]
    mask = rng.random((3, 6)) > 0.4 if training_with_a_mask else None
    assert_same(fast, plain, x, states, mask, training_with_a_mask)


@pytest.mark.parametrize(
    ("options", "training"), [({}, False), ({"return_sequences": True, "zero_output_for_mask": True}, True)], ids=str
)
def test_cells_stacked_within_each_step(options, training):
    rng = np.random.default_rng(0)
    dropouts = {"dropout": 0.3, "recurrent_dropout": 0.3, "seed": 1}
    fast, plain = fast_and_plain([LSTMCell, GRUCell, RNNCell], rng, cell_options=dropouts, **options)
    sizes = tree.flatten(fast.state_size)
    x, states = normal(rng, 3, 6, 3), [normal(rng, 3, size) for size in sizes]
    assert fast.explain().startswith("One cell after the other") and len(sizes) == 4
    mask = np.array([[1, 1, 0, 1, 1, 0], [0, 0, 1, 1, 0, 0], [0] * 6], bool)
    assert_same(fast, plain, x, states, mask, training)


@pytest.mark.parametrize("activation", few_on_jax(["relu", "softmax", "linear", "sigmoid", "hard_sigmoid", "gelu"]))
@pytest.mark.parametrize("cell", CELLS)
def test_any_activation(cell, activation):
    rng = np.random.default_rng(0)
    cell_options = activations_of(cell, activation, "hard_sigmoid")
    fast, plain = fast_and_plain(cell, rng, scale=0.5, return_sequences=True, cell_options=cell_options)
    x, states = normal(rng, 3, 6, 3), [normal(rng, 3, 4) for _ in fast.state_size]
    assert_same(fast, plain, x, states, rng.random((3, 6)) > 0.4)


@pytest.mark.parametrize("cell", CELLS)
def test_any_mask(cell):
    rng = np.random.default_rng(0)
    fast, plain = fast_and_plain(cell, rng, return_sequences=True)
    states = [normal(rng, len(EVERY_MASK), 4) for _ in fast.state_size]
    assert_same(fast, plain, normal(rng, *EVERY_MASK.shape, 3), states, EVERY_MASK)


@pytest.mark.parametrize("cell", CELLS)
def test_what_stands_at_a_masked_step_does_not_matter(cell):
    rng = np.random.default_rng(0)
    fast, _ = fast_and_plain(cell, rng, return_sequences=True)
    x, states = normal(rng, 2, 6, 3), [normal(rng, 2, 4) for _ in fast.state_size]
    mask = np.array([[1, 1, 0, 0, 1, 0], [0, 1, 1, 0, 0, 0]], bool)
    expected = results(fast, x, states, mask)
    x[~mask] = 1e30
    for ours, theirs in zip(results(fast, x, states, mask), expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("cell", CELLS)
def test_dropout_is_the_same_at_every_step(cell):
    layer = RNN(cell(4, dropout=0.5, seed=0), return_sequences=True)
    layer.build((None, 6, 3))
    assert layer.explain(training=True).startswith("Fast path")
    x = np.ones((64, 6, 3), "float32")
    layer.cell.recurrent_kernel.assign(np.zeros(layer.cell.recurrent_kernel.shape))
    if cell is RNNCell:  # nothing carries over: equal inputs give equal outputs
        a = array(layer(x, training=True))
        np.testing.assert_allclose(a, np.repeat(a[:, :1], 6, axis=1), atol=1e-6)
        assert len(np.unique(a[:, 0].round(4), axis=0)) > 4
    a = array(layer(x, training=False))
    assert np.ptp(a, axis=0).max() < 1e-6


@pytest.mark.parametrize("cell", CELLS)
def test_recurrent_dropout_is_that_of_the_notes(cell):
    """What it drops of a⟨t−1⟩ no recurrent weight sees, as if these were other weights in each row."""
    rng = np.random.default_rng(0)
    layer = RNN(randomise(cell(4, recurrent_dropout=0.5, seed=1), rng, features=3), return_sequences=True)
    x = normal(rng, 5, 6, 3)
    found = array(layer(x, training=True))
    dropped = array(cell(4, recurrent_dropout=0.5, seed=1).get_recurrent_dropout_mask(np.ones((5, 4), "float32")))
    assert set(np.unique(dropped)) == {0, 2}
    kernel = array(layer.cell.recurrent_kernel)
    for row, a, mask in zip(x[:, None], found[:, None], dropped):
        layer.cell.recurrent_kernel.assign(kernel * mask[:, None])
        zeros = [np.zeros((1, 4)) for _ in layer.state_size]
        assert_close(a, oracle.run(oracle.STEPS[cell.__name__], layer.cell.symbols, row, zeros)[0])


def test_which_path_it_is_is_said():
    said = {cell: RNN(cell(2)).explain() for cell in CELLS}
    own, steps = (
        "Fast path: torch's own loop, cuDNN's on a GPU.",
        "Fast path: the gates of a step are one matrix product.",
    )
    if BACKEND == "torch":
        assert said == {RNNCell: own, LSTMCell: own, GRUCell: steps}
    elif BACKEND == "jax":
        steps = "Fast path: the gates of a step are one matrix product, the gradient of a weight one for all steps."
        assert said == dict.fromkeys(CELLS, steps)
    else:
        assert all("input products are made for many steps at once" in sentence for sentence in said.values())
    assert RNN(LSTMCell(2, activation="gelu")).explain() == steps


@pytest.mark.parametrize("cell", few_on_jax([LSTMCell, GRUCell, RNNCell], few=1))
def test_it_trains_in_a_model(cell):
    x = np.random.default_rng(0).normal(size=(64, 8, 3)).astype("float32")
    y = (x.sum((1, 2)) > 0).astype("float32")
    model = keras.Sequential([RNN(cell(8)), keras.layers.Dense(1, "sigmoid")])
    model.compile(keras.optimizers.Adam(0.05), "binary_crossentropy")
    losses = model.fit(x, y, epochs=20, verbose=0).history["loss"]
    assert losses[-1] < losses[0] / 2


@pytest.mark.parametrize(
    "layer, reason",
    [
        (RNN(LSTMCell(2, recurrent_activation="softmax")), "the gates' activation is softmax"),
        (RNN([RNNCell(2), keras.layers.GRUCell(2)]), "the cells of the notes, not GRUCell"),
        (RNN(keras.layers.LSTMCell(2)), "the cells of the notes"),
        (RNN(RNNCell(2), unroll=True), "unroll=True"),
    ],
)
def test_what_costs_speed_is_said_and_never_raises(layer, reason):
    assert reason in layer.explain() and layer.explain().startswith("Plain steps")
    assert layer(np.ones((2, 3, 4), "float32")).shape == (2, 2)


@pytest.mark.skipif(BACKEND != "torch", reason="only torch has a loop of its own on a CPU")
def test_recurrent_dropout_is_not_for_the_loop_of_torch():
    layer = RNN(LSTMCell(2, recurrent_dropout=0.1))
    assert "torch's own loop" in layer.explain(training=False)
    assert "one matrix product" in layer.explain(training=True)
