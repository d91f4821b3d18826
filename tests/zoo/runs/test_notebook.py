"""Notebooks found, read and asked for their parameters: what they take, what they refuse."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from seqzoo.runs.notebook import NotebookError, find_notebook
from seqzoo.runs.parameters import ParameterError


def test_a_notebook_tells_its_title_and_what_can_be_set(write_notebook):
    tiny = find_notebook(write_notebook("1"))
    assert tiny.name == "tiny" and tiny.title == "A tiny notebook"
    assert list(tiny.parameters) == ["cell", "epochs", "rate", "sizes", "shuffle", "limit", "home"]
    assert tiny.wants == ("metrics_file",)
    assert not find_notebook(write_notebook(parameters="cell = 'gru'")).wants


def test_text_sets_parameters_by_name(write_notebook):
    given = find_notebook(write_notebook()).parse(["cell=lstm", "epochs=10", "limit=a=b", "epochs=10"])
    assert given == {"cell": "lstm", "epochs": 10, "limit": "a=b"}


def test_a_refusal_lists_what_there_is(write_notebook):
    with pytest.raises(ParameterError) as refusal:
        find_notebook(write_notebook()).check({"cel": 1})
    assert str(refusal.value).splitlines()[1:] == [
        "Parameters of tiny (name, type, default):",
        "  cell     str    'gru'      one of: rnn, gru, lstm",
        "  epochs   int    3          passes; epochs=3 will do",
        "  rate     float  0.001",
        "  sizes    list   [32, 16]   units of each layer",
        "  shuffle  bool   True",
        "  limit    any    None       anything",
        "  home     any    'a' + 'b'",
    ]


@pytest.mark.parametrize(
    "assignments, message",
    [
        (["cell"], "Expected name=value, received 'cell'."),
        (["epochs=1", "epochs=2"], "Expected one value for epochs, received 1 and 2."),
        (["epochs=three"], "Expected epochs to be of type int, received 'three' (str)."),
    ],
)
def test_text_that_sets_no_parameter_is_refused(write_notebook, assignments, message):
    with pytest.raises(ParameterError) as refusal:
        find_notebook(write_notebook()).parse(assignments)
    assert str(refusal.value).startswith(message)


def test_a_notebook_without_parameters_takes_none(tmp_path):
    nbformat.write(new_notebook(cells=[new_code_cell("1")]), tmp_path / "plain.ipynb")
    with pytest.raises(ParameterError, match="received 'cell'.\nplain has no parameters."):
        find_notebook(tmp_path / "plain.ipynb").check({"cell": "gru"})


def test_an_unknown_notebook_is_an_error_that_lists_those_there_are(monkeypatch, write_notebook):
    monkeypatch.setattr(
        "seqzoo.runs.notebook._shipped", lambda: {"sentiment": write_notebook(), "notes": write_notebook()}
    )
    with pytest.raises(NotebookError) as refusal:
        find_notebook("sentimnet")
    assert str(refusal.value) == (
        "Expected the name of a notebook, or the path of an .ipynb file, received 'sentimnet'. "
        "Did you mean 'sentiment'?\nNotebooks: notes, sentiment."
    )
