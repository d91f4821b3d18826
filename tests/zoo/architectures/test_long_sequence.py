import keras
import numpy as np
import pytest
from keras import ops

import seqzoo
from seqzoo.architectures.long_sequence import carrying, windows
from seqzoo.door import Refused
from seqzoo.layers import RNN, RNNCell

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(24, 3)).astype("float32"), rng.normal(size=(24, 2)).astype("float32")


def network(**options):
    keras.utils.set_random_seed(0)
    made = seqzoo.many_to_many((None, 3), 2, "linear", **{"cell": "rnn", "units": 4, **options})
    for weight in made.weights:
        weight.assign(rng.normal(size=weight.shape) / 2)
    return made


def truncated(weights, x, y, steps, rate):
    """Stochastic descent in NumPy, window by window: the states go on, the gradient does not."""
    W, U, b, V, d = (weight.astype("float64") for weight in weights)
    a = np.zeros((len(x), len(U)))
    for begin in range(0, x.shape[1], steps):
        before, seen, δ = [a], x[:, begin : begin + steps], 0
        for t in range(seen.shape[1]):
            before.append(np.tanh(seen[:, t] @ W + before[-1] @ U + b))
        a, states = before[-1], np.stack(before[1:], axis=1)
        error = states @ V + d - y[:, begin : begin + steps]
        error *= 2 / error.size
        gradients = [np.zeros_like(each) for each in (W, U, b, V, d)]
        gradients[3], gradients[4] = np.einsum("nti,ntj->ij", states, error), error.sum(axis=(0, 1))
        for t in reversed(range(seen.shape[1])):
            δ = (error[:, t] @ V.T + δ) * (1 - states[:, t] ** 2)
            for place, gradient in enumerate((seen[:, t].T @ δ, before[t].T @ δ, δ.sum(axis=0))):
                gradients[place] += gradient
            δ = δ @ U.T
        W, U, b, V, d = (each - rate * gradient for each, gradient in zip((W, U, b, V, d), gradients))
    return W, U, b, V, d


@pytest.mark.parametrize("steps", [4, 12])
def test_states_go_on_and_gradients_do_not(steps):
    """Two epochs, each from fresh states: equal to the formula in NumPy."""
    model = network()
    expected = model.get_weights()
    for _ in range(2):
        expected = truncated(expected, X.reshape(2, 12, 3), Y.reshape(2, 12, 2), steps, 0.3)
    model.compile(keras.optimizers.SGD(0.3), "mse")
    seqzoo.fit_long(model, X, Y, batch_size=2, steps=steps, epochs=2, verbose=0)
    for found, weight in zip(model.get_weights(), expected, strict=True):
        np.testing.assert_allclose(found, weight, atol=1e-5)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_windows_together_give_what_the_whole_gives(cell):
    model = network(cell=cell, layers=2)
    going_on = carrying(model, 2)
    data = windows(X, Y, batch_size=2, steps=5)
    found = np.concatenate([ops.convert_to_numpy(going_on(x.numpy())) for x, _ in data], axis=1)
    np.testing.assert_allclose(found, ops.convert_to_numpy(model(X.reshape(2, 12, 3))), atol=1e-6)
    assert sorted(w.path.split("/")[-1] for w in going_on.weights) == sorted(
        w.path.split("/")[-1] for w in model.weights
    )


def test_each_evaluation_begins_at_the_begin():
    model = network()
    model.compile(keras.optimizers.SGD(0.0), "mse")
    history = seqzoo.fit_long(model, X, Y, (X, Y), batch_size=2, steps=5, epochs=2, verbose=0).history
    whole = float(np.mean((ops.convert_to_numpy(model(X.reshape(2, 12, 3))) - Y.reshape(2, 12, 2)) ** 2))
    assert history["loss"] + history["val_loss"] == pytest.approx([whole] * 4, rel=1e-5)


@pytest.mark.parametrize("time, batch_size, steps", [(24, 1, 100), (25, 2, 5), (23, 3, 1), (7, 7, 3)])
def test_windows_hold_the_whole_sequence_but_for_its_end(time, batch_size, steps):
    x = np.arange(time)
    parts = list(windows(x, x + 1, batch_size, steps))
    assert len({part.shape for part, _ in parts}) == 1 and parts[0][0].shape[1] <= steps
    read = np.concatenate([part for part, _ in parts], axis=1)
    np.testing.assert_array_equal(read + 1, np.concatenate([y for _, y in parts], axis=1))
    np.testing.assert_array_equal(read, read[:, :1] + np.arange(read.shape[1]))
    np.testing.assert_array_equal(read[:, 0], np.arange(batch_size) * (time // batch_size))
    assert read.size >= time - batch_size * (len(parts) + 1)


def test_a_network_that_writes_learns_a_long_text_and_writes_it():
    """From the one input on: each part begins as a text of its own does."""
    keras.utils.set_random_seed(0)
    ids = np.array([1, 2, 3, 2, 4] * 60)
    one = np.array([[0.3]], "float32")
    model = seqzoo.one_to_many((1,), 5, "gru", units=16, embedding=8)
    model.compile(keras.optimizers.Adam(0.03), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    said = seqzoo.fit_long(model, ids, validation=ids, batch_size=4, steps=15, one=one, epochs=12, verbose=0).history
    assert said["val_loss"][-1] < 0.1 < 1 < said["loss"][0]
    tokens, _ = seqzoo.decoding.generate(model.step, model.start(one), 0, -1, 10)
    assert np.array(tokens)[0].tolist() == [1, 2, 3, 2, 4] * 2
    model.optimizer.learning_rate = 0.0
    part, length = ids[:75][None], 75  # 300 symbols in 4 parts, alike
    again = seqzoo.fit_long(model, ids, batch_size=4, steps=15, one=one, epochs=1, verbose=0).history["loss"][0]
    assert again == pytest.approx(model.evaluate([one, part], part, verbose=0), rel=1e-3) and length == part.shape[1]


def test_what_cannot_work_is_refused():
    backwards = network(bidirectional=True)
    backwards.compile("sgd", "mse")
    with pytest.raises(Refused, match="reads backwards"):
        seqzoo.fit_long(backwards, X, Y)
    model = network()
    model.compile("sgd", "mse")
    for x, y, options, said in [
        (X, None, {}, "a target y"),
        (X, Y[1:], {}, "24"),
        (X, Y, dict(batch_size=25), "24 steps, batch_size=25"),
        (X, Y, dict(batch_size=2, steps=0), "steps of 1 or more"),
    ]:
        with pytest.raises(Refused, match=said):
            seqzoo.fit_long(model, x, y, **options)


def test_the_layers_of_the_model_keep_no_states():
    layer = RNN(RNNCell(4), return_sequences=True)
    x = keras.Input((None, 3))
    model = keras.Model(x, layer(x))
    carrying(model, 2)
    assert not layer.stateful and layer.states is None


@pytest.mark.parametrize("nested", [False, True])
def test_layers_that_would_not_carry_are_refused(nested):
    x = keras.Input((None, 3))
    inner = network() if nested else keras.layers.LSTM(4, return_sequences=True)
    with pytest.raises(Refused, match="convert_model"):
        carrying(keras.Model(x, inner(x)), 1)


def test_what_a_layer_has_of_its_own_stays_with_it():
    x = keras.Input((None, 3))
    layer = RNN(RNNCell(4), return_sequences=True, recompute=True, activity_regularizer="l2")
    carried = carrying(keras.Model(x, layer(x)), 1).layers[-1]
    assert carried.stateful and carried.recompute and carried.activity_regularizer is not None
