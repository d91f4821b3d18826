"""The ids of words."""

import itertools
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from seqzoo.preprocessing.preprocessor import pad

PADDING, UNKNOWN = 0, 1


class Vocabulary:
    """The ids of words: 0 is padding, 1 a word that is not known, then the words in their order.

    Args:
        words: without repetitions.

    Example:

    >>> Vocabulary(["good", "film"]).ids([["good", "old", "film"], ["film"]])
    array([[2, 1, 3],
           [3, 0, 0]], dtype=int32)
    """

    def __init__(self, words: Iterable[str]):
        self.words = list(words)
        self._places = {word: place for place, word in enumerate(self.words, UNKNOWN + 1)}

    @property
    def size(self) -> int:
        """How many ids there are."""
        return len(self.words) + UNKNOWN + 1

    def ids(self, rows: Sequence[Sequence[str]]) -> np.ndarray:
        """Ids of the words of texts, int32 of shape `(texts, words)`, padded with 0."""
        return pad([looked_up(self._places, row, UNKNOWN, "int32") for row in rows], dtype="int32")


def looked_up(table: Mapping, words: Sequence[str], default: float, dtype: str) -> np.ndarray:
    """What a table has for each word, or the default.

    Example:

    >>> looked_up({"good": 0.5}, ["good", "film"], 0.0, "float32")
    array([0.5, 0. ], dtype=float32)
    """
    return np.fromiter(map(table.get, words, itertools.repeat(default)), dtype, len(words))
