import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from seqzoo.door import Refused
from seqzoo.tasks.one_to_one.preprocessor import TablePreprocessor

COLUMNS = {"mass": [3.0, 5.0, 7.0], "island": ["Dream", "Biscoe", "Dream"]}
DEVIATION = np.sqrt(8 / 3)


def learned(table=COLUMNS):
    return TablePreprocessor.learn(table, ["a", "b"])


def encoded(preprocessor, table):
    return preprocessor.inputs(preprocessor.rows(table))


def test_numbers_are_standardized_and_words_get_places():
    expected = [[-2 / DEVIATION, 0, 1], [0, 1, 0], [2 / DEVIATION, 0, 1]]
    np.testing.assert_allclose(encoded(learned(), COLUMNS), expected, atol=1e-6)


@pytest.mark.parametrize("nothing", [None, np.nan, pd.NA, pd.NaT, ""])
def test_what_is_unknown_is_zero(nothing):
    unknown = {"mass": [nothing, nothing, 5.0], "island": [nothing, "Torgersen", "Torgersen"]}
    np.testing.assert_array_equal(encoded(learned(), unknown), np.zeros((3, 3)))
    alone = {"mass": [nothing], "island": [nothing]}
    np.testing.assert_array_equal(encoded(learned(), alone), np.zeros((1, 3)))


def test_missing_numbers_do_not_count_in_the_mean():
    known, holes = {"mass": [3.0, 5.0, 7.0]}, {"mass": [3.0, np.nan, 5.0, None, 7.0]}
    np.testing.assert_array_equal(encoded(learned(holes), known), encoded(learned(known), known))


@pytest.mark.parametrize("value", [4, 0.1])
def test_a_column_that_never_changes_harms_nothing(value):
    x = encoded(learned({"mass": [value] * 3}), {"mass": [value, value + 1]})
    np.testing.assert_allclose(x, [[0], [1]], rtol=1e-6)


FORMS = {
    "arrays": {"mass": np.array([3, 5, 7]), "island": np.array(COLUMNS["island"])},
    "columns of one value": {
        "mass": np.array([[3.0], [5.0], [7.0]]),
        "island": np.array(COLUMNS["island"], object)[:, None],
    },
    "bytes": {"mass": (3, 5, 7), "island": [b"Dream", b"Biscoe", b"Dream"]},
    "data frame": pd.DataFrame({"year": 2007, **COLUMNS}),
    "pandas dtypes": pd.DataFrame(COLUMNS).astype({"mass": "Int64", "island": "category"}),
    "rows": [dict(zip(COLUMNS, row)) for row in zip(*COLUMNS.values())],
    "decimals": {"mass": [Decimal(3), np.float16(5), 7], "island": COLUMNS["island"]},
    "another order": dict(reversed(COLUMNS.items())),
}


@pytest.mark.parametrize("form", FORMS)
def test_tables_of_any_form_are_the_same_table(form):
    np.testing.assert_array_equal(encoded(learned(), FORMS[form]), encoded(learned(), COLUMNS))
    expected = sorted(map(tuple, encoded(learned(), COLUMNS).T))  # another order of columns, another order in x
    assert (
        sorted(
            map(
                tuple,
                encoded(learned({k: FORMS[form][k] for k in COLUMNS} if form != "rows" else FORMS[form]), COLUMNS).T,
            )
        )
        == expected
    )


@pytest.mark.parametrize("row", [{"mass": 7.0, "island": "Dream"}, pd.DataFrame(COLUMNS).iloc[2]])
def test_a_single_row(row):
    np.testing.assert_array_equal(encoded(learned(), row), encoded(learned(), COLUMNS)[2:])


def test_bools_are_numbers():
    x = encoded(learned({"adult": [True, False]}), {"adult": [True, None, np.bool_(False)]})
    np.testing.assert_array_equal(x, [[1], [0], [-1]])


def test_a_table_without_rows_has_none():
    for nothing in ([], {"mass": [], "island": []}, pd.DataFrame(COLUMNS).iloc[:0]):
        assert encoded(learned(), nothing).shape == (0, 3)


@pytest.mark.parametrize(
    "table, message",
    [
        ({"mass": [1, 2], "sex": ["male"]}, "same length(?s:.*)2 rows in column 'mass', 1 in 'sex'"),
        ({"mass": []}, "none, all is missing"),
        ({}, "a column at least"),
        ([], "a row at least"),
        (np.ones((2, 2)), r"a table(?s:.*)\(ndarray\)"),
        (
            {"mass": [3, 4, "?", 5, "n/a"]},
            r"column 'mass'(?s:.*)'\?' in row 2, 'n/a' in row 4(?s:.*)nan for an unknown",
        ),
        ({"mass": [3] * 9 + list("abcdef")}, "'a' in row 9, 'b' in row 10, 'c' in row 11 and 3 more"),
        ({"kind": ["a", "b", 4]}, "not both(?s:.*)4.0 in row 2"),
        (
            {"mass": ["39.1", "?", "40.3"]},
            r"numbers written as words: '39.1' in row 0, '40.3' in row 2; and '\?' in row 1",
        ),
        ({"mass": [1.0, np.inf]}, "finite(?s:.*)'mass'(?s:.*)inf in row 1"),
        ({"mass": np.array([1e300, 0])}, "finite(?s:.*)'mass'(?s:.*)1e[+]300 in row 0"),
        ({"mass": [np.nan, np.nan]}, "all is missing"),
        ({"sex": ["", ""]}, "all is missing"),
        ({"box": np.ones((2, 2))}, r"'box'(?s:.*)shape \(2, 2\)"),
        ({"box": [[1, 2], [3, 4]]}, r"'box'(?s:.*)shape \(2, 2\)"),
        ({"day": pd.date_range("2020-01-01", periods=2)}, "'day'(?s:.*)Timestamp(?s:.*) in row 0"),
        ({"day": [1, datetime.date(2020, 1, 1)]}, "'day'(?s:.*) in row 1"),
        ({"z": [1j, 2]}, "'z'(?s:.*)1j"),
    ],
)
def test_columns_that_do_not_fit_are_refused(table, message):
    with pytest.raises(Refused, match=message) as refusal:
        learned(table)
    assert len(str(refusal.value).splitlines()) == 3 and len(str(refusal.value)) < 600


def test_numbers_that_are_names_can_be_words():
    codes = ["60601", "20500", "60601"]
    x = encoded(learned({"zip": pd.Series(codes, dtype="category")}), {"zip": codes})
    np.testing.assert_array_equal(x, [[0, 1], [1, 0], [0, 1]])


@pytest.mark.parametrize(
    "table, message",
    [
        ({"mass": [3.0]}, "'mass', 'island'(?s:.*)'mass', without 'island'"),
        ([{"mass": 3.0, "island": "Dream"}, {"mass": 3.0}], "in row 1, without 'island'"),
        ({"mass": [3.0, "heavy"], "island": ["Dream"] * 2}, "numbers in column 'mass'(?s:.*)'heavy' in row 1"),
        ({"mass": ["3.0"], "island": ["Dream"]}, "numbers in column 'mass'(?s:.*)'3.0' in row 0"),
        ({"mass": [3.0], "island": [3.0]}, "words in column 'island'(?s:.*)3.0 in row 0"),
        ({"mass": [np.inf], "island": ["Dream"]}, "inf in row 0"),
        ({"mass": [3.0, 4.0], "island": ["Dream"]}, "same length"),
        (None, "a table"),
        ("Dream", "a table"),
    ],
)
def test_other_columns_than_those_of_training_are_refused(table, message):
    with pytest.raises(Refused, match=message):
        learned().rows(table)
