import keras
import numpy as np
import pytest

from seqzoo.tasks import text
from seqzoo.tasks.text_model import TextModel


@pytest.fixture
def model():
    sentence = keras.Input((), dtype="string")
    ids = text.vectorization(["good", "bad"])(sentence)
    mean = keras.layers.GlobalAveragePooling1D()(keras.layers.Embedding(4, 2)(ids))
    model = TextModel(sentence, keras.layers.Dense(1, activation="sigmoid")(mean))
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model


def test_python_strings_are_taken_like_arrays(model):
    sentences = ["good", "bad bad"]
    array = np.array(sentences, dtype=object)
    np.testing.assert_array_equal(model.predict(sentences, verbose=0), model.predict(array, verbose=0))
    assert model.predict("good", verbose=0).shape == (1, 1)
    assert model.evaluate(sentences, [1, 0], verbose=0) == model.evaluate(array, np.array([1, 0]), verbose=0)


def test_saved_and_loaded_it_takes_strings_still(model, tmp_path):
    model.fit(["good", "bad"], [1, 0], verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    assert type(loaded) is TextModel
    np.testing.assert_array_equal(loaded.predict("good", verbose=0), model.predict("good", verbose=0))
