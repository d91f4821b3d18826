import keras
import numpy as np
import pytest
from keras import ops

from seqzoo.tasks.video import films
from seqzoo.tasks.video.frames import Changes, EachFrame, MaskBlack, Places, RandomAffine, see


def film(seed=0, time=6):
    return films.draw(np.random.default_rng(seed).uniform(0.2, 0.8, (time, 2)))[None].astype("float32")


def test_places_are_those_of_the_spots():
    track = np.random.default_rng(0).uniform(0.1, 0.9, (5, 2))
    frames = films.draw(track, tail=0, radius=2) / 6.0
    right, down = np.array(Places()(frames)).T
    np.testing.assert_allclose(right, 2 * track[:, 0] - 1, atol=0.06)
    np.testing.assert_allclose(down, 2 * track[:, 1] - 1, atol=0.06)


def test_changes_are_differences():
    x = np.random.default_rng(0).normal(size=(2, 7, 3)).astype("float32")
    expected = np.concatenate([x, 5 * np.diff(x, axis=1, prepend=x[:, :1])], axis=-1)
    np.testing.assert_allclose(Changes()(x), expected, rtol=1e-5)


def test_all_frames_of_a_film_are_moved_alike_and_films_differ():
    keras.utils.set_random_seed(0)
    still = np.repeat(film(time=1), 5, axis=1)
    moved = np.array(RandomAffine(0.3, 0.3)(np.concatenate([still, still]), training=True))
    assert np.abs(moved - np.concatenate([still, still])).max() > 50
    np.testing.assert_allclose(moved, np.repeat(moved[:, :1], 5, axis=1), atol=1e-3)
    assert np.abs(moved[0] - moved[1]).max() > 50


def test_frames_keep_their_order_and_their_channels():
    affine = RandomAffine(0.0, 1e-9)
    film = np.random.default_rng(0).uniform(size=(2, 3, 8, 8, 2)).astype("float32")
    np.testing.assert_allclose(affine(film, training=True), film, atol=1e-5)


def test_each_frame_is_seen_alone():
    look = keras.Sequential([keras.Input((24, 24, 1)), keras.layers.Conv2D(2, 3), keras.layers.Flatten()])
    together, alone = (ops.convert_to_numpy(x) for x in (EachFrame(look)(film())[0], look(film()[0])))
    np.testing.assert_allclose(together, alone, rtol=1e-5)


@pytest.mark.parametrize("training", [False, True])
def test_black_frames_are_padding(training):
    frames = keras.Input((None, 24, 24, 1))
    model = keras.Model(frames, see(frames, turn=0.1, stretch=0.1))
    padded = np.concatenate([film(), np.zeros((1, 3, 24, 24, 1), "float32")], axis=1)
    mask = model(padded, training=training)._keras_mask
    np.testing.assert_array_equal(mask, [[True] * 6 + [False] * 3])
    np.testing.assert_array_equal(MaskBlack().compute_mask(padded), mask)
