"""From sentences to the ids of their words, and the ratings of these."""

from collections.abc import Iterable, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seqzoo import door
from seqzoo.preprocessing import text
from seqzoo.preprocessing.in_graph import InGraph, padded, table
from seqzoo.preprocessing.preprocessor import LabelPreprocessor, pad
from seqzoo.preprocessing.vocabulary import Vocabulary


@keras.saving.register_keras_serializable("seqzoo")
class SentimentPreprocessor(LabelPreprocessor):
    """Sentences ↔ ids of words and of their stems, and how people rate the words.

    Args:
        words, stems: what it knows, lists of standardised words and of their beginnings.
        ratings: dictionary from standardised words to numbers; none where it is empty.
        labels: the names of the labels.

    Example:

    >>> preprocessor = SentimentPreprocessor(["film", "good"], ["film", "good"], {"good": 0.5}, ["bad", "good"])
    >>> preprocessor.inputs(preprocessor.rows("Good old film!"))["words"]
    array([[3, 1, 2, 1]], dtype=int32)
    """

    def __init__(
        self, words: Iterable[str], stems: Iterable[str], ratings: Mapping[str, float] | None = None, labels: Any = ()
    ):
        super().__init__(labels)
        self.words, self.stems = Vocabulary(words), Vocabulary(stems)
        self.ratings = dict(ratings or {})

    @classmethod
    def learn(
        cls, texts: Iterable[str], ratings: Mapping[str, float] | None = None, labels: Any = ()
    ) -> "SentimentPreprocessor":
        """Learns the words of a training split."""
        words, stems = (text.learn_vocabulary(texts, function) for function in (text.standardize, text.stems))
        return cls(words, stems, ratings, labels)

    def rows(self, x: Any) -> np.ndarray:
        return door.texts(x, "a sentence")

    def inputs(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        words = text.split(rows, text.standardize)
        inputs = {"words": self.words.ids(words), "stems": self.stems.ids(text.stems_of(words))}
        if self.ratings:
            inputs["ratings"] = pad([[self.ratings.get(word, 0.0) for word in row] for row in words], dtype="float32")
        return inputs

    def in_graph(self) -> InGraph:
        """`inputs` of strings in a TensorFlow graph, whose letters are composed (NFC) already."""

        def read(texts, words, stems, ratings):
            standard = tf.strings.split(text.standardize(texts))
            inputs = {
                "words": padded(words.lookup(standard)),
                "stems": padded(stems.lookup(tf.strings.split(text.stems(texts)))),
            }
            return {**inputs, "ratings": padded(ratings.lookup(standard))} if self.ratings else inputs

        ratings = table(self.ratings, [float(rating) for rating in self.ratings.values()], 0.0)
        return InGraph(read, words=table(self.words.words), stems=table(self.stems.words), ratings=ratings)

    def get_config(self) -> dict:
        words, stems = self.words.words, self.stems.words
        return {**super().get_config(), "words": words, "stems": stems, "ratings": self.ratings}
