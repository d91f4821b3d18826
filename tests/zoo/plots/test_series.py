"""Series can be told apart by a reader who does not see red or green, and on a copy without colour."""

import itertools

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from seqzoo.plots.series import COLOURS, series

# Machado, Oliveira and Fernandes (2009), the whole of each deficiency.
SEEN = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
}


def linear(colour):
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


@pytest.mark.parametrize("eye", SEEN)
def test_colours_differ_to_eyes_that_lack_a_colour(eye):
    seen = [np.clip(np.array(SEEN[eye]) @ linear(colour), 0, 1) ** (1 / 2.4) for colour in COLOURS]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 0.1
    red, green = (np.clip(np.array(SEEN[eye]) @ linear(c), 0, 1) ** (1 / 2.4) for c in ("#d62728", "#2ca02c"))
    assert np.linalg.norm(red - green) < 0.35  # the eye is simulated: matplotlib's own red and green come close


def test_no_two_series_look_alike():
    looks = [tuple(series(place).values()) for place in range(len(COLOURS) * 4)]
    assert len(set(looks)) == len(looks)
    assert len({series(place)["marker"] for place in range(7)}) == 7
    assert len({series(place)["linestyle"] for place in range(4)}) == 4
