"""The fast path computes what the plain steps compute: outputs, states and every gradient."""

import keras
import numpy as np
import pytest

from seqzoo.layers import RNN, GRUCell, LSTMCell, RNNCell
from seqzoo.layers.backends import own_gradient, xla_loop
from tools import (
    CELLS,
    EVERY_MASK,
    OPTIONS,
    RECURRENT_DROPOUT,
    activations_of,
    assert_same_results,
    fast_and_plain,
    normal,
    results_by_tape,
    results_in_a_graph,
)

tf = pytest.importorskip("tensorflow")
_, _, BACKWARDS, ZEROED, WITHOUT_BIAS = OPTIONS
JIT = pytest.mark.parametrize("jit", [False, True], ids=["graph", "jit"])
pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="the fast path is written for TensorFlow"
)


def _assert_same(fast, plain, x, states, mask=None, training=True, jit=False):
    found = results_in_a_graph(fast, x, states, mask, training, jit)
    if jit and fast.cell.recurrent_dropout:  # XLA draws other numbers
        expected = results_in_a_graph(plain, x, states, mask, training, jit)
    else:
        expected = results_by_tape(plain, x, states, mask, training)
    assert_same_results(found, expected)


@pytest.mark.parametrize(
    ("return_sequences", "masked", "training", "jit"),
    [(False, True, True, False), (False, True, False, True), (True, False, False, False), (True, False, True, True)],
)
@pytest.mark.parametrize("cell", CELLS)
def test_outputs_states_and_gradients(cell, return_sequences, masked, training, jit):
    rng = np.random.default_rng(0)
    fast, plain = fast_and_plain(cell, rng, return_sequences=return_sequences)
    x, states = normal(rng, 3, 6, 3), [normal(rng, 3, 4) for _ in fast.state_size]
    mask = rng.random((3, 6)) > 0.4 if masked else None
    _assert_same(fast, plain, x, states, mask, training, jit)


@pytest.mark.parametrize(
    ("cell", "options", "jit"),
    [
        (RNNCell, BACKWARDS, False),
        (LSTMCell, BACKWARDS, True),
        (GRUCell, ZEROED, False),
        (RNNCell, ZEROED, True),
        (LSTMCell, WITHOUT_BIAS, False),
        (GRUCell, WITHOUT_BIAS, True),
        (GRUCell, RECURRENT_DROPOUT, False),
        (RNNCell, RECURRENT_DROPOUT, True),
    ],
)
def test_options(cell, options, jit):
    rng = np.random.default_rng(0)
    fast, plain = fast_and_plain(cell, rng, **options)
    x, states = normal(rng, 2, 6, 3), [normal(rng, 2, 4) for _ in fast.state_size]
    _assert_same(fast, plain, x, states, rng.random((2, 6)) > 0.4, jit=jit)


@pytest.mark.parametrize(("cell", "jit"), [(RNNCell, False), (GRUCell, True), (LSTMCell, True)])
def test_other_activations(cell, jit):
    rng = np.random.default_rng(0)
    options = {"return_sequences": True, "cell_options": activations_of(cell, "relu", "hard_sigmoid")}
    fast, plain = fast_and_plain(cell, rng, length=8, scale=0.5, **options)
    x, states = normal(rng, 2, 8, 3), [normal(rng, 2, 4) for _ in fast.state_size]
    _assert_same(fast, plain, x, states, rng.random((2, 8)) > 0.4, jit=jit)


@JIT
@pytest.mark.parametrize("cell", CELLS)
def test_any_mask(cell, jit):
    rng = np.random.default_rng(0)
    fast, plain = fast_and_plain(cell, rng, return_sequences=True)
    x, states = normal(rng, *EVERY_MASK.shape, 3), [normal(rng, len(EVERY_MASK), 4) for _ in fast.state_size]
    graph = tf.function(lambda mask: results_by_tape(fast, x, states, mask), jit_compile=jit)
    found, expected = graph(tf.constant(EVERY_MASK)), results_by_tape(plain, x, states, EVERY_MASK)
    assert_same_results(found, expected)


@pytest.mark.parametrize("length", [1, 3, 6, 7])
@pytest.mark.parametrize("cell", CELLS)
def test_products_made_in_blocks_of_steps(cell, length, monkeypatch):
    monkeypatch.setattr(xla_loop, "BLOCK", 2 * 3 * 4 * len(cell.gates) + 1)  # two or three steps
    rng = np.random.default_rng(0)
    fast, plain = fast_and_plain(cell, rng, length=length, return_sequences=True)
    x, states = normal(rng, 2, length, 3), [normal(rng, 2, 4) for _ in fast.state_size]
    mask = rng.random((2, length)) > 0.4
    found = tf.function(fast, jit_compile=True)(x, mask=mask, initial_state=states)  # a tape would do without blocks
    assert_same_results(found, plain(x, mask=mask, initial_state=states))


@pytest.mark.parametrize(
    ("return_sequences", "training", "jit"),
    [(False, False, False), (False, True, True), (True, True, False), (True, False, True)],
)
@pytest.mark.parametrize("cell", CELLS)
def test_batch_and_length_unknown_when_the_graph_is_made(cell, return_sequences, training, jit):
    rng = np.random.default_rng(0)
    fast, plain = fast_and_plain(cell, rng, length=None, return_sequences=return_sequences)
    known = [tf.TensorSpec([None, None, 3]), tf.TensorSpec([None, None], tf.bool)]
    graph = tf.function(lambda x, mask: fast(x, mask=mask, training=training), input_signature=known, jit_compile=jit)
    for batch, length in ((2, 5), (3, 4), (1, 1)):
        x, mask = normal(rng, batch, length, 3), rng.random((batch, length)) > 0.4
        slow = RNN(plain.cell, return_sequences=return_sequences, return_state=True)(x, mask=mask)
        for ours, theirs in zip(graph(x, mask), slow, strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize("options", [{}, {"return_sequences": True}, RECURRENT_DROPOUT], ids=str)
@pytest.mark.parametrize("cell", CELLS)
def test_gradients_where_batch_and_length_are_unknown(cell, options):
    _assert_same_at_any_size(cell, options)


@pytest.mark.parametrize("options", [{}, {"return_sequences": True}, RECURRENT_DROPOUT], ids=str)
def test_an_rnn_of_many_units_in_halves_of_the_batch(options, monkeypatch):
    monkeypatch.setattr(own_gradient, "MANY_UNITS", 4)
    in_halves, run = [], own_gradient.InHalves.with_gradient
    monkeypatch.setattr(
        own_gradient.InHalves, "with_gradient", lambda self, *args: in_halves.append(self) or run(self, *args)
    )
    _assert_same_at_any_size(RNNCell, options)
    assert len(in_halves) == 1  # the graph is made once


def _assert_same_at_any_size(cell, options):
    """Of one graph, for batches and lengths that fill rounds of steps, leave some, and are less than one."""
    rng = np.random.default_rng(0)
    fast, plain = fast_and_plain(cell, rng, length=None, **options)
    known = [tf.TensorSpec([None, None, 3]), [tf.TensorSpec([None, 4])] * len(fast.state_size)]
    mask = tf.TensorSpec([None, None], tf.bool)
    graph = tf.function(lambda x, states, mask: results_by_tape(fast, x, states, mask), input_signature=[*known, mask])
    for batch, length in ((2, 8), (3, 7), (1, 1)):
        x, mask = normal(rng, batch, length, 3), rng.random((batch, length)) > 0.4
        states = [normal(rng, batch, 4) for _ in fast.state_size]
        assert_same_results(graph(x, states, mask), results_by_tape(plain, x, states, mask))


@pytest.mark.parametrize("training", [False, True], ids=["inference", "training"])
@pytest.mark.parametrize("cell", CELLS)
def test_no_step_gives_the_first_states(cell, training):
    rng = np.random.default_rng(0)
    fast, _ = fast_and_plain(cell, rng, return_sequences=True)
    x, states = normal(rng, 2, 0, 3), [normal(rng, 2, 4) for _ in fast.state_size]
    outputs, *last = tf.function(fast)(x, initial_state=states, training=training)
    assert outputs.shape == (2, 0, 4)
    for ours, theirs in zip(last, states, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@JIT
@pytest.mark.parametrize("cell", CELLS)
def test_what_stands_at_a_masked_step_does_not_matter(cell, jit):
    rng = np.random.default_rng(0)
    fast, _ = fast_and_plain(cell, rng, return_sequences=True)
    x, states = normal(rng, 2, 6, 3), [normal(rng, 2, 4) for _ in fast.state_size]
    mask = np.array([[1, 1, 0, 0, 1, 0], [0, 1, 1, 0, 0, 0]], bool)
    call = tf.function(lambda x: fast(x, initial_state=states, mask=mask, training=True), jit_compile=jit)
    expected = call(tf.constant(x))
    x[~mask] = 1e30
    for ours, theirs in zip(call(tf.constant(x)), expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@JIT
@pytest.mark.parametrize("cell", CELLS)
def test_a_long_masked_stretch_carries_the_state_to_the_letter(cell, jit):
    rng = np.random.default_rng(0)
    fast, _ = fast_and_plain(cell, rng, length=None, return_sequences=True)
    x, mask = normal(rng, 2, 2000, 3), np.ones((2, 2000), bool)
    mask[:, 5:] = False
    outputs = tf.function(fast, jit_compile=jit)(x, mask=mask, training=True)[0]
    np.testing.assert_array_equal(outputs[:, -1], outputs[:, 4])


@pytest.mark.parametrize(("policy", "jit"), [("mixed_float16", True), ("mixed_bfloat16", False)])
@pytest.mark.parametrize("cell", CELLS)
def test_half_precision(cell, policy, jit):
    rng = np.random.default_rng(0)
    options = {"dtype": policy, "cell_options": {"dtype": policy}}
    fast, plain = fast_and_plain(cell, rng, return_sequences=True, **options)
    x, mask = normal(rng, 2, 6, 3), rng.random((2, 6)) > 0.4
    calls = (tf.function(fast, jit_compile=jit), plain)
    ours, expected = (tf.cast(call(x, mask=mask, training=True)[0], "float32") for call in calls)
    np.testing.assert_allclose(ours, expected, atol=0.06)


@pytest.mark.parametrize("cell", CELLS)
def test_dropout_of_the_input_is_the_same_at_every_step(cell):
    layer = RNN(cell(4, dropout=0.5, seed=1), return_sequences=True)
    x = np.zeros((1, 2, 8), "float32")
    x[:, 1] = 1.0
    first_step_sees_nothing = layer(x, training=True)[:, 0]
    np.testing.assert_allclose(first_step_sees_nothing, layer(x)[:, 0], atol=1e-7)
    ones = np.ones((1, 1, 8), "float32")
    outputs = {tuple(np.round(layer(ones, training=True).numpy().ravel(), 6)) for _ in range(8)}
    assert len(outputs) > 1


@pytest.mark.parametrize(("training", "jit"), [(False, True), (True, False)])
@pytest.mark.parametrize("cell", CELLS)
def test_a_gradient_runs_the_loop_once_there_and_once_back(cell, training, jit):
    rng = np.random.default_rng(0)
    fast, _ = fast_and_plain(cell, rng)

    def slopes(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            total = tf.reduce_sum(fast(x, training=training)[0])
        return tape.gradient(total, x)

    graph = tf.function(slopes, jit_compile=jit).get_concrete_function(tf.TensorSpec((2, 6, 3))).graph
    assert [operation.type for operation in graph.get_operations()].count("While") <= 2


@pytest.mark.parametrize("cell", CELLS)
def test_a_gradient_through_a_graph_that_was_made_without_a_tape(cell):
    rng = np.random.default_rng(0)
    fast, plain = fast_and_plain(cell, rng, return_sequences=True)
    x, found = tf.constant(normal(rng, 2, 6, 3)), []
    for layer in (fast, plain):
        graph = tf.function(lambda x, layer=layer: layer(x)[0]).get_concrete_function(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            total = tf.reduce_sum(tf.sin(graph(x)))
        found.append(tape.gradient(total, x))
    np.testing.assert_allclose(*found, atol=1e-5)
