"""The door: what a user brings is checked here, once, before anything is computed.

Every message says in three lines what was expected, what was received and what to do,
whatever the size of the data.
"""

import math
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from seqzoo.wording import clipped, did_you_mean, is_number, three_lines


class Refused(ValueError):
    """Something that came in is not what a task takes."""

    def __init__(self, expected: str, received: str, to_do: str):
        super().__init__(three_lines(expected, received, to_do))


def warn(expected: str, received: str, to_do: str, stacklevel: int = 1) -> None:
    """Warns in the words of a refusal of something that goes on all the same.

    Args:
        expected, received, to_do: as in `Refused`.
        stacklevel: as `warnings.warn` counts it, from the caller.
    """
    warnings.warn(three_lines(expected, received, to_do), stacklevel=stacklevel + 1)


def choose(name: str, value: Any, choices: Iterable) -> Any:
    """The value, which has to be one of the choices.

    Args:
        name: of the argument, for the message.
        value: what was given.
        choices: what there is.

    Raises:
        Refused: it is none of them.

    Example:

    >>> choose("cell", "ltsm", ["rnn", "gru", "lstm"])
    Traceback (most recent call last):
    seqzoo.door.Refused: Expected: cell to be one of 'rnn', 'gru', 'lstm'.
    Received: 'ltsm'.
    To do: choose one of these. Did you mean 'lstm'?
    """
    choices = list(choices)
    if value not in choices:
        hint = did_you_mean(value, choices, cutoff=0.4)
        raise Refused(
            f"{name} to be one of {clipped(', '.join(map(repr, choices)))}",
            clipped(repr(value)),
            f"choose one of these.{hint}" if hint else "choose one of these",
        )
    return value


def from_tensor(value: Any) -> Any:
    """A tensor of any library, on any device, as a NumPy array; everything else as it is.

    Example:

    >>> import tensorflow as tf
    >>> from_tensor(tf.constant([1, 2])), from_tensor([1, 2])
    (array([1, 2], dtype=int32), [1, 2])
    """
    if hasattr(value, "detach"):  # torch's may be on a GPU, or wait for a gradient
        value = value.detach().cpu()
    return value.numpy() if hasattr(value, "numpy") else value


def column(values: Any) -> list:
    """A column of values as a list: from a list, an array, a tensor, a pandas Series, or a single value.

    Args:
        values: of shape `(rows,)` or `(rows, 1)`, or one value.

    Raises:
        Refused: it has another shape.

    Example:

    >>> column(np.array([[1], [2]])), column("one"), column(None)
    ([1, 2], ['one'], [None])
    """
    of_rows = hasattr(values, "to_list")  # a pandas Series, a ragged tensor
    values = values.to_list() if of_rows else from_tensor(values)
    if isinstance(values, (str, bytes)) or values is None or np.isscalar(values):
        return [_scalar(values)]
    if isinstance(values, (dict, set)) or not hasattr(values, "__iter__"):
        raise Refused("a list, an array or a column of values", f"a {type(values).__name__}", "give a list")
    if hasattr(values, "to_numpy"):  # a pandas data frame
        values = values.to_numpy(dtype=object)
    if isinstance(values, np.ndarray):
        if values.ndim == 2 and values.shape[1] == 1:
            values = values[:, 0]
        if values.ndim > 1:
            raise Refused("one value in each row", f"shape {values.shape}", "give a list of values")
        return values.tolist() if values.ndim else [values.item()]
    return [_scalar(value) for value in values]


def _scalar(value):
    return value.item() if isinstance(value, (np.generic, np.ndarray)) and value.ndim == 0 else value


def texts(values: Any, what: str = "a text") -> np.ndarray:
    """Texts as an array of Python strings.

    Args:
        values: a string, or a list, array, tensor or pandas Series of strings or UTF-8 bytes.
        what: one of them, for the message.

    Returns:
        Array of objects, shape `(rows,)`.

    Raises:
        Refused: one of them is not a string.

    Example:

    >>> texts([b"good", "bad"])
    array(['good', 'bad'], dtype=object)
    >>> texts(["good", None])
    Traceback (most recent call last):
    seqzoo.door.Refused: Expected: a text in every row.
    Received: None (NoneType) in row 1.
    To do: leave the row out, or write "" for an empty text.
    """
    found = column(values)
    for row, value in enumerate(found):
        if isinstance(value, bytes):
            found[row] = _decoded(value, row)
        elif isinstance(value, str):
            _require_utf8(value, row)
        else:
            kind = type(value).__name__
            raise Refused(
                f"{what} in every row",
                f"{clipped(repr(value))} ({kind}) in row {row}",
                'leave the row out, or write "" for an empty text',
            )
    array = np.empty(len(found), object)
    array[:] = found
    return array


def _decoded(value, row):
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(
            "text in UTF-8", f"{clipped(repr(value))} in row {row}", 'decode it first, as bytes.decode("latin-1")'
        ) from error


def _require_utf8(value, row):
    """Refuses half a character, as broken JSON has them."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Refused(
            "text of whole characters",
            f"{value[error.start : error.end]!r} in row {row}, letter {error.start}",
            'leave it out: text.encode("utf-8", "ignore").decode("utf-8")',
        ) from error


def label_names(labels: Any, at_least: int = 2) -> tuple[str, ...]:
    """The names of labels, from names or from how many there are.

    Args:
        labels: names, or numbers that serve as names; or a number of labels, which are then
            called "0", "1" and so on.
        at_least: how many there have to be, one or two.

    Raises:
        Refused: fewer, or one twice.

    Example:

    >>> label_names(["negative", "positive"]), label_names(np.int64(3)), label_names([1, 5])
    (('negative', 'positive'), ('0', '1', '2'), ('1', '5'))
    """
    given = column(labels)
    if np.ndim(labels) == 0 and isinstance(given[0], (int, float)) and not isinstance(given[0], bool):
        given = list(range(natural("labels", given[0], 2)))
    names = [_name(label) for label in given]
    is_missing = any(isinstance(label, float) and math.isnan(label) for label in given)
    if len(names) < at_least or len(set(names)) < len(names) or is_missing:
        raise Refused(
            f"labels: {'one name' if at_least == 1 else 'two names'} or more, each once",
            clipped(", ".join(map(repr, names)) or "none"),
            'give for example labels=["negative", "positive"]',
        )
    return tuple(names)


def _name(label):
    if isinstance(label, float) and label.is_integer():
        label = int(label)
    return label.decode("utf-8") if isinstance(label, bytes) else str(label)


def label_places(values: Any, labels: Sequence[str], where: str = "row") -> np.ndarray:
    """The places of labels in the model's own.

    Args:
        values: names, or places from 0, of shape `(rows,)` or `(rows, 1)`. Where the names
            are numbers, numbers are names.
        labels: the model's labels.
        where: what counts the values, for the message.

    Returns:
        int64 of shape `(rows,)`.

    Raises:
        Refused: a value is no label.

    Example:

    >>> label_places(["positive", "negative"], ("negative", "positive"))
    array([1, 0])
    >>> label_places([1, 5], ("negative", "positive"))
    Traceback (most recent call last):
    seqzoo.door.Refused: Expected: labels 'negative', 'positive', or their places 0 to 1.
    Received: 5 in row 1.
    To do: give one of these, or name your labels when you create the model: labels=[...].
    """
    by_name = {name: place for place, name in enumerate(labels)}
    counted = [name for name in labels if is_number(name) and any(map(str.isdigit, name))]
    by_number = {float(name): by_name[name] for name in reversed(counted)}
    values = column(values)
    places = np.empty(len(values), "int64")
    for row, value in enumerate(values):
        place = _place(value, by_name, by_number)
        if place is None:
            counting = "" if by_number else f", or their places 0 to {len(labels) - 1}"
            raise Refused(
                f"labels {clipped(', '.join(map(repr, labels)))}{counting}",
                f"{clipped(repr(value))} in {where} {row}",
                "give one of these, or name your labels when you create the model: labels=[...]"
                + did_you_mean(value, labels),
            )
        places[row] = place
    return places


def _place(value, by_name, by_number):
    if isinstance(value, (str, bytes)):
        return by_name.get(_name(value))
    if not isinstance(value, (bool, int, float, np.number, np.bool_)) or not math.isfinite(value):
        return None
    names = [_name(value)]
    if isinstance(value, (bool, np.bool_)):
        names += [names[0].lower(), names[0].upper()]
    for name in names:
        if name in by_name:
            return by_name[name]
    if by_number:
        return by_number.get(float(value))
    return int(value) if value == int(value) and 0 <= value < len(by_name) else None


def is_whole(value: Any) -> bool:
    """Whether a value is a whole number, of any type but a truth.

    Example:

    >>> is_whole(2.0), is_whole(2.5), is_whole(True), is_whole("2")
    (True, False, False, False)
    """
    is_real = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    return is_real and math.isfinite(value) and value == int(value)


def natural(name: str, value: Any, such_as: int) -> int:
    """A whole number of 1 or more.

    Args:
        name: of the argument, for the message.
        value: what was given.
        such_as: what the message advises.

    Raises:
        Refused: it is something else.

    Example:

    >>> natural("batch_size", 0, 32)
    Traceback (most recent call last):
    seqzoo.door.Refused: Expected: batch_size of 1 or more, a whole number.
    Received: 0.
    To do: give for example batch_size=32.
    """
    if not is_whole(value) or value < 1:
        expected = f"{name} of 1 or more, a whole number"
        raise Refused(expected, clipped(repr(value)), f"give for example {name}={such_as}")
    return int(value)


def numbers(values: Any, what: str) -> np.ndarray:
    """A column of finite numbers, float32.

    Args:
        values: as `column` takes them.
        what: they are, for the message.

    Raises:
        Refused: one of them is no number, or none that is finite; says where.

    Example:

    >>> numbers([1, 0.5], "weights")
    array([1. , 0.5], dtype=float32)
    >>> numbers([1, "half"], "weights")
    Traceback (most recent call last):
    seqzoo.door.Refused: Expected: numbers as weights.
    Received: 'half' in row 1.
    To do: give a number for each.
    """
    found = column(values)
    array = np.empty(len(found), "float32")
    for row, value in enumerate(found):
        try:
            array[row] = value
        except (TypeError, ValueError) as error:
            raise Refused(
                f"numbers as {what}", f"{clipped(repr(value))} in row {row}", "give a number for each"
            ) from error
    return finite(array, what)


def finite(array: np.ndarray, what: str, row: int | None = None) -> np.ndarray:
    """The array, which has to be finite.

    Args:
        array: numbers, of any shape; its first axis counts rows unless `row` is given.
        what: one of them, for the message.
        row: where the array is that of a single row.

    Raises:
        Refused: it holds nan or infinity; says where.

    Example:

    >>> finite(np.array([[0.0, np.nan]]), "places")
    Traceback (most recent call last):
    seqzoo.door.Refused: Expected: finite numbers as places.
    Received: nan in row 0, at [1].
    To do: leave the row out, or fill in what is missing.
    """
    if array.dtype.kind not in "fc" or np.isfinite(array).all():
        return array
    place = [int(i) for i in np.argwhere(~np.isfinite(array))[0]]
    value = array[tuple(place)]
    first = place.pop(0) if row is None else row
    at = f", at {place}" if place else ""
    raise Refused(
        f"finite numbers as {what}",
        f"{value} in row {first}{at}",
        "leave the row out, or fill in what is missing",
    )


def same_length(**lengths: int) -> None:
    """Refuses columns of different lengths.

    Example:

    >>> same_length(sentences=3, labels=2)
    Traceback (most recent call last):
    seqzoo.door.Refused: Expected: as many sentences as labels.
    Received: 3 sentences, 2 labels.
    To do: give one of each for every example.
    """
    if len(set(lengths.values())) > 1:
        raise Refused(
            "as many " + " as ".join(lengths),
            ", ".join(f"{n} {name}" for name, n in lengths.items()),
            "give one of each for every example",
        )
