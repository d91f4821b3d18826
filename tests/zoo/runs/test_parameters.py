"""Parameters: read from source, set from text, checked by type."""

import pytest

from seqzoo.runs.parameters import Parameter, read_parameters

SOURCE = """\
cell = "gru"  # one of: rnn, gru, lstm
epochs = 3  # passes; epochs=3 will do
rate: float = 1e-3
sizes = [32,
         16]  # units of each layer
shuffle = True
limit = None  # anything
home = "a" + "b"
metrics_file = "metrics.json"
"""


def test_every_assignment_is_read_with_type_default_and_comment():
    assert list(read_parameters(SOURCE).values()) == [
        Parameter("cell", str, "gru", "one of: rnn, gru, lstm"),
        Parameter("epochs", int, 3, "passes; epochs=3 will do"),
        Parameter("rate", float, 0.001),
        Parameter("sizes", list, [32, 16], "units of each layer"),
        Parameter("shuffle", bool, True),
        Parameter("limit", None, None, "anything"),
        Parameter("home", None, "'a' + 'b'"),
        Parameter("metrics_file", str, "metrics.json"),
    ]


@pytest.mark.parametrize(
    "text, value",
    [
        ("cell=gru", "gru"), ("epochs=10", 10), ("rate=1e-4", 1e-4), ("rate=2", 2), ("sizes=[8, 8]", [8, 8]),
        ("shuffle=false", False), ("shuffle=True", True), ("limit=None", None), ("limit=null", None),
        ("limit=[a, b]", ["a", "b"]), ("limit=2026-01-01", "2026-01-01"), ("limit=a=b", "a=b"), ("limit=", None),
        ("limit=2026-13-45", "2026-13-45"), ("limit={[]: 1}", "{[]: 1}"), ("limit=&a [*a]", "&a [*a]"),
        ("epochs=010", 10), ("sizes=[010, 08]", [10, 8]), ("limit=-007", -7), ("limit=1:30", "1:30"),
        ("limit=[no, 1:30, 1e3, .5, ~]", ["no", "1:30", 1000.0, 0.5, None]), ("rate=01.5", 1.5),
    ],
)  # fmt: skip
def test_text_becomes_the_value_it_stands_for(text, value):
    name, _, typed = text.partition("=")
    parameter = read_parameters(SOURCE)[name]
    assert parameter.parse(typed) == value and parameter.accepts(value)


def test_a_number_for_a_text_parameter_stays_as_typed():
    assert Parameter("version", str, "1").parse("007") == "007"


@pytest.mark.parametrize(
    "name, value, accepted",
    [
        ("epochs", 10, True), ("epochs", 2.5, False), ("epochs", True, False), ("rate", 1, True), ("rate", True, False),
        ("shuffle", False, True), ("shuffle", 1, False), ("limit", 10, True), ("limit", [1], True),
        ("cell", "lstm", True), ("cell", "ltsm", False), ("sizes", [8], True), ("sizes", 8, False),
    ],
)  # fmt: skip
def test_a_value_is_accepted_by_its_type_and_choices(name, value, accepted):
    assert read_parameters(SOURCE)[name].accepts(value) is accepted
