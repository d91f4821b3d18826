"""The columns of a table, each of numbers or of words, as NumPy arrays."""

import numbers
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from seqzoo import door
from seqzoo.wording import clipped, is_number

LARGEST = float(np.finfo("float32").max)


def by_name(table: Any, names: Sequence[str] | None = None) -> dict[str, Any]:
    """The columns of a table.

    Args:
        table: a dictionary of columns, a pandas data frame, a list of rows that are
            dictionaries, or a single row.
        names: of the columns to take, all when None.

    Raises:
        Refused: it is no table, or lacks a column.

    Example:

    >>> by_name([{"mass": 3.0, "sex": "male"}, {"mass": 5.0, "sex": None}], ["mass"])
    {'mass': [3.0, 5.0]}
    """
    if isinstance(table, (list, tuple)) and all(hasattr(row, "keys") for row in table):
        return _of_rows(table, names)
    if not hasattr(table, "keys"):
        raise door.Refused(
            "a table: a dictionary of columns, a data frame, or a list of rows",
            f"{clipped(repr(table))} ({type(table).__name__})",
            'give for example {"mass": [3.0, 5.0], "island": ["Dream", "Biscoe"]}',
        )
    columns = {str(name): table[name] for name in table.keys()}
    _complete(columns, names, "")
    return {name: columns[name] for name in (columns if names is None else names)}


def cells(name: str, values: Any) -> np.ndarray:
    """The cells of a column: numbers alone, or words and what stands among them.

    Args:
        name: of the column, for messages.
        values: a list, array or series of shape `(rows,)` or `(rows, 1)`, or a single value.
            Missing is nan, None, pandas's NA, or "".

    Returns:
        Array of shape `(rows,)`: float64 with nan for missing where no cell is a word, else
        objects: strings, floats, and None for missing.

    Raises:
        Refused: a cell is neither number nor word, or is infinite.

    Example:

    >>> cells("mass", [3, None, True]), cells("sex", ["male", "", 1])
    (array([ 3., nan,  1.]), array(['male', None, 1.0], dtype=object))
    """
    dtype = getattr(values, "dtype", None)
    if isinstance(dtype, np.dtype) and dtype.kind in "biuf" and np.ndim(values) == 1:
        found = np.asarray(values, "float64")
    else:
        if len(np.shape(values)) > 1 and np.shape(values)[1:] != (1,):
            raise _refused(name, "one value in each row", f"shape {np.shape(values)}", "make several columns of it")
        found = _array([_cell(name, row, value) for row, value in enumerate(door.column(values))])
        if not any(isinstance(value, str) for value in found):
            found = found.astype("float64")
    if found.dtype != object and (abs(found) > LARGEST).any():
        row = int((abs(found) > LARGEST).argmax())
        raise _refused(name, "finite numbers", f"{found[row]} in row {row}", "write nan where a number is not known")
    return found


def as_numbers(name: str, column: np.ndarray) -> np.ndarray:
    """Cells as numbers, nan where they are missing.

    Raises:
        Refused: some are words; says which.

    Example:

    >>> as_numbers("mass", cells("mass", [3.0, "?", 5.0]))
    Traceback (most recent call last):
    seqzoo.door.Refused: Expected: numbers in column 'mass'.
    Received: '?' in row 1.
    To do: give numbers, and nan for what is not known.
    """
    if column.dtype == object:
        raise _refused(name, "numbers", _places(column, str), "give numbers, and nan for what is not known")
    return column


def as_words(name: str, column: np.ndarray) -> np.ndarray:
    """Cells as words, "" where they are missing.

    Raises:
        Refused: some are numbers; says which.

    Example:

    >>> as_words("sex", cells("sex", ["male", None]))
    array(['male', ''], dtype=object)
    """
    if column.dtype != object:
        column = _array([None if np.isnan(value) else value for value in column.tolist()])
    if any(isinstance(value, float) for value in column):
        raise _refused(name, "words", _places(column, float), 'give words, and "" for what is not known')
    return _array(["" if value is None else value for value in column])


def learn(name: str, values: Any) -> np.ndarray:
    """A training column as what it is: numbers, float64, or words, objects.

    Raises:
        Refused: it holds both, neither, or numbers that are written as words.

    Example:

    >>> learn("mass", ["39.1", "40.3", "?"])
    Traceback (most recent call last):
    seqzoo.door.Refused: Expected: numbers or words in column 'mass'.
    Received: numbers written as words: '39.1' in row 0, '40.3' in row 1; and '?' in row 2.
    To do: make numbers of them, with nan for unknown (pandas.to_numeric); or, for names, a pandas category.
    """
    column = cells(name, values)
    words = [value for value in column if isinstance(value, str)]
    if column.dtype != object:
        if np.isnan(column).all():
            raise _refused(name, "a number or a word", "none, all is missing", "leave the column out")
        return column
    if any(isinstance(value, float) for value in column):
        fewer = str if 2 * len(words) <= sum(value is not None for value in column) else float
        raise _refused(
            name,
            "numbers or words, not both,",
            _places(column, fewer),
            "write nan for an unknown number; or write all of them as words",
        )
    if 2 * sum(map(is_number, words)) > len(words) and str(getattr(values, "dtype", "")) != "category":
        rest = _array([None if value is None or is_number(value) else value for value in column])
        written = _array([None if value is None or not is_number(value) else value for value in column])
        also = f"; and {_places(rest, str)}" if any(rest != None) else ""  # noqa: E711, elementwise
        raise _refused(
            name,
            "numbers or words",
            f"numbers written as words: {_places(written, str)}{also}",
            "make numbers of them, with nan for unknown (pandas.to_numeric); or, for names, a pandas category",
        )
    return as_words(name, column)


def same_length(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The columns, which have to be equally long.

    Raises:
        Refused: they are not.
    """
    lengths = {name: len(column) for name, column in columns.items()}
    first = next(iter(lengths))
    other = next((name for name, n in lengths.items() if n != lengths[first]), None)
    if other is not None:
        raise door.Refused(
            "columns of the same length",
            f"{lengths[first]} rows in column {first!r}, {lengths[other]} in {other!r}",
            "give every column a value for each row",
        )
    return columns


def _of_rows(rows, names):
    if not rows and names is None:
        raise door.Refused("a table with a row at least", "none", "give some rows")
    names = [str(name) for name in rows[0].keys()] if names is None else names
    rows = [{str(name): row[name] for name in row.keys()} for row in rows]
    for place, row in enumerate(rows):
        _complete(row, names, f" in row {place}")
    return {name: [row[name] for row in rows] for name in names}


def _complete(columns, names, where):
    missing = [name for name in names or () if name not in columns]
    if missing:
        raise door.Refused(
            f"the columns {clipped(', '.join(map(repr, names)))}",
            f"{clipped(', '.join(map(repr, columns)) or 'none')}{where}, without {missing[0]!r}",
            "add it; an unknown number is nan, an unknown word ''",
        )


def _cell(name, row, value):
    if isinstance(value, bytes):
        value = door.texts([value])[0]
    if isinstance(value, str):
        return value or None
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, (numbers.Real, Decimal, np.bool_)):
        return None if value != value else float(value)
    raise _refused(
        name,
        "numbers or words",
        f"{clipped(repr(value))} ({type(value).__name__}) in row {row}",
        "give numbers, of a date for example its days since another; or words",
    )


def _places(column: Iterable, kind: type, most: int = 3) -> str:
    found = [(value, row) for row, value in enumerate(column) if isinstance(value, kind)]
    said = ", ".join(f"{clipped(repr(value), 40)} in row {row}" for value, row in found[:most])
    return said + (f" and {len(found) - most} more" if len(found) > most else "")


def _array(values):
    array = np.empty(len(values), object)
    array[:] = values
    return array


def _refused(name, expected, received, to_do):
    return door.Refused(f"{expected} in column {clipped(repr(name), 80)}", received, to_do)
