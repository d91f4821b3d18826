"""A search is drawn as it went: each beginning after the one that it goes on from, the kept ones told apart."""

import numpy as np

from seqzoo.plots.beams import plot_beams

STEPS = [("A", 0.6, True), ("B", 0.4, True), ("AC", 0.33, False), ("AD", 0.27, False), ("BC", 0.36, True)]


def test_a_beginning_hangs_on_what_it_goes_on_from():
    axis = plot_beams({"width 2": STEPS}).axes[0]
    places = {text.get_text().split("\n")[0]: text.get_position() for text in axis.texts if text.get_text()}
    lines = [(tuple(t.xyann), tuple(t.xy)) for t in axis.texts if getattr(t, "arrow_patch", None)]
    assert len(lines) == len(STEPS)
    for y, _, _ in STEPS:
        assert (places[y[:-1] or "start"], places[y]) in lines
    assert len({np.round(place, 6).tobytes() for place in places.values()}) == len(places)


def test_what_is_kept_looks_different():
    axis = plot_beams({"width 2": STEPS}).axes[0]
    boxes = {t.get_text().split("\n")[0]: t.get_bbox_patch().get_facecolor() for t in axis.texts if t.get_text()}
    kept = {y: boxes[y] for y, _, kept in STEPS if kept}
    assert set(kept.values()) == {boxes["start"]} and boxes["AC"] == boxes["AD"] != boxes["A"]


def test_signs_are_no_formulas(tmp_path):
    plot_beams({"width 2": [("$", 0.6, True), ("$$", 0.3, True)]}).savefig(tmp_path / "beams.png")
