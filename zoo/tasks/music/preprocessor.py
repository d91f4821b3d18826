"""From rhythms and tunes to numbers, and back."""

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seqzoo import door
from seqzoo.preprocessing.in_graph import InGraph, table
from seqzoo.preprocessing.preprocessor import Preprocessor, lengths_of, pad

PADDING, UNKNOWN, END = range(3)


@keras.saving.register_keras_serializable("seqzoo")
class MusicPreprocessor(Preprocessor):
    """Rhythms as one-hot vectors, and tunes ↔ ids of characters.

    Ids: 0 padding, and the start before a tune; 1 a character that no training tune has; 2 the
    end of a tune; then the characters.

    Args:
        rhythms: their names.
        characters: what tunes are written with.

    Example:

    >>> preprocessor = MusicPreprocessor(["jig", "reel"], ["A", "B"])
    >>> inputs, targets = preprocessor.training(["reel", "jig"], ["ABA", "B?"])
    >>> targets
    array([[3, 4, 3, 2],
           [4, 1, 2, 0]], dtype=int32)
    >>> inputs["x"]
    array([[0., 1.],
           [1., 0.]], dtype=float32)
    """

    target_rank = 2
    weighs_steps = True
    start, end, never_written = PADDING, END, (PADDING, UNKNOWN)

    def __init__(self, rhythms: Iterable[str], characters: Iterable[str]):
        super().__init__()
        self.rhythms, self.characters = list(rhythms), list(characters)
        self._ids = {character: id for id, character in enumerate(self.characters, END + 1)}
        self._written = ["", "�", "", *self.characters]

    @property
    def size(self) -> int:
        """How many ids there are."""
        return len(self._written)

    def rows(self, x: Any) -> np.ndarray:
        rhythms = door.texts(x, "a rhythm")
        for row, rhythm in enumerate(rhythms):
            door.choose(f"the rhythm in row {row}", rhythm, self.rhythms)
        return rhythms

    def target_rows(self, y: Any, rows: np.ndarray) -> np.ndarray:
        tunes = door.texts(y, "a tune")
        door.same_length(rhythms=len(rows), tunes=len(tunes))
        return tunes

    def inputs(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        places = [self.rhythms.index(rhythm) for rhythm in rows]
        return {"x": np.eye(len(self.rhythms), dtype="float32")[places]}

    def in_graph(self) -> InGraph:
        """`inputs` of strings in a TensorFlow graph; a rhythm that it does not know is none."""
        places = table(self.rhythms, list(range(len(self.rhythms))), -1)
        read = lambda texts, places: {"x": tf.one_hot(places.lookup(texts), len(self.rhythms))}
        return InGraph(read, places=places)

    def lengths(self, rows: np.ndarray, targets: np.ndarray | None = None) -> np.ndarray | None:
        return None if targets is None else lengths_of(targets)

    def training(self, rows: np.ndarray, targets: np.ndarray) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """The rhythms and the tunes' ids; and the ids once more, as targets."""
        ids = pad([[*(self._ids.get(c, UNKNOWN) for c in tune), END] for tune in targets], dtype="int32")
        return {**self.inputs(rows), "y": ids}, ids

    def texts(self, ids: np.ndarray) -> np.ndarray:
        """The tunes that ids of shape `(tunes, characters)` spell."""
        tunes = np.empty(len(ids), object)
        tunes[:] = ["".join(self._written[id] for id in row) for row in np.asarray(ids).tolist()]
        return tunes

    def get_config(self) -> dict:
        return {"rhythms": self.rhythms, "characters": self.characters}
