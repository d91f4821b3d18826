"""The groups of letters of a word, and the mean of their vectors."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from seqzoo.architectures.pooling import masked_mean

GROUPS = 4096  # numbers that a hash gives to groups of letters
LONGEST = 64  # letters of a word that are looked at, the first ones


def group_ids(words: Sequence[str]) -> list[np.ndarray]:
    """The ids of the groups of two, three and four letters of words, 1 to `GROUPS`.

    The groups take in where the word begins, <, and ends, >. A hash, the same everywhere,
    names a group's id, so that no word is unknown.

    Reference: Bojanowski et al. 2017, "Enriching Word Vectors with Subword Information".

    Args:
        words: strings, of which the first 64 letters count.

    Returns:
        An int32 array for each word.

    Example:

    >>> [len(ids) for ids in group_ids(["elm", "9"])]
    [9, 3]
    """
    groups = [_groups(f"<{word[:LONGEST]}>") for word in words]
    if not groups:
        return []
    together = [group for each in groups for group in each]
    ids = tf.strings.to_hash_bucket_fast(tf.constant(together, tf.string), GROUPS).numpy().astype("int32") + 1
    return np.split(ids, np.cumsum([len(each) for each in groups])[:-1])


def groups_in_graph(words: Any) -> tf.RaggedTensor:
    """`group_ids` of a string tensor of shape `(words,)` in a TensorFlow graph, a row for each word."""
    letters = tf.strings.unicode_split(words, "UTF-8")[:, :LONGEST]
    end = lambda sign: tf.fill((tf.size(words), 1), sign)
    groups = tf.strings.ngrams(tf.concat([end("<"), letters, end(">")], axis=1), (2, 3, 4), separator="")
    ids = tf.strings.to_hash_bucket_fast(groups.flat_values, GROUPS) + 1
    return groups.with_flat_values(tf.cast(ids, "int32"))


def _groups(letters):
    return [letters[i : i + n] for n in (2, 3, 4) for i in range(len(letters) - n + 1)]


@keras.saving.register_keras_serializable("seqzoo")
class MaskedMean(keras.layers.Layer):
    """The mean of what a mask keeps, over the last axis of the mask; zeros where it keeps nothing.

    Call arguments:
        x: `(..., items, features)`.
        mask: booleans, `(..., items)`.

    Output shape:
        `(..., features)`, masked where no item is kept.

    Example:

    >>> x = np.array([[[1.0], [3.0], [9.0]]])
    >>> MaskedMean()(x, mask=np.array([[True, True, False]])).numpy()
    array([[2.]], dtype=float32)
    """

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, x, mask=None):
        return masked_mean(x, mask)

    def compute_mask(self, x, previous_mask=None):
        return None if previous_mask is None else ops.any(previous_mask, axis=-1)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-2], input_shape[-1])
