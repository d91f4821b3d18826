import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

import seqzoo
from seqzoo.datasets import sources
from seqzoo.tasks import video
from seqzoo.tasks.tracks import ABSENT


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_a_keras_project_can_fit_it_on_its_own_tracks(cell, tmp_path):
    keras.utils.set_random_seed(0)
    t = np.linspace(0, 1, 10)
    right, up = (np.stack(pair, axis=-1) for pair in ((t, 0 * t + 0.5), (0 * t + 0.5, t)))
    films, labels = np.stack([right, up] * 8).astype("float32"), np.array([0, 1] * 8)
    model = seqzoo.create_model("video", cell=cell, shape=(None, 2), labels=2, units=8, learning_rate=0.02)
    model.fit(films, labels, epochs=20, verbose=0)
    assert model.predict(films[:2], verbose=0).argmax(axis=-1).tolist() == [0, 1]
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(loaded.predict(films, verbose=0), model.predict(films, verbose=0))


@pytest.mark.parametrize("shape, padding", [((None, 2), ABSENT), ((None, 12, 12, 1), 0)])
def test_a_film_gets_the_same_answer_alone_and_beside_a_longer_one(shape, padding):
    model = video.create_model(shape=shape, labels=3, units=4)
    film = np.random.default_rng(0).random((1, 6, *shape[1:])) * (255 if len(shape) == 4 else 1)
    longer = np.pad(film, [(0, 1), (0, 3), *[(0, 0)] * (film.ndim - 2)], constant_values=padding)
    np.testing.assert_allclose(model.predict(longer, verbose=0)[:1], model.predict(film, verbose=0), atol=1e-6)


def test_many_to_one_on_frames_in_ten_lines():
    film = keras.Input((None, 8, 8, 1))
    frames = keras.layers.Reshape((-1, 64))(film)
    model = seqzoo.many_to_one(frames, outputs=2, cell="gru", units=8)
    model.compile(keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy")
    films = np.zeros((8, 5, 8, 8, 1), "float32")
    films[::2, -1] = 1
    model.fit(films, np.array([1, 0] * 4), epochs=25, verbose=0)
    assert model.predict(films, verbose=0).argmax(axis=-1).tolist() == [1, 0] * 4


def test_wrong_options_are_refused():
    with pytest.raises(ValueError, match="Give both or none"):
        video.create_model(labels=3)
    with pytest.raises(ValueError, match="Received: dataset='mini/frame'. Did you mean 'mini/frames'?"):
        video.create_model(dataset="mini/frame")


@pytest.mark.parametrize("dataset, shape", [("mini", (45, 2)), ("mini/frames", (45, 24, 24, 1))])
def test_batches(dataset, shape, mini_data_dir):
    films, labels = next(iter(video.batches(dataset, "test", batch_size=7, data_dir=mini_data_dir)))
    assert films.shape == (7, *shape) and labels.shape == (7,)
    assert films.dtype == (tf.float32 if dataset == "mini" else tf.uint8)


@pytest.mark.parametrize("dataset", ["full", "ucf101"])
def test_full_goes_through_the_same_pipeline(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "unreachable", lambda url: None)
    model = video.create_model(dataset=dataset, units=2)

    def films(self, **_):
        video_ = np.random.default_rng(0).integers(1, 255, (20, 32, 40, 3), dtype=np.uint8)
        return tf.data.Dataset.from_tensors({"video": video_, "label": np.int64(3)}).repeat(3)

    with tfds.testing.mock_data(num_examples=3, as_dataset_fn=films):
        (films, labels), _ = video.batches(dataset, "train", batch_size=2, data_dir=tmp_path, large=True)
        assert films.shape == (2, 3, 64, 64, 3) and model.predict(films, verbose=0).shape == (2, 101)


def test_nobody_downloads_gigabytes_unasked(tmp_path):
    with pytest.raises(sources.SourceTooLarge, match="would download 6.5 GB.\nTo do: use dataset=\"mini\"; or set large=True"):
        video.batches("full", data_dir=tmp_path)
