import keras
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

import seqzoo
from seqzoo.tasks.video.preprocessor import ABSENT
from seqzoo.tasks.video.tracks import Motion, RandomWarp


def tracks(*shape, seed=0):
    return np.random.default_rng(seed).random((*shape, 2)).astype("float32")


def padded(track, more):
    """A track with frames of padding at its end, and the mask over them."""
    longer = np.pad(track, ((0, 0), (0, more), (0, 0)), constant_values=ABSENT)
    return longer, ops.array((longer != ABSENT).any(axis=-1))


def warped(track, mask=None, **options):
    return ops.convert_to_numpy(RandomWarp(**options)(track, mask=mask, training=True))


def test_tracks_stay_as_they_are_outside_training():
    np.testing.assert_array_equal(RandomWarp()(tracks(3, 7)), tracks(3, 7))


def test_in_training_each_track_is_turned_and_stretched_as_a_whole():
    track = tracks(2, 9)
    moved = warped(track, tempo=0, turn=0.5, stretch=0.5, noise=0, seed=0) - 0.5
    for before, after in zip(track - 0.5, moved):
        matrix, rest, *_ = np.linalg.lstsq(before, after, rcond=None)
        assert rest.max() < 1e-8 and np.abs(matrix - np.eye(2)).max() > 0.05
    assert np.abs(moved[0] - moved[1]).max() > 0.05


def test_another_tempo_goes_along_the_same_track():
    """On a straight line: from the same beginning to the same end, never back, and not at the same pace."""
    line = np.linspace(0, 1, 20, dtype="float32")[None, :, None] * np.ones((5, 1, 2), "float32")
    moved = warped(line, tempo=0.3, turn=0, stretch=0, noise=0, seed=0)
    np.testing.assert_allclose(moved[:, [0, -1]], line[:, [0, -1]], atol=1e-5)
    assert np.diff(moved, axis=1).min() >= 0
    assert np.abs(moved - line).max(axis=(1, 2)).min() > 0.005


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 8), st.integers(0, 4))
def test_another_tempo_knows_where_the_track_ends(length, more):
    way = dict(tempo=0.5, turn=0, stretch=0, noise=0, seed=3)
    longer, mask = padded(tracks(1, length), more)
    beside = warped(longer, mask, **way)
    np.testing.assert_allclose(beside[:, :length], warped(tracks(1, length), **way), atol=1e-5)
    np.testing.assert_array_equal(beside[:, length:], longer[:, length:])


def test_in_training_a_model_reads_a_track_alike_alone_and_beside_a_longer_one():
    model = seqzoo.create_model("video", shape=(None, 2), labels=3, units=4, dropout=0, noise=0, tempo=0.5)
    longer, _ = padded(tracks(1, 6), 5)
    drawn = model.get_layer("warp").random.state
    seed, answers = np.array(drawn), []
    for track in (tracks(1, 6), longer):
        drawn.assign(seed)
        answers.append(ops.convert_to_numpy(model.network(track, training=True)))
    np.testing.assert_allclose(*answers, atol=1e-6)
    assert np.abs(answers[0] - model.predict(longer, verbose=0)).max() > 1e-5


def test_padding_stays_padding():
    longer, mask = padded(tracks(1, 4), 2)
    moved = warped(longer, mask, noise=0.1, seed=0)
    assert (moved[:, 4:] == ABSENT).all() and (moved[:, :4] != longer[:, :4]).all()


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 8), st.integers(0, 4))
def test_padding_changes_no_motion(length, more):
    longer, mask = padded(tracks(1, length), more)
    beside = ops.convert_to_numpy(Motion()(longer, mask=mask))
    np.testing.assert_allclose(beside[:, :length], Motion()(tracks(1, length)), atol=1e-5)


def test_where_a_track_lies_does_not_matter():
    np.testing.assert_allclose(Motion()(tracks(2, 5)), Motion()(tracks(2, 5) + 0.25), atol=1e-5)


def test_the_layers_come_back_from_a_file(tmp_path):
    film = keras.Input((None, 2))
    model = keras.Model(film, Motion()(RandomWarp(turn=0.3, stretch=0.2, noise=0.1, seed=1)(film)))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    assert loaded.layers[1].turn == 0.3 and loaded.layers[1].seed == 1
    np.testing.assert_array_equal(loaded(tracks(2, 5)), model(tracks(2, 5)))
