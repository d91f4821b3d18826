import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import seqzoo

SETTINGS = [
    dict(cell="rnn", layers=1, bidirectional=False, dropout=0),
    dict(cell="gru", layers=2, bidirectional=True, dropout=0),
    dict(cell="lstm", layers=2, bidirectional=True, dropout=0.2),
]


def test_a_keras_project_of_ten_lines():
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(128, 10, 1))
    y = (np.cumsum(x, axis=1) > 0).astype(int)  # is the sum so far positive?
    model = seqzoo.many_to_many((None, 1), outputs=1, activation="sigmoid", cell="gru", units=16)
    model.compile(keras.optimizers.Adam(0.03), "binary_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=15, verbose=0)
    assert model.predict(x[:2, :7], verbose=0).shape == (2, 7, 1)
    assert model.evaluate(x, y, verbose=0)[1] > 0.9


@pytest.mark.parametrize("settings", SETTINGS[1:2], ids=str)
def test_learns_saves_and_loads(settings, tmp_path):
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(96, 6, 3)).astype("float32")
    y = (x[:, :, 0] > 0).astype(int)
    model = seqzoo.many_to_many((None, 3), outputs=2, units=8, **settings)
    model.compile(keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=8, verbose=0)
    assert model.evaluate(x, y, verbose=0)[1] > 0.85
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(loaded(x), model(x))


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_each_output_is_the_notes_equation(cell):
    model = seqzoo.many_to_many((None, 3), outputs=4, cell=cell, units=5)
    x = np.random.default_rng(0).normal(size=(2, 6, 3)).astype("float32")
    output = model.get_layer("output")
    a = keras.Model(model.inputs, model.get_layer("recurrent_1").output).predict(x, verbose=0)
    z = a.astype(float) @ np.array(output.Wy, float).T + np.array(output.by, float)
    expected = np.exp(z) / np.exp(z).sum(-1, keepdims=True)
    np.testing.assert_allclose(model.predict(x, verbose=0), expected, atol=1e-6)


def test_an_output_waits_for_no_later_input_unless_bidirectional():
    x = np.random.default_rng(0).normal(size=(1, 6, 3)).astype("float32")
    changed = x.copy()
    changed[:, 4:] += 1
    for bidirectional in (False, True):
        model = seqzoo.many_to_many((None, 3), 2, cell="gru", units=4, bidirectional=bidirectional)
        before, after = (model.predict(each, verbose=0)[:, :4] for each in (x, changed))
        assert np.allclose(before, after, atol=1e-6) != bidirectional


def _embedded(units=5, **settings):
    ids = keras.Input((None,), dtype="int32")
    x = keras.layers.Embedding(10, 4, mask_zero=True)(ids)
    return seqzoo.many_to_many(x, outputs=3, units=units, **settings)


MODELS = [_embedded(**settings) for settings in SETTINGS]


@settings(max_examples=12, deadline=None)
@given(
    st.sampled_from(MODELS),
    st.lists(st.integers(1, 9), min_size=1, max_size=6),
    st.lists(st.integers(1, 9), min_size=6, max_size=9),
)
def test_padding_does_not_change_the_answers(model, short, long):
    alone = model.predict_on_batch(np.array([short]))
    padded = np.array([short + [0] * (len(long) - len(short)), long])
    np.testing.assert_allclose(model.predict_on_batch(padded)[0, : len(short)], alone[0], atol=1e-5)


def test_loss_leaves_padding_out():
    model = _embedded(cell="lstm")
    model.compile("sgd", "sparse_categorical_crossentropy")
    ids = np.array([[3, 1, 4, 0, 0], [9, 2, 6, 5, 3]])
    ŷ = model.predict(ids, verbose=0).astype(float)
    rows, columns = np.nonzero(ids)
    expected = -np.log(ŷ[rows, columns, 1]).mean()
    for padding in (0, 2):
        y = np.where(ids > 0, 1, padding)
        np.testing.assert_allclose(model.evaluate(ids, y, verbose=0), expected, rtol=1e-5)
