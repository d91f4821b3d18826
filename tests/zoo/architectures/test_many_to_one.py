import keras
import numpy as np
import pytest

import seqzoo

SETTINGS = [
    dict(cell=cell, layers=layers, bidirectional=bidirectional, dropout=dropout)
    for cell in ("rnn", "gru", "lstm")
    for layers, bidirectional, dropout in [(1, False, 0), (2, True, 0.2)]
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_learns_saves_and_loads(settings, tmp_path):
    keras.utils.set_random_seed(0)
    random = np.random.default_rng(0)
    x = random.normal(size=(96, 6, 3)).astype("float32")
    y = (x[:, -1, 0] > 0).astype(int)
    model = seqzoo.many_to_one((None, 3), outputs=2, units=8, **settings)
    model.compile(keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=12, verbose=0)
    assert model.evaluate(x, y, verbose=0)[1] > 0.85
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(loaded.predict(x, verbose=0), model.predict(x, verbose=0))


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_padding_does_not_change_the_answer(settings):
    ids = keras.Input((None,), dtype="int32")
    x = keras.layers.Embedding(10, 4, mask_zero=True)(ids)
    model = seqzoo.many_to_one(x, outputs=3, units=5, **settings)
    alone = model.predict(np.array([[3, 1, 4]]), verbose=0)
    padded = model.predict(np.array([[3, 1, 4, 0, 0], [9, 2, 6, 5, 3]]), verbose=0)[:1]
    np.testing.assert_allclose(padded, alone, atol=1e-6)


def test_the_last_layer_is_softmax_unless_told_otherwise():
    model = seqzoo.many_to_one((None, 2), outputs=4, cell="rnn", units=3)
    np.testing.assert_allclose(model.predict(np.ones((2, 5, 2)), verbose=0).sum(-1), 1, atol=1e-6)
