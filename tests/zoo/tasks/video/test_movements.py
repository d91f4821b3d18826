"""The movements are called what their tracks show. Places are across and down, as pixels are counted."""

import numpy as np
import pytest

from seqzoo.tasks.video.dataset import load
from seqzoo.tasks.video.libras_movements import MOVEMENTS

SIDEWAYS, UPRIGHT = (0, 1), (1, 0)  # along which axis, and across which


@pytest.fixture(scope="module")
def tracks(mini_data_dir):
    """All tracks of each movement, by its name: arrays of shape `(films, 45, 2)`."""
    films = [film for split in ("train", "validation", "test") for film in load("mini", split, mini_data_dir)]
    return {
        name: np.array([track for track, label in films if label == place], float)
        for place, name in enumerate(MOVEMENTS)
    }


def extent(tracks):
    """How far the middle one of the tracks reaches, across and down."""
    return np.median(np.ptp(tracks, axis=1), axis=0)


def reversals(tracks, step=0.02):
    """How often the middle one of the tracks turns back, across and down; what is below `step` is a tremor."""
    return np.median([[_turns(along, step) for along in track.T] for track in tracks], axis=0)


def _turns(along, step):
    turns, direction, furthest = 0, 0, along[0]
    for place in along:
        if (place - furthest) * direction > 0:
            furthest = place
        elif abs(place - furthest) > step:
            turns += direction != 0
            direction, furthest = np.sign(place - furthest), place
    return turns


def sharpness(tracks, parts=40, most=8):
    """The share of all its turning that the middle one of the tracks makes in its sharpest places."""
    shares = []
    for track in tracks:
        gone = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(track, axis=0), axis=1))])
        even = np.linspace(0, gone[-1], parts)
        steps = np.diff([np.interp(even, gone, along) for along in track.T], axis=1)
        angles = np.abs(np.diff(np.unwrap(np.arctan2(steps[1], steps[0]))))
        shares.append(np.sort(angles)[-most:].sum() / angles.sum())
    return np.median(shares)


def clockwise(tracks):
    """The share of the tracks that enclose their area clockwise, as it is seen where places go down."""
    x, y = np.moveaxis(tracks, -1, 0)
    area = np.sum(x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1), axis=1)
    return np.mean(area > 0)


def hang(tracks):
    """How far the middle of the middle one of the tracks is below its ends."""
    down = tracks[..., 1]
    return np.median(down[:, 18:27].mean(axis=1) - (down[:, 0] + down[:, -1]) / 2)


@pytest.mark.parametrize("name, axes", [("horizontal", SIDEWAYS), ("vertical", UPRIGHT)])
def test_straight_lines_and_swings(tracks, name, axes):
    along, across = extent(tracks[f"{name} straight line"])[list(axes)]
    assert along > 0.4 and across < 0.1
    assert reversals(tracks[f"{name} straight line"]).tolist() == [0, 0]
    along, across = extent(tracks[f"{name} swing"])[list(axes)]
    assert along > 0.4 and across < 0.15
    assert reversals(tracks[f"{name} swing"])[axes[0]] >= 2


def test_a_curved_swing_goes_back_and_forth_along_an_arc(tracks):
    assert extent(tracks["curved swing"]).min() > 0.3
    assert reversals(tracks["curved swing"])[0] >= 2


@pytest.mark.parametrize("name, axes", [("horizontal", SIDEWAYS), ("vertical", UPRIGHT)])
def test_zigzags_and_waves_go_one_way_and_turn_on_the_other(tracks, name, axes):
    for kind in ("zigzag", "wavy"):
        along, across = axes
        reach, turns = extent(tracks[f"{name} {kind}"]), reversals(tracks[f"{name} {kind}"])
        assert reach[along] > 0.5 and reach[along] > 1.5 * reach[across]
        assert turns[along] <= 1 and turns[across] >= 3
    assert sharpness(tracks[f"{name} zigzag"]) > 0.7 and sharpness(tracks[f"{name} wavy"]) < 0.6  # corners


def test_what_trembles_stays_where_it_is(tracks):
    assert extent(tracks["tremble"]).max() < 0.1
    assert reversals(tracks["tremble"]).max() >= 5


def test_arcs_go_round_as_they_are_called(tracks):
    assert clockwise(tracks["clockwise arc"]) == 1
    assert clockwise(tracks["anti-clockwise arc"]) == 0
    for name in ("clockwise arc", "anti-clockwise arc"):
        assert extent(tracks[name]).min() > 0.3


def test_a_circle_ends_where_it_began(tracks):
    ends = np.linalg.norm(tracks["circle"][:, -1] - tracks["circle"][:, 0], axis=-1)
    assert np.median(ends) < 0.2 and extent(tracks["circle"]).min() > 0.4
    assert clockwise(tracks["circle"]) < 0.1  # the notebook says so


def test_curves_are_open_above_or_below(tracks):
    assert hang(tracks["face-up curve"]) > 0.2 and hang(tracks["face-down curve"]) < -0.2
    for name in ("face-up curve", "face-down curve"):
        assert extent(tracks[name])[0] > 0.5 and reversals(tracks[name])[0] == 0


def test_straight_lines_go_to_the_left_and_up_only(tracks):  # the notebook says so
    for name, axis in (("horizontal straight line", 0), ("vertical straight line", 1)):
        assert np.all(tracks[name][:, -1, axis] < tracks[name][:, 0, axis])
