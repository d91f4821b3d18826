import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from seqzoo.door import Refused
from seqzoo.tasks.video.preprocessor import ABSENT, FramePreprocessor, TrackPreprocessor

TRACKS = [np.array([[0.0, 0.5], [0.25, 1.0], [0.5, 0.75]]), np.array([[1.0, 0.125]])]
PADDED = np.array([TRACKS[0], [[1.0, 0.125], [-1, -1], [-1, -1]]])
FILMS = [np.random.default_rng(t).integers(1, 256, (t, 4, 5, 3)).astype("uint8") for t in (4, 2)]


def track_inputs(x):
    preprocessor = TrackPreprocessor(["left", "right"])
    return preprocessor.inputs(preprocessor.rows(x))


def frame_inputs(x):
    preprocessor = FramePreprocessor((4, 5, 3), ["left", "right"])
    return preprocessor.inputs(preprocessor.rows(x))


@pytest.mark.parametrize(
    "form",
    [
        lambda: TRACKS,
        lambda: tuple(TRACKS),
        lambda: [track.tolist() for track in TRACKS],
        lambda: [tf.constant(track) for track in TRACKS],
        lambda: pd.Series(TRACKS),
        lambda: tf.ragged.constant([track.tolist() for track in TRACKS], ragged_rank=1),
        lambda: pd.Series(TRACKS).to_numpy(),
        lambda: PADDED,
        lambda: PADDED.tolist(),
        lambda: tf.constant(PADDED),
    ],
)
def test_tracks_in_any_form_are_filled_up(form):
    np.testing.assert_array_equal(track_inputs(form()), PADDED)


@pytest.mark.parametrize("form", [np.asarray, np.ndarray.tolist, list, tf.constant])
def test_a_single_track_is_one_row(form):
    np.testing.assert_array_equal(track_inputs(form(TRACKS[0])), TRACKS[0][None])


def test_nothing_is_one_step_of_padding():
    np.testing.assert_array_equal(track_inputs([np.zeros((0, 2)), np.full((1, 2), ABSENT)]), np.full((2, 1, 2), ABSENT))
    assert track_inputs([]).shape[0] == track_inputs(np.zeros((0, 45, 2))).shape[0] == 0


def test_films_are_filled_up_with_black():
    for films in (FILMS, [film.astype("float64") for film in FILMS], [film.tolist() for film in FILMS]):
        found = frame_inputs(films)
        assert found.dtype == "float32" and found.shape == (2, 4, 4, 5, 3)
        np.testing.assert_array_equal(found[0], FILMS[0])
        np.testing.assert_array_equal(found[1, :2], FILMS[1])
        assert not found[1, 2:].any()


@pytest.mark.parametrize("form", [np.asarray, list, np.ndarray.tolist])
def test_a_single_film_is_one_row(form):
    np.testing.assert_array_equal(frame_inputs(form(FILMS[0])), FILMS[0][None])


def refusal(function, x):
    with pytest.raises(Refused) as refused:
        function(x)
    text = str(refused.value)
    assert len(text.splitlines()) == 3 and len(text) < 350
    return text


@pytest.mark.parametrize(
    "value, shown",
    [(np.nan, "nan"), (np.inf, "inf"), (1.5, "1.5"), (-0.25, "-0.25"), (-1, "-1.0"), (320, "320.0")],
)
def test_a_wrong_place_is_named_by_row_frame_and_coordinate(value, shown):
    wrong = np.full((40, 2), 0.5)
    wrong[7, 1] = value
    text = refusal(track_inputs, [TRACKS[0], wrong])
    assert f"Received: {shown} in row 1, frame 7, coordinate 1." in text
    assert ("finite" in text) == (not np.isfinite(value))


def test_pixels_are_no_places():
    text = refusal(track_inputs, TRACKS[0] * [640, 480])
    assert "places from 0 to 1" in text and "divide pixels by the picture's width and height" in text


def test_a_gap_within_a_track_is_refused():
    gap = np.array([[0.1, 0.2], [-1, -1], [0.3, 0.4], [-1, -1]])
    assert "Received: -1.0 in row 0, frame 1, coordinate 0." in refusal(track_inputs, gap)


@pytest.mark.parametrize("range_", [np.float32, np.float64, np.float16])
def test_frames_from_0_to_1_are_refused(range_):
    scaled = (FILMS[1] / 255).astype(range_)
    assert "in row 1.\nTo do: multiply by 255." in refusal(frame_inputs, [FILMS[0], scaled])
    assert "multiply by 255" in refusal(frame_inputs, FILMS[1] > 100)
    assert not frame_inputs(np.zeros((2, 4, 5, 3))).any()


@pytest.mark.parametrize("value", [np.nan, -1, 256, 4095])
def test_other_numbers_than_those_of_pixels_are_refused(value):
    wrong = FILMS[0].astype("float32")
    wrong[3, 2, 4, 1] = value
    text = refusal(frame_inputs, [FILMS[1], wrong])
    assert f"Received: {float(value)} in row 1, frame 3, row 2, column 4, channel 1." in text


@pytest.mark.parametrize(
    "wrong, received",
    [
        (np.full((45, 3), 0.5), "shape (45, 3)"),
        (np.full((3, 45, 2), 0.5), "shape (3, 45, 2)"),
        (0.5, "shape ()"),
        (None, "None"),
        ("a film", "'a film'"),
        ([[0.1, 0.2], [0.3]], "[[0.1, 0.2], [0.3]]"),
    ],
)
def test_another_shape_is_refused_with_the_expected_one(wrong, received):
    text = refusal(track_inputs, [TRACKS[0], wrong])
    assert "shape (time, 2)" in text and f"Received: {received} in row 1." in text


@pytest.mark.parametrize("shape", [(2, 7, 4, 5), (2, 7, 4, 5, 1), (2, 7, 5, 4, 3), (2, 7, 3, 4, 5)])
def test_films_of_other_sizes_are_refused(shape):
    text = refusal(frame_inputs, np.ones(shape, "uint8"))
    assert "shape (time, 4, 5, 3)" in text and "in row 0" in text


def test_what_is_no_films_at_all_is_refused():
    for x in (None, "film.mp4", ["a.mp4", "b.mp4"], 3.0, {"film": TRACKS[0]}):
        assert "in row 0" in refusal(track_inputs, x)
