"""The letters of each word, read one after another."""

import collections
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from seqzoo.preprocessing.preprocessor import few_lengths

LONGEST = 24  # letters of a word that are read, the first ones
RARE = 2  # letters that occur less often are not known


def letters_of(token: str) -> str:
    """The letters of a token that are read, in capitals and small ones.

    Example:

    >>> letters_of("McArthur's")
    "McArthur's"
    """
    return unicodedata.normalize("NFC", token)[:LONGEST]


def learn_letters(sentences: Iterable[Sequence[str]]) -> list[str]:
    """The letters of a training split, in their order; all that it has where none occurs twice.

    Example:

    >>> learn_letters([["No.", "Oslo"], ["no"]])
    ['o']
    """
    counts = collections.Counter(letter for tokens in sentences for token in tokens for letter in letters_of(token))
    return sorted(letter for letter, n in counts.items() if n >= RARE) or sorted(counts)


def letters_in_graph(tokens: Any) -> tf.RaggedTensor:
    """The letters of tokens in a TensorFlow graph, a row for each token; they are composed (NFC) already."""
    return tf.strings.unicode_split(tokens, "UTF-8")[:, :LONGEST]


def padded_by_token(rows: Sequence[Sequence[Sequence[int]]], tokens: int) -> np.ndarray:
    """Ids of different numbers in rows of different lengths, int32 of shape `(rows, tokens, ids)`.

    Example:

    >>> padded_by_token([[[1, 2], [3]], [[4]]], tokens=2).tolist()
    [[[1, 2], [3, 0]], [[4, 0], [0, 0]]]
    """
    most = few_lengths(max((len(ids) for row in rows for ids in row), default=1))
    padded = np.zeros((len(rows), tokens, most), "int32")
    for whole, row in zip(padded, rows):
        for place, ids in enumerate(row):
            whole[place, : len(ids)] = ids
    return padded


@keras.saving.register_keras_serializable("seqzoo")
class EachWord(keras.layers.Wrapper):
    """Runs a layer that reads a sequence on the letters of each word.

    Args:
        layer: recurrent, in one direction or two, which gives its last a⟨t⟩.

    Call arguments:
        x: `(batch, words, letters, features)`.
        mask: booleans, `(batch, words, letters)`.

    Output shape:
        `(batch, words, units)`, masked where a word has no letter.

    Example:

    >>> from seqzoo.layers import GRUCell, RNN
    >>> EachWord(RNN(GRUCell(4)))(np.ones((2, 3, 5, 6))).shape
    TensorShape([2, 3, 4])
    """

    def __init__(self, layer: keras.layers.Layer, **kwargs: Any):
        super().__init__(layer, **kwargs)
        self.supports_masking = True

    def build(self, input_shape):
        self.layer.build((None, *input_shape[2:]))
        self.built = True

    def call(self, x, mask=None, training=False):
        batch, words, letters = ops.shape(x)[:3]
        mask = None if mask is None else ops.reshape(mask, (-1, letters))
        y = self.layer(ops.reshape(x, (-1, letters, x.shape[-1])), mask=mask, training=training)
        return ops.reshape(y, (batch, words, y.shape[-1]))

    def compute_mask(self, x, previous_mask=None):
        return None if previous_mask is None else ops.any(previous_mask, axis=-1)

    def compute_output_shape(self, input_shape):
        units = self.layer.compute_output_shape((None, *input_shape[2:]))[-1]
        return (*input_shape[:2], units)

    def compute_output_spec(self, x, mask=None, training=False):
        return keras.KerasTensor(self.compute_output_shape(x.shape), dtype=self.compute_dtype)

    def to_onnx(self, graph: Any, x: Any, mask: Any = None) -> Any:
        """All words of all sentences as one batch."""
        letters = graph.size(x, 2)
        rows = graph.reshape(x, -1, letters, x.shape[-1])
        rows.shape = (None, None, x.shape[-1])
        if mask is not None:
            mask = graph.reshape(graph.cast(mask, "bool"), -1, letters)
            mask.shape = (None, None)
        y = graph.layer(self.layer, rows, mask=mask)
        return graph.reshape(y, graph.size(x, 0), graph.size(x, 1), self.compute_output_shape(x.shape)[-1])
