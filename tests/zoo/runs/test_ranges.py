"""Numbers out of range are refused before anything runs, in every notebook, for every parameter that is a number."""

import math

import pytest

from seqzoo.runs.notebook import find_notebook, list_notebooks
from seqzoo.runs.parameters import ParameterError
from seqzoo.runs.ranges import find_range
from seqzoo.runs.runner import run_notebook

NUMBERS = [
    (name, parameter)
    for name in list_notebooks()
    for parameter in find_notebook(name).parameters.values()
    if parameter.type in (int, float)
]


@pytest.mark.parametrize(
    "comment, inside, outside",
    [
        ("passes; range: 1 or more", (1, 40), (0, -5)),
        ("of Adam; range: above 0", (1e-9, 3), (0, -1, math.inf, math.nan)),
        ("a share; range: 0 to below 1", (0, 0.99), (1, -0.1, math.nan)),
        ("a share; range: 0 to 1", (0, 1), (1.1, -0.1)),
        ("an angle; range: -3.2 to 3.2", (-3.2, 0), (-3.3, 4)),
    ],
)
def test_a_comment_limits_numbers(comment, inside, outside):
    found = find_range(comment)
    assert all(number in found for number in inside) and not any(number in found for number in outside)
    assert str(found) == comment.split("range: ")[1]


def test_a_comment_without_a_range_limits_nothing():
    assert find_range("of that tune: below 1 safer, above 1 wilder") is None


@pytest.mark.parametrize("name, parameter", NUMBERS, ids=[f"{name}-{p.name}" for name, p in NUMBERS])
def test_every_number_of_every_notebook_has_a_range_with_its_default_inside(name, parameter):
    assert parameter.default in parameter.range
    wrong = parameter.range.low - 1
    with pytest.raises(ParameterError) as refusal:
        find_notebook(name).check({parameter.name: parameter.type(wrong)})
    lines = str(refusal.value).splitlines()
    assert len(lines) == 3 and all(len(line) < 120 for line in lines)
    assert lines[0] == f"Expected: {parameter.name} to be {parameter.range}."


@pytest.mark.parametrize("name, value", [("epochs", 0), ("limit", -5), ("learning_rate", float("nan"))])
def test_nothing_is_written_for_what_is_out_of_range(name, value, tmp_path):
    with pytest.raises(ParameterError, match=f"Expected: {name} to be"):
        run_notebook("sentiment", {name: value}, tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


def test_a_notebook_that_is_run_by_hand_checks_what_its_variables_hold():
    with pytest.raises(ParameterError, match="Expected: time to be 2 or more.\nReceived: 1."):
        find_notebook("notes").check_values({"time": 1, "other": object()})
    for name in list_notebooks():
        code = [source for kind, source, _ in find_notebook(name).cells if kind == "code"]
        assert sum(f'find_notebook("{name}").check_values(globals())' in source for source in code) == 1
