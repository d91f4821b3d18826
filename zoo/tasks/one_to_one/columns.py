"""Named columns of numbers and words as one vector x, by what the training rows teach."""

import keras
import numpy as np

from seqzoo.words import shown


def encode(columns):
    """Makes an input of each column, and of all of them the vector x.

    A number is brought to mean 0 and variance 1; a number that is missing (nan) counts as the
    mean. A word becomes 1 in a place of its own; a word that no row has is 0 everywhere.

    Args:
        columns: training rows, which alone decide about means, variances and words: a
            dictionary from names to columns, see `as_columns`.

    Returns:
        Keras tensor of shape `(batch, features)`; its inputs have the columns' names.

    Raises:
        ValueError: columns that do not fit, or a column that tells nothing.

    Example:

    >>> encode({"mass": [3.0, 5.0], "island": ["Dream", "Biscoe"]}).shape
    (None, 3)
    """
    columns = as_columns(columns)
    numbers = {name: column for name, column in columns.items() if column.dtype != object}
    parts = [_one_hot(name, column) for name, column in columns.items() if name not in numbers]
    if numbers:
        parts.insert(0, _standardized(numbers))
    return _together(parts, "x")


@keras.saving.register_keras_serializable("seqzoo")
class MissingAsZero(keras.layers.Layer):
    """Writes 0 where a number is nan.

    Example:

    >>> MissingAsZero()(np.array([1.0, np.nan])).numpy()
    array([1., 0.], dtype=float32)
    """

    def call(self, x):
        return keras.ops.where(keras.ops.isnan(x), keras.ops.zeros_like(x), x)


def as_columns(table):
    """Brings a table to NumPy: numbers as float32, words as objects.

    Args:
        table: a dictionary from names to columns, or a pandas data frame. A column is a list
            or an array of numbers or words, of shape `(rows,)` or `(rows, 1)`, or a single one
            of them. None and nan are missing; a missing word becomes "".

    Returns:
        Dictionary of arrays of shape `(rows,)`.

    Raises:
        ValueError: columns that do not fit.

    Example:

    >>> as_columns({"sex": ["male", None]})["sex"]
    array(['male', ''], dtype=object)
    """
    columns = {name: _column(name, table[name]) for name in table.keys()}
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) != 1 or not max(lengths.values()):
        raise ValueError(
            f"Columns must have the same length, at least 1. Received: lengths {lengths}. Give every "
            "column a value for each row."
        )
    return columns


def _column(name, values):
    column = np.atleast_1d(np.asarray(values))
    column = column[:, 0] if column.ndim == 2 and column.shape[1] == 1 else column
    if column.ndim != 1:
        raise ValueError(
            f"Column {name!r} must have the shape (rows,). Received: shape {column.shape}. Give one value "
            "for each row; several become columns of their own."
        )
    if column.dtype.kind in "biuf":
        return column.astype("float32")
    # NumPy makes words of all values where one is a word: the values as they were.
    values = values if isinstance(values, (list, tuple)) else column.tolist()
    if all(_is_missing(value) or isinstance(value, (int, float, np.number)) for value in values):
        return np.array([np.nan if value is None else value for value in values], "float32")
    return np.array([_word(name, value) for value in values], object)


def _is_missing(value):
    return value is None or (isinstance(value, float) and np.isnan(value)) or type(value).__name__ == "NAType"


def _word(name, value):
    if _is_missing(value):
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8")
    if isinstance(value, str):
        return str(value)
    raise ValueError(
        f"Column {name!r} must hold words or numbers, not both. Received: {shown(value)}. Write all of "
        "them as words, or as numbers with nan for unknown."
    )


def _together(parts, name):
    return keras.layers.Concatenate(name=name)(parts) if len(parts) > 1 else parts[0]


def _standardized(columns):
    """(x − μ) / σ of each column, 0 where x is missing."""
    x = _together([keras.Input((1,), name=name) for name in columns], "numbers")
    values = np.stack(list(columns.values()), axis=1).astype("float64")
    for name, column in columns.items():
        if np.isnan(column).all():
            raise ValueError(
                f"Column {name!r} must have a number. Received: nothing but nan. Leave it out, or give numbers."
            )
    variance = np.nanvar(values, axis=0)
    variance = np.where(variance > 0, variance, 1.0)  # what never changes becomes 0
    layer = keras.layers.Normalization(
        mean=np.nanmean(values, axis=0).tolist(), variance=variance.tolist(), name="standardized"
    )
    return MissingAsZero(name="missing_as_zero")(layer(x))


def _one_hot(name, words):
    vocabulary = sorted(set(words) - {""})
    if not vocabulary:
        raise ValueError(
            f"Column {name!r} must have a word. Received: none but empty ones. Leave it out, or give words."
        )
    lookup = keras.layers.StringLookup(vocabulary=vocabulary, output_mode="one_hot", name=f"{name}_words")
    return lookup(keras.Input((1,), dtype="string", name=name))[:, 1:]  # the first is for unknown words
