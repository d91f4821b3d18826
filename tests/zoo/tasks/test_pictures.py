import numpy as np
import pytest

import seqzoo
from seqzoo.door import Refused
from seqzoo.tasks.dna.plots import plot_bases
from seqzoo.tasks.ner.plots import plot_common_confusions
from seqzoo.tasks.one_to_one.plots import plot_regions
from seqzoo.tasks.video.plots import plot_strip


def test_frames_of_a_film_share_their_greys():
    figure = plot_strip(np.stack([np.full((8, 8, 1), grey, "uint8") for grey in (0, 128, 255)]), frames=3)
    assert [axis.images[0].get_clim() for axis in figure.axes] == [(0, 255)] * 3


def test_uracil_is_counted_as_the_model_reads_it():
    share = plot_bases(["ACGU", "ACGT"], [0, 0], ["one"]).axes[0].images[0].get_array()
    np.testing.assert_array_equal(share[:, 3], [0, 0, 0, 1])


def test_a_label_may_be_called_others():
    tags = [["others"] * 3 + ["a"]]
    image = plot_common_confusions(tags, tags).axes[0].images[0].get_array()
    np.testing.assert_array_equal(image, np.diag([1, 1, 0]))


def test_regions_of_a_table_with_gaps():
    rows = {"a": [1.0, None, 3.0], "b": [0.0, 5.0, 1.0], "w": ["x", None, "x"]}
    model = seqzoo.create_model("one_to_one", columns=rows, labels=["no", "yes"])
    figure = plot_regions(model, rows, ["no", "yes", "yes"], "a", "b", grid=4)
    assert np.isfinite(figure.axes[0].get_xlim()).all()
    with pytest.raises(Refused, match="a column of numbers"):
        plot_regions(model, rows, ["no", "yes", "yes"], "w", "b")
