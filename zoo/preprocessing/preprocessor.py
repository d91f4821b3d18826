"""What a preprocessor is: from raw examples to the numbers of a network, and back."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from seqzoo import door


class Preprocessor:
    """From the raw examples of a task to the numbers of its network.

    One subclass for each task says how. It is saved inside the model's file, so its `get_config`
    holds all that it has learned, in JSON's own kinds. It runs in the input pipeline, beside the
    training, and nothing of it is in the network: so it may use strings, and TensorFlow whatever
    the backend.

    Rows are what the door lets through: an array, a list of arrays, or a dictionary of columns,
    with the examples along the first axis.

    Args:
        labels: the names of the labels, where the task has labels.
    """

    target_rank = 1  # axes of a batch of targets
    weighs_labels = False  # whether targets are places of labels, which `class_weight` can weigh
    right_padded = True  # whether what a network masks stands at the ends of rows alone
    weighs_steps = False  # whether every step of a target has a loss of its own, which the example's weight weighs

    def __init__(self, labels: Any = ()):
        labels = list(labels) if isinstance(labels, Iterator) else labels
        self.labels = door.label_names(labels) if np.size(labels) else ()

    def rows(self, x: Any) -> Any:
        """Raw examples as rows, checked.

        Args:
            x: what a user gives: a list, an array, a table; or a single example.

        Raises:
            Refused: an example is not what the task takes.
        """
        raise NotImplementedError

    def target_rows(self, y: Any, rows: Any) -> Any:
        """Raw targets as rows, checked.

        Args:
            y: what a user gives.
            rows: the examples they belong to, as `rows` gave them.

        Raises:
            Refused: a target is not what the task takes.
        """
        raise NotImplementedError

    def inputs(self, rows: Any) -> Any:
        """A batch of rows as the network's inputs: an array, or a dictionary by the inputs' names."""
        raise NotImplementedError

    def lengths(self, rows: Any, targets: Any = None) -> np.ndarray | None:
        """How many steps the network takes for each row, so that batches are of like length.

        Args:
            rows: as `rows` gives them.
            targets: as `target_rows` gives them; None where nothing is learned.

        Returns:
            Shape `(rows,)`; with targets, of which it reads some steps too, shape `(rows, 2)`.
            None where all rows are as long.
        """
        return None

    def training(self, rows: Any, targets: Any) -> tuple[Any, np.ndarray]:
        """A batch of rows and target rows as the network's inputs and targets in training."""
        return self.inputs(rows), targets

    def get_config(self) -> dict:
        """All that it has learned, for the model's file."""
        return {"labels": list(self.labels)} if self.labels else {}

    @classmethod
    def from_config(cls, config: dict) -> "Preprocessor":
        return cls(**config)


class LabelPreprocessor(Preprocessor):
    """A preprocessor of a task with one label for each example."""

    weighs_labels = True

    def target_rows(self, y: Any, rows: Any) -> np.ndarray:
        places = door.label_places(y, self.labels)
        door.same_length(examples=count(rows), labels=len(places))
        return places


def count(rows: Any) -> int:
    """How many rows there are.

    >>> count({"mass": np.ones(3), "island": np.array(["a", "b", "c"])})
    3
    """
    return len(next(iter(rows.values()))) if isinstance(rows, dict) else len(rows)


def lengths_of(rows: Any) -> np.ndarray:
    """The lengths of rows, one by one.

    >>> lengths_of([[1, 2], "abc"])
    array([2, 3])
    """
    return np.array([len(row) for row in rows], int)


def take(rows: Any, places: Any) -> Any:
    """The rows at some places.

    >>> take(["a", "b", "c"], [2, 0])
    ['c', 'a']
    """
    if isinstance(rows, dict):
        return {name: take(column, places) for name, column in rows.items()}
    if isinstance(rows, np.ndarray):
        return rows[places]
    return [rows[place] for place in places]


def pad(rows: Any, value: float = 0, dtype: str | None = None, at_least: int = 1) -> np.ndarray:
    """Arrays of different lengths as one, filled up at their ends.

    Args:
        rows: list of arrays of shape `(time, ...)`, or one array of them.
        value: what fills up.
        dtype: of the result; that of the rows by default.
        at_least: steps of the result; one, so that a network has a step to take.

    Returns:
        Array of shape `(rows, time, ...)`.

    Example:

    >>> pad([np.array([1, 2]), np.array([3])])
    array([[1, 2],
           [3, 0]])
    """
    rows = [np.asarray(row) for row in rows]
    time = few_lengths(max([at_least, *map(len, rows)]))
    rest = rows[0].shape[1:] if rows else ()
    padded = np.full((len(rows), time, *rest), value, dtype or (rows[0].dtype if rows else None))
    for whole, row in zip(padded, rows):
        whole[: len(row)] = row
    return padded


def few_lengths(time: int, backend: str | None = None) -> int:
    """How many steps a batch of `time` steps gets: on JAX, which compiles anew for each length, one of a few.

    >>> few_lengths(19, "tensorflow"), few_lengths(19, "jax"), few_lengths(40, "jax")
    (19, 24, 48)
    """
    if (backend or keras.backend.backend()) != "jax":
        return time
    power = 1 << max(time - 1, 0).bit_length()
    return power * 3 // 4 if power >= 8 and time <= power * 3 // 4 else power
