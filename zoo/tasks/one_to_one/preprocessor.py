"""From a table to the vector x of each row."""

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np

from seqzoo import door
from seqzoo.preprocessing.preprocessor import LabelPreprocessor
from seqzoo.tasks.one_to_one import column_kinds


@keras.saving.register_keras_serializable("seqzoo")
class TablePreprocessor(LabelPreprocessor):
    """Named columns → x: numbers by mean and deviation, words one-hot.

    What is missing counts as the mean, or as no word; so does a word that training did not
    show. Columns that it did not learn are left out.

    `keras.utils.FeatureSpace` does not serve here: one missing number makes nan of its column
    for all rows, and an unknown word gets a place of its own, which nothing trains.

    Args:
        numbers: a name, a mean and a deviation for each column of numbers.
        words: a name and a list of words for each column of words.
        labels: the names of the labels.

    Example:

    >>> preprocessor = TablePreprocessor.learn({"mass": [3.0, 5.0], "island": ["Dream", "Biscoe"]}, ["a", "b"])
    >>> preprocessor.inputs(preprocessor.rows({"mass": [5.0, None], "island": ["Dream", "?"]}))
    array([[1., 0., 1.],
           [0., 0., 0.]], dtype=float32)
    """

    def __init__(self, numbers: Iterable = (), words: Iterable = (), labels: Any = ()):
        super().__init__(labels)
        self.numbers = {name: (mean, deviation) for name, mean, deviation in numbers}
        self.words = {name: list(known) for name, known in words}

    @classmethod
    def learn(cls, table: Any, labels: Any) -> "TablePreprocessor":
        """Learns means, deviations and words of training rows.

        Raises:
            Refused: a column that tells nothing, or holds both numbers and words.
        """
        found = {name: column_kinds.learn(name, values) for name, values in column_kinds.by_name(table).items()}
        if not found:
            raise door.Refused("a table with a column at least", "none", "give some columns")
        column_kinds.same_length(found)
        numbers = [[name, *_scale(values)] for name, values in found.items() if values.dtype != object]
        words = [[name, sorted(set(values) - {""})] for name, values in found.items() if values.dtype == object]
        return cls(numbers, words, labels)

    @property
    def size(self) -> int:
        """The size of x."""
        return len(self.numbers) + sum(map(len, self.words.values()))

    def rows(self, x: Any) -> dict[str, np.ndarray]:
        """Columns: of numbers standardised, of words their places, -1 for none."""
        found = column_kinds.by_name(x, [*self.numbers, *self.words])
        cells = column_kinds.same_length({name: column_kinds.cells(name, values) for name, values in found.items()})
        rows = {}
        for name, (mean, deviation) in self.numbers.items():
            rows[name] = np.nan_to_num((column_kinds.as_numbers(name, cells[name]) - mean) / deviation)
        for name, words in self.words.items():
            places = {word: place for place, word in enumerate(words)}
            rows[name] = np.array([places.get(word, -1) for word in column_kinds.as_words(name, cells[name])], int)
        return rows

    def inputs(self, rows: dict[str, np.ndarray]) -> np.ndarray:
        parts = [rows[name][:, None] for name in self.numbers]
        parts += [rows[name][:, None] == np.arange(len(words)) for name, words in self.words.items()]
        return np.concatenate(parts, axis=1).astype("float32")

    def get_config(self) -> dict:
        numbers = [[name, *scale] for name, scale in self.numbers.items()]
        return {**super().get_config(), "numbers": numbers, "words": [list(item) for item in self.words.items()]}


def _scale(values: np.ndarray) -> tuple[float, float]:
    """The mean of what is there, and its deviation; 1 where it never changes."""
    there = values[~np.isnan(values)]
    constant = there.min() == there.max()
    return (float(there[0]), 1.0) if constant else (float(there.mean()), float(there.std()))
