import keras
import numpy as np
import pytest

import seqzoo

SETTINGS = [
    dict(cell="rnn", layers=1, bidirectional=False, dropout=0),
    dict(cell="gru", layers=2, bidirectional=True, dropout=0),
    dict(cell="lstm", layers=2, bidirectional=True, dropout=0.2),
]


@pytest.mark.parametrize("settings", [SETTINGS[0], SETTINGS[2]], ids=str)
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
    np.testing.assert_array_equal(loaded(x), model(x))


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_padding_does_not_change_the_answer(settings):
    ids = keras.Input((None,), dtype="int32")
    x = keras.layers.Embedding(10, 4, mask_zero=True)(ids)
    model = seqzoo.many_to_one(x, outputs=3, units=5, **settings)
    alone = model.predict(np.array([[3, 1, 4]]), verbose=0)
    padded = model.predict(np.array([[3, 1, 4, 0, 0], [9, 2, 6, 5, 3]]), verbose=0)[:1]
    np.testing.assert_allclose(padded, alone, atol=1e-6)


@pytest.mark.parametrize("pooling", ["mean", "max", "max_mean"])
def test_an_answer_of_all_states_is_the_equation(pooling):
    mask = np.array([[1, 1, 0, 0], [1, 0, 1, 1], [0, 0, 0, 0]], bool)
    x = keras.Input((None, 3))
    masked = keras.layers.Masking()(x)
    model = seqzoo.many_to_one(masked, outputs=2, cell="gru", units=4, bidirectional=True, pooling=pooling)
    values = np.random.default_rng(0).normal(size=(3, 4, 3)) * mask[..., None]
    states = keras.ops.convert_to_numpy(keras.Model(x, model.get_layer("recurrent_1").output)(values))
    states = np.asarray(states, "float64")
    pools = {"mean": lambda a: a.mean(axis=0), "max": lambda a: a.max(axis=0)}
    parts = pooling.split("_")
    a = [
        np.concatenate([pools[p](row[kept]) if kept.any() else np.zeros(8) for p in parts])
        for row, kept in zip(states, mask)
    ]
    kernel, bias = (np.asarray(w, "float64") for w in model.get_layer("output").get_weights())
    z = np.exp(np.array(a) @ kernel + bias)
    np.testing.assert_allclose(model.predict(values, verbose=0), z / z.sum(axis=1, keepdims=True), atol=1e-6)


def test_an_unknown_pooling_is_refused():
    with pytest.raises(ValueError, match="'last', 'mean', 'max', 'max_mean'. Received: 'min'"):
        seqzoo.many_to_one((None, 3), outputs=2, pooling="min")


def test_the_last_layer_is_softmax_unless_told_otherwise():
    model = seqzoo.many_to_one((None, 2), outputs=4, cell="rnn", units=3)
    np.testing.assert_allclose(model.predict(np.ones((2, 5, 2)), verbose=0).sum(-1), 1, atol=1e-6)
