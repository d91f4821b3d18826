import keras
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from seqzoo.tasks.tracks import ABSENT, Motion, Wander


def tracks(*shape, seed=0):
    return np.random.default_rng(seed).random((*shape, 2)).astype("float32")


def test_tracks_stay_as_they_are_outside_training():
    np.testing.assert_array_equal(Wander()(tracks(3, 7)), tracks(3, 7))


def test_in_training_each_track_is_turned_and_stretched_as_a_whole():
    track = tracks(2, 9)
    moved = np.array(Wander(tempo=0, turn=0.5, stretch=0.5, noise=0, seed=0)(track, training=True)) - 0.5
    for before, after in zip(track - 0.5, moved):
        matrix, rest, *_ = np.linalg.lstsq(before, after, rcond=None)
        assert rest.max() < 1e-8 and np.abs(matrix - np.eye(2)).max() > 0.05
    assert np.abs(moved[0] - moved[1]).max() > 0.05


def test_another_tempo_goes_along_the_same_track():
    """On a straight line: from the same beginning to the same end, never back, and not at the same pace."""
    line = np.linspace(0, 1, 20, dtype="float32")[None, :, None] * np.ones((5, 1, 2), "float32")
    moved = np.array(Wander(tempo=0.3, turn=0, stretch=0, noise=0, seed=0)(line, training=True))
    np.testing.assert_allclose(moved[:, [0, -1]], line[:, [0, -1]], atol=1e-5)
    assert np.diff(moved, axis=1).min() >= 0
    assert np.abs(moved - line).max(axis=(1, 2)).min() > 0.005


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 8), st.integers(0, 4))
def test_another_tempo_knows_where_the_track_ends(length, more):
    padded = np.pad(tracks(1, length), ((0, 0), (0, more), (0, 0)), constant_values=ABSENT)
    way = dict(tempo=0.5, turn=0, stretch=0, noise=0, seed=3)
    alone, beside = (np.array(Wander(**way)(x, training=True)) for x in (padded[:, :length], padded))
    np.testing.assert_allclose(beside[:, :length], alone, atol=1e-5)
    np.testing.assert_array_equal(beside[:, length:], padded[:, length:])


def test_padding_stays_padding():
    track = tracks(1, 6)
    track[:, 4:] = ABSENT
    moved = np.array(Wander(noise=0.1, seed=0)(track, training=True))
    assert (moved[:, 4:] == ABSENT).all() and (moved[:, :4] != track[:, :4]).all()


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 8), st.integers(0, 4))
def test_padding_changes_no_motion(length, more):
    track = tracks(1, length)
    padded = np.pad(track, ((0, 0), (0, more), (0, 0)), constant_values=ABSENT)
    mask = ops.array(np.arange(length + more)[None] < length)
    np.testing.assert_allclose(
        np.array(Motion()(padded, mask=mask))[:, :length], Motion()(track), atol=1e-5
    )


def test_where_a_track_lies_does_not_matter():
    np.testing.assert_allclose(Motion()(tracks(2, 5)), Motion()(tracks(2, 5) + 0.25), atol=1e-5)


def test_the_layers_come_back_from_a_file(tmp_path):
    film = keras.Input((None, 2))
    model = keras.Model(film, Motion()(Wander(0.3, 0.2, 0.1, seed=1)(film)))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    assert loaded.layers[1].turn == 0.3 and loaded.layers[1].seed == 1
    np.testing.assert_array_equal(loaded(tracks(2, 5)), model(tracks(2, 5)))
