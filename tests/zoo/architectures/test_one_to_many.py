import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

import seqzoo
from seqzoo.architectures import one_to_many
from seqzoo.decoding.generate import generate

CELLS = ["rnn", "gru", "lstm"]
X = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
Y = np.array([[1, 2, 3, 4, 5], [2, 2, 5, 0, 0], [5, 0, 0, 0, 0], [4, 3, 2, 5, 0]])


def build(cell, **options):
    keras.utils.set_random_seed(1)
    return one_to_many((3,), outputs=6, cell=cell, units=7, embedding=4, **options)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 2])
def test_the_logits_are_those_of_the_equations(cell, layers):
    """x⟨1⟩ = Wx x + bx, then the vectors of 0, y⟨1⟩, …; one plain step of the cell each."""
    model = build(cell, layers=layers, dropout=0.3)
    W, b = model.get_layer("x1").get_weights()
    vectors = model.get_layer("symbol_vectors").get_weights()[0]
    logits = model.predict([X, Y], verbose=0)
    for x, y, got in zip(X, Y, logits):
        sequence = np.stack([x @ W + b, *vectors[[0, *y[:-1]]]])[None]
        for depth in range(1, layers + 1):
            layer = model.get_layer(f"recurrent_{depth}")
            sequence = keras.layers.RNN(layer.cell, return_sequences=True)(sequence)
        output = model.get_layer("output")
        expected = sequence[0].numpy() @ output.Wy.T + output.by
        length = np.count_nonzero(y)
        np.testing.assert_allclose(got[:length], expected[1 : length + 1], atol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_step_by_step_gives_what_the_whole_gives(cell):
    model = build(cell, layers=2)
    whole = model.predict([X, Y], verbose=0)
    states = model.start(X)
    for t in range(Y.shape[1]):
        logits, states = model.step(Y[:, t - 1] if t else np.zeros(4, int), states)
        counts = Y[:, t] != 0
        np.testing.assert_allclose(logits[counts], whole[counts, t], atol=1e-5)


@given(t=st.integers(0, 4), symbol=st.integers(1, 5))
@settings(max_examples=10, deadline=None)
def test_no_output_knows_its_own_symbol_or_a_later_one(t, symbol):
    model = build("gru")
    other = Y[:1].copy()
    other[0, t:] = symbol
    before, after = (model([X[:1], y], training=False)[0] for y in (Y[:1], other))
    np.testing.assert_allclose(after[: t + 1], before[: t + 1], atol=1e-6)


@pytest.mark.parametrize("cell", CELLS)
def test_padding_changes_neither_logits_nor_loss(cell):
    model = build(cell)
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), run_eagerly=True)
    sizes = np.count_nonzero(Y, axis=1)
    rows = [(X[i : i + 1], Y[i : i + 1, :size]) for i, size in enumerate(sizes)]
    alone = [model.evaluate([x, y], y, verbose=0) for x, y in rows]
    padded = np.pad(Y, [(0, 0), (0, 9)])
    together = model.evaluate([X, padded], padded, verbose=0)
    np.testing.assert_allclose(together, np.dot(alone, sizes) / sizes.sum(), rtol=1e-5)


def test_saved_and_loaded_it_writes_the_same(tmp_path):
    model = build("lstm", layers=2, dropout=0.2)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(loaded.predict([X, Y], verbose=0), model.predict([X, Y], verbose=0))
    ours, theirs = (generate(m.step, m.start(X), 0, 5, 8)[0] for m in (model, loaded))
    np.testing.assert_array_equal(ours, theirs)


def test_writing_costs_a_step_a_symbol():
    model = build("lstm")
    calls = []

    def step(tokens, states):
        calls.append(len(states))
        return model.step(tokens, states)

    generate(step, model.start(X), 0, end=-1, max_length=9)
    assert calls == [2] * 9


def test_a_keras_project_of_ten_lines():
    """Its own data: the one input is a number's value, the output counts from it up to 9."""
    keras.utils.set_random_seed(0)
    x = np.eye(8)[np.arange(64) % 8].astype("float32")
    y = np.array([[*range(n + 1, 10), *[0] * n] for n in np.arange(64) % 8])
    model = seqzoo.one_to_many((8,), outputs=10, cell="gru", units=24, embedding=8)
    model.compile(keras.optimizers.Adam(0.02), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit([x, y], y, batch_size=16, epochs=25, verbose=0)
    tokens, lengths = generate(model.step, model.start(x[:8]), start=0, end=9, max_length=12)
    assert tokens[:, :9].numpy().tolist() == y[:8].tolist()
    assert lengths.numpy().tolist() == list(range(9, 1, -1))


def test_the_one_input_may_be_made_of_something_else():
    word = keras.Input((), dtype="string")
    x = keras.layers.StringLookup(vocabulary=["slow", "fast"], output_mode="one_hot")(word)
    model = one_to_many(x, outputs=6, cell="gru", units=4, embedding=4)
    slow, fast = model.start(tf.constant(["slow", "fast"]))[0]
    assert np.abs(slow - fast).max() > 0.01


def test_mistakes_are_answered():
    with pytest.raises(ValueError, match="outputs must be at least 2.*Received: outputs=1"):
        one_to_many((3,), outputs=1)
    with pytest.raises(ValueError, match="Did you mean 'lstm'"):
        one_to_many((3,), outputs=5, cell="lstmm")


def test_it_runs_in_onnx(tmp_path):
    pytest.importorskip("onnx"), pytest.importorskip("tf2onnx")
    runtime = pytest.importorskip("onnxruntime")
    model = one_to_many((3,), outputs=5, cell="lstm", units=4)
    x, y = np.eye(3, dtype="float32")[:2], np.array([[1, 2, 4, 0], [3, 4, 0, 0]], "int32")
    expected = model([x, y])
    model.export(str(tmp_path / "model.onnx"), format="onnx", verbose=False)
    session = runtime.InferenceSession(str(tmp_path / "model.onnx"))
    names = [given.name for given in session.get_inputs()]
    np.testing.assert_allclose(session.run(None, dict(zip(names, (x, y))))[0], expected, atol=1e-5)
