"""From sentences to the ids of their words, and the ratings of these."""

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seqzoo import door
from seqzoo.preprocessing import text
from seqzoo.preprocessing.in_graph import InGraph, padded, table
from seqzoo.preprocessing.memory import Memory
from seqzoo.preprocessing.preprocessor import LabelPreprocessor, pad
from seqzoo.preprocessing.vocabulary import UNKNOWN, Vocabulary, looked_up

REMEMBERED = 200_000  # words of which it keeps the stem's id


@keras.saving.register_keras_serializable("seqzoo")
class SentimentPreprocessor(LabelPreprocessor):
    """Sentences ↔ ids of words, of their stems and of two words together, and how people rate the words.

    Args:
        words, stems: what it knows, lists of standardised words and of their beginnings.
        ratings: dictionary from standardised words to numbers; none where it is empty.
        labels: the names of the labels.
        bigrams: two words together that it knows, as `seqzoo.preprocessing.text.bigrams` writes
            them; none where it is empty.

    Example:

    >>> preprocessor = SentimentPreprocessor(["film", "good"], ["film", "good"], {"good": 0.5}, ["bad", "good"])
    >>> preprocessor.inputs(preprocessor.rows("Good old film!"))["words"]
    array([[3, 1, 2, 1]], dtype=int32)
    """

    def __init__(
        self,
        words: Iterable[str],
        stems: Iterable[str],
        ratings: Mapping[str, float] | None = None,
        labels: Any = (),
        bigrams: Iterable[str] = (),
    ):
        super().__init__(labels)
        self.words, self.stems, self.bigrams = map(Vocabulary, (words, stems, bigrams))
        self.ratings = dict(ratings or {})
        door.numbers(list(self.ratings.values()), "ratings")
        self._stem_of = Memory(self._ids_of_stems, REMEMBERED)

    @classmethod
    def learn(
        cls,
        texts: Iterable[str],
        ratings: Mapping[str, float] | None = None,
        labels: Any = (),
        bigrams: bool = False,
        min_count: int = 2,
    ) -> "SentimentPreprocessor":
        """Learns the words of a training split, and two words together where they are asked for.

        Args:
            texts: of the training split.
            ratings, labels: as above.
            bigrams: whether to learn them.
            min_count: how often a word, a stem or a bigram must occur.
        """
        texts = texts if isinstance(texts, tf.data.Dataset) else door.texts(texts)
        learn = lambda function: text.learn_vocabulary(texts, function, min_count)
        return cls(learn(text.standardize), learn(text.stems), ratings, labels, learn(text.bigrams) if bigrams else ())

    @property
    def vocabularies(self) -> dict[str, Vocabulary]:
        """What it gives ids of, by the names of the network's inputs."""
        found = {"words": self.words, "stems": self.stems, "bigrams": self.bigrams}
        return {name: vocabulary for name, vocabulary in found.items() if vocabulary.words or name != "bigrams"}

    def rows(self, x: Any) -> np.ndarray:
        return door.texts(x, "a sentence")

    def inputs(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        words = text.split(rows, text.standardize)
        stems = self._stem_of.of(itertools.chain.from_iterable(words))
        inputs = {
            "words": self.words.ids(words),
            "stems": pad([looked_up(stems, row, UNKNOWN, "int32") for row in words], dtype="int32"),
        }
        if self.bigrams.words:
            inputs["bigrams"] = self.bigrams.ids(text.bigrams_of(words))
        if self.ratings:
            inputs["ratings"] = pad([looked_up(self.ratings, row, 0.0, "float32") for row in words], dtype="float32")
        return inputs

    def _ids_of_stems(self, words):
        (ids,) = self.stems.ids(text.stems_of([words]))
        return ids.tolist()

    def lengths(self, rows: np.ndarray, targets: Any = None) -> np.ndarray:
        return text.count_words(tf.constant(rows, tf.string)).numpy()

    def in_graph(self) -> InGraph:
        """`inputs` of strings in a TensorFlow graph, whose letters are composed (NFC) already."""

        parts = {"words": text.standardize, "stems": text.stems, "bigrams": text.bigrams}

        def read(texts, ratings, **ids):
            split = lambda name: tf.strings.split(parts[name](texts))
            inputs = {name: padded(ids[name].lookup(split(name))) for name in ids}
            return {**inputs, "ratings": padded(ratings.lookup(split("words")))} if self.ratings else inputs

        ratings = table(self.ratings, [float(rating) for rating in self.ratings.values()], 0.0)
        ids = {name: table(vocabulary.words) for name, vocabulary in self.vocabularies.items()}
        return InGraph(read, ratings=ratings, **ids)

    def get_config(self) -> dict:
        learned = {name: vocabulary.words for name, vocabulary in self.vocabularies.items()}
        return {**super().get_config(), **learned, "ratings": self.ratings}
