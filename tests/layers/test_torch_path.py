"""On torch, torch's own loop computes what the plain steps compute: outputs, states, every gradient."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tools import array, fast_and_plain, normal

from seqzoo.layers import RNN, GRUCell, LSTMCell, RNNCell

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.skipif(keras.backend.backend() != "torch", reason="it is torch's own loop")
CELLS = [RNNCell, LSTMCell]


def results(layer, x, states, training, mask=None):
    """Outputs, states, and the gradients of x, the states and the weights."""
    device = layer.weights[0].value.device
    sources = [torch.tensor(value, device=device, requires_grad=True) for value in (x, *states)]
    found = layer(sources[0], initial_state=sources[1:], mask=mask, training=training)
    total = sum(torch.sin((i + 1.0) * part).sum() for i, part in enumerate(found))
    gradients = torch.autograd.grad(total, [*sources, *(w.value for w in layer.trainable_weights)])
    return [array(part.detach()) for part in (*found, *gradients)]


def assert_same(fast, plain, x, states, training=True, mask=None):
    both = (results(layer, x, states, training, mask) for layer in (fast, plain))
    for ours, theirs in zip(*both, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=5e-5)


@pytest.mark.parametrize("masked", [False, True], ids=["unmasked", "masked"])
@pytest.mark.parametrize("training", [False, True], ids=["inference", "training"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"return_sequences": True},
        {"return_sequences": True, "go_backwards": True},
        {"return_sequences": True, "zero_output_for_mask": True},
        {"return_sequences": True, "cell_options": {"use_bias": False}},
    ],
    ids=str,
)
@pytest.mark.parametrize("cell", CELLS)
def test_outputs_states_and_gradients(cell, options, training, masked):
    rng = np.random.default_rng(0)
    fast, plain = fast_and_plain(cell, rng, **options)
    x, states = normal(rng, 3, 6, 3), [normal(rng, 3, 4) for _ in fast.state_size]
    assert_same(fast, plain, x, states, training, rng.random((3, 6)) > 0.4 if masked else None)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_mask(data):
    batch, time = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 5))
    cell = data.draw(st.sampled_from(CELLS))
    rows = st.lists(st.booleans(), min_size=time, max_size=time)
    mask = np.array(data.draw(st.lists(rows, min_size=batch, max_size=batch)))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    fast, plain = fast_and_plain(cell, rng, length=time, return_sequences=True)
    x, states = normal(rng, batch, time, 3), [normal(rng, batch, 4) for _ in fast.state_size]
    assert_same(fast, plain, x, states, mask=mask)


@pytest.mark.parametrize("cell", CELLS)
def test_what_stands_at_a_masked_step_does_not_matter(cell):
    rng = np.random.default_rng(0)
    fast, _ = fast_and_plain(cell, rng, return_sequences=True)
    x, states = normal(rng, 2, 6, 3), [normal(rng, 2, 4) for _ in fast.state_size]
    mask = np.array([[1, 1, 0, 0, 1, 0], [0, 1, 1, 0, 0, 0]], bool)
    expected = results(fast, x, states, True, mask)
    x[~mask] = np.nan
    for ours, theirs in zip(results(fast, x, states, True, mask), expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("cell", CELLS)
def test_dropout_is_the_same_at_every_step(cell):
    layer = RNN(cell(4, dropout=0.5, seed=0), return_sequences=True)
    layer.build((None, 6, 3))
    assert layer.explain(training=True).startswith("Fast path")
    x = np.ones((64, 6, 3), "float32")
    layer.cell.recurrent_kernel.assign(np.zeros(layer.cell.recurrent_kernel.shape))
    if cell is RNNCell:  # nothing carries over: equal inputs give equal outputs
        a = array(layer(x, training=True).detach())
        np.testing.assert_allclose(a, np.repeat(a[:, :1], 6, axis=1), atol=1e-6)
        assert len(np.unique(a[:, 0].round(4), axis=0)) > 4
    a = array(layer(x, training=False).detach())
    assert np.ptp(a, axis=0).max() < 1e-6


@pytest.mark.parametrize(
    "layer, mask, reason",
    [
        (RNN(GRUCell(2)), None, "torch's GRU applies the reset gate after the recurrent product"),
        (RNN(RNNCell(2, activation="relu")), None, "the activation is relu"),
    ],
)
def test_what_costs_speed_is_said_and_never_raises(layer, mask, reason):
    assert layer.explain(mask=mask).startswith("Plain steps") and reason in layer.explain(mask=mask)
    assert layer(np.ones((2, 3, 4), "float32"), mask=mask).shape == (2, 2)


def test_it_trains_in_a_model():
    x = np.random.default_rng(0).normal(size=(64, 8, 3)).astype("float32")
    y = (x.sum((1, 2)) > 0).astype("float32")
    model = keras.Sequential([RNN(LSTMCell(8)), keras.layers.Dense(1, "sigmoid")])
    model.compile(keras.optimizers.Adam(0.05), "binary_crossentropy")
    losses = model.fit(x, y, epochs=20, verbose=0).history["loss"]
    assert losses[-1] < losses[0] / 2
