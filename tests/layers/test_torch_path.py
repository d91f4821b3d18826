"""On torch, torch's own loop computes what the plain steps compute: outputs, states, every gradient."""

import keras
import numpy as np
import pytest
from tools import array, fast_and_plain, normal

from seqzoo.layers import RNN, GRUCell, LSTMCell, RNNCell

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.skipif(keras.backend.backend() != "torch", reason="it is torch's own loop")
CELLS = [RNNCell, LSTMCell]


def results(layer, x, states, training):
    """Outputs, states, and the gradients of x, the states and the weights."""
    device = layer.weights[0].value.device
    sources = [torch.tensor(value, device=device, requires_grad=True) for value in (x, *states)]
    found = layer(sources[0], initial_state=sources[1:], training=training)
    total = sum(torch.sin((i + 1.0) * part).sum() for i, part in enumerate(found))
    gradients = torch.autograd.grad(total, [*sources, *(w.value for w in layer.trainable_weights)])
    return [array(part.detach()) for part in (*found, *gradients)]


@pytest.mark.parametrize("training", [False, True], ids=["inference", "training"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"return_sequences": True},
        {"return_sequences": True, "go_backwards": True},
        {"return_sequences": True, "cell_options": {"use_bias": False}},
    ],
    ids=str,
)
@pytest.mark.parametrize("cell", CELLS)
def test_outputs_states_and_gradients(cell, options, training):
    rng = np.random.default_rng(0)
    fast, plain = fast_and_plain(cell, rng, **options)
    x, states = normal(rng, 3, 6, 3), [normal(rng, 3, 4) for _ in fast.state_size]
    for ours, theirs in zip(results(fast, x, states, training), results(plain, x, states, training), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=5e-5)


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
        (RNN(LSTMCell(2)), np.ones((2, 3), bool), "torch's own loop has no mask"),
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
