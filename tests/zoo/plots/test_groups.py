"""Groups of like examples hold every example once, and their shares are those of the examples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from seqzoo.door import Refused
from seqzoo.plots.groups import groups, interval, plot_right_by

ANSWERS = st.lists(st.tuples(st.booleans(), st.integers(-3, 6)), min_size=1, max_size=40)


@given(ANSWERS, st.integers(1, 6))
def test_every_example_is_in_one_group_and_equal_ones_together(answers, most):
    right, values = map(np.array, zip(*answers))
    found = groups(right, values, most)
    assert 1 <= len(found) <= most and sum(len(part) for part, _ in found) == len(values)
    for (_, before), (_, after) in zip(found, found[1:]):
        assert before.max() < after.min()
    assert sum(part.sum() for part, _ in found) == right.sum()


@pytest.mark.parametrize(("right", "of"), [(0, 5), (5, 5), (9, 10), (711, 979)])
def test_an_interval_is_wilsons(right, of):
    assert interval(right, of) == pytest.approx(binomtest(right, of).proportion_ci(method="wilson"), abs=1e-4)


def test_the_picture_shows_shares_and_their_intervals():
    (axis,) = plot_right_by([1, 1, 0, 0], {"words": [2, 2, 8, 9]}, most=2).axes
    line = axis.containers[0].lines[0]
    np.testing.assert_allclose(np.array(line.get_ydata(), float), [1, 0])
    assert [label.get_text() for label in axis.get_xticklabels()] == ["2\nof 2", "8 to 9\nof 2"]
    assert axis.get_xlabel() == "words"


def test_long_lengths_keep_their_names_and_what_is_missing_is_refused():
    figure = plot_right_by([1, 0, 1, 1], {"letters": [1001, 1002, 1003, 12345]}, most=4)
    names = [label.get_text().split("\n")[0] for label in figure.axes[0].get_xticklabels()]
    assert names == ["1,001", "1,002", "1,003", "12,345"]
    with pytest.raises(Refused, match="nan in row 1"):
        plot_right_by([1, 0], {"letters": [1.0, float("nan")]})


def test_groups_may_be_of_truths():
    figure = plot_right_by([1, 0, 1], {"known": np.array([True, False, True])}, most=2)
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["0\nof 1", "1\nof 2"]
