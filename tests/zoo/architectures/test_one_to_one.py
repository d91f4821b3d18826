import keras
import numpy as np
import pytest

import seqzoo


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_a_keras_project_fits_its_own_data(cell, tmp_path):
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(256, 2)).astype("float32")
    y = (x[:, 0] * x[:, 1] > 0).astype(int)
    model = seqzoo.one_to_one((2,), outputs=2, cell=cell, units=32)
    model.compile(keras.optimizers.Adam(0.03), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=20, verbose=0)
    assert model.evaluate(x, y, verbose=0)[1] > 0.9
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(loaded.predict(x, verbose=0), model.predict(x, verbose=0))


def test_the_plain_unit_is_a_dense_layer():
    model = seqzoo.one_to_one((3,), outputs=2, cell="rnn", units=4)
    layer, x = model.get_layer("recurrent_1"), np.random.default_rng(0).normal(size=(5, 3))
    layer.cell.ba = np.arange(4.0)
    a = np.tanh(x @ np.asarray(layer.cell.Wax).T + np.arange(4.0))
    ŷ = a @ np.asarray(model.get_layer("output").Wy).T + np.asarray(model.get_layer("output").by)
    expected = np.exp(ŷ) / np.exp(ŷ).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model.predict(x.astype("float32"), verbose=0), expected, atol=1e-6)


def test_images_are_flattened_and_layers_stacked():
    model = seqzoo.one_to_one((4, 4, 1), outputs=3, cell="lstm", units=5, layers=2, dropout=0.5)
    assert model.predict(np.zeros((2, 4, 4, 1)), verbose=0).shape == (2, 3)
    assert model.get_layer("recurrent_1").input.shape == (None, 1, 16)


def test_an_unknown_cell_is_refused():
    with pytest.raises(ValueError, match="Received: cell='lstn'. Did you mean 'lstm'?"):
        seqzoo.one_to_one((2,), outputs=2, cell="lstn")


@pytest.mark.parametrize("shape", [(None, 3), ()])
def test_a_sequence_is_referred_to_many_to_one(shape):
    with pytest.raises(ValueError, match="fixed shape.*many_to_one"):
        seqzoo.one_to_one(shape, outputs=2)
