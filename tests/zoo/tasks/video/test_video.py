import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

import seqzoo
from made import films
from seqzoo.datasets import sources
from seqzoo.door import Refused
from seqzoo.tasks import video
from seqzoo.tasks.video.preprocessor import ABSENT


def test_a_keras_project_can_fit_it_on_its_own_tracks(tmp_path):
    keras.utils.set_random_seed(0)
    t = np.linspace(0, 1, 10)
    right, down = (np.stack(pair, axis=-1) for pair in ((t, 0 * t + 0.5), (0 * t + 0.5, t)))
    tracks, labels = [right, down[:8]] * 8, ["right", "down"] * 8
    model = seqzoo.create_model(
        "video", cell="rnn", shape=(None, 2), labels=["right", "down"], units=8, learning_rate=0.02
    )
    model.fit(tracks, labels, epochs=20, verbose=0)
    assert [label for label, _ in model.answer(tracks[:2])] == ["right", "down"]
    model.save(tmp_path / "model.keras")
    loaded = seqzoo.load_model(tmp_path / "model.keras")
    assert loaded.answer(tracks) == model.answer(tracks)


@pytest.mark.parametrize("shape, padding", [((None, 2), ABSENT), ((None, 12, 12, 1), 0)])
def test_a_film_gets_the_same_answer_alone_and_beside_a_longer_one(shape, padding):
    model = video.create_model(shape=shape, labels=3, units=4)
    film, longer = (np.random.default_rng(0).random((t, *shape[1:])) * (255 if len(shape) == 4 else 1) for t in (6, 9))
    alone = model.predict(film, verbose=0)
    np.testing.assert_allclose(model.predict([film, longer], verbose=0)[:1], alone, atol=1e-6)
    filled = np.pad(film, [(0, 3), *[(0, 0)] * (film.ndim - 1)], constant_values=padding)
    np.testing.assert_allclose(model.predict(filled, verbose=0), alone, atol=1e-6)


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
    for half in (dict(labels=3), dict(shape=(None, 2))):
        with pytest.raises(Refused, match="give both, or none"):
            video.create_model(**half)
    with pytest.raises(Refused, match="Received: 'mini/frame'.\n.*Did you mean 'mini/frames'?"):
        video.create_model(dataset="mini/frame")


@pytest.mark.parametrize(
    "shape", [2, (None, 3), (None, 24, 24), (24, 24, 1), (None, 24, None, 1), (None, 0, 24, 1), "mini"]
)
def test_a_shape_of_neither_tracks_nor_frames_is_refused(shape):
    with pytest.raises(Refused, match="\\(None, 2\\) of tracks, or \\(None, height, width, channels\\) of frames"):
        video.create_model(shape=shape, labels=3)


@pytest.mark.parametrize("shape", [(None, 2), (None, 12, 12, 1)])
def test_one_wrong_number_stops_fit_before_the_first_step(shape):
    model = video.create_model(shape=shape, labels=2, units=4)
    films = np.random.default_rng(0).random((4, 5, *shape[1:])) * (255 if len(shape) == 4 else 1)
    films[2, 3, 1] = np.nan
    before = model.get_weights()
    with pytest.raises(Refused, match="nan in row 2, frame 3"):
        model.fit(films, [0, 1, 0, 1], batch_size=1, verbose=0)
    for now, then in zip(model.get_weights(), before):
        np.testing.assert_array_equal(now, then)


def test_labels_of_ucf101_are_those_of_tfds(tmp_path):
    names = tfds.builder("ucf101/ucf101_1", data_dir=tmp_path).info.features["label"].names
    assert video.task.labels("full") == video.task.labels("ucf101") == tuple(names)


@pytest.mark.parametrize("dataset, shape", [("mini", (45, 2)), ("mini/frames", (45, 24, 24, 1))])
def test_batches(dataset, shape, mini_data_dir):
    films, labels = next(iter(video.batches(dataset, "test", batch_size=7, data_dir=mini_data_dir)))
    assert films.shape == (7, *shape) and labels.shape == (7,)
    assert films.dtype == (tf.float32 if dataset == "mini" else tf.uint8)


@pytest.mark.parametrize("dataset", ["full", "ucf101"])
def test_full_goes_through_the_same_pipeline(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "unreachable", lambda url: None)
    model = video.create_model(dataset=dataset, units=2)
    three = lambda builder, **_: films(builder).take(3)
    with tfds.testing.mock_data(num_examples=3, as_dataset_fn=three):
        (batch, labels), _ = video.batches(dataset, "train", batch_size=2, data_dir=tmp_path, large=True)
        assert batch.shape == (2, 3, 64, 64, 3) and model.predict(batch, verbose=0).shape == (2, 101)


def test_nobody_downloads_gigabytes_unasked(tmp_path):
    with pytest.raises(
        sources.SourceTooLarge, match='would download 6.5 GB.\nTo do: use dataset="mini"; or set large=True'
    ):
        video.batches("full", data_dir=tmp_path)
