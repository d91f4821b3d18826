"""The ids of words."""

from collections.abc import Iterable, Sequence

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
        return pad(
            [np.array([self._places.get(word, UNKNOWN) for word in row], "int32") for row in rows], dtype="int32"
        )
