"""TensorFlow's own checkpoints and saved models hold what a stateful layer keeps."""

import keras
import numpy as np
import pytest

from seqzoo.layers import RNN, GRUCell, LSTMCell
from tools import normal

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="files of TensorFlow's")


def stateful():
    layers = [
        RNN(LSTMCell(2), stateful=True, return_sequences=True),
        keras.layers.Bidirectional(RNN(GRUCell(3), stateful=True)),
    ]
    return keras.Sequential([keras.Input(batch_shape=(2, 3, 3)), *layers])


def test_a_checkpoint_brings_the_states_back(tmp_path):
    x = normal(np.random.default_rng(0), 2, 3, 3)
    model, other = stateful(), stateful()
    model(x)
    path = tf.train.Checkpoint(model=model).save(str(tmp_path / "checkpoint"))
    expected = model(x)
    tf.train.Checkpoint(model=other).restore(path).assert_existing_objects_matched()
    np.testing.assert_allclose(other(x), expected, atol=1e-6)


def test_a_saved_model_goes_on_from_the_states(tmp_path):
    x = normal(np.random.default_rng(0), 2, 3, 3)
    model = stateful()
    model(x)
    tf.saved_model.save(model, str(tmp_path / "model"))
    loaded = tf.saved_model.load(str(tmp_path / "model")).signatures["serving_default"]
    for _ in range(2):
        (ours,) = loaded(tf.constant(x)).values()
        np.testing.assert_allclose(ours, model(x), atol=1e-6)


def test_an_export_goes_on_from_the_states(tmp_path):
    x = normal(np.random.default_rng(0), 2, 3, 3)
    model = stateful()
    model(x)
    model.export(str(tmp_path / "model"), verbose=False)
    loaded = tf.saved_model.load(str(tmp_path / "model"))
    for _ in range(2):
        np.testing.assert_allclose(loaded.serve(tf.constant(x)), model(x), atol=1e-6)
