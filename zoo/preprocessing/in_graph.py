"""From strings to a network's inputs within a TensorFlow graph: for SavedModels that take strings."""

from collections.abc import Callable, Iterable
from typing import Any

import tensorflow as tf

from seqzoo.preprocessing.vocabulary import UNKNOWN


class InGraph(tf.Module):
    """A function of strings, with the tables that it looks into, which a SavedModel keeps.

    Args:
        read: function of strings of shape `(batch,)` and of the tables, to inputs by their names.
        **tables: of words, see `table`.

    Example:

    >>> read = lambda texts, words: {"words": padded(words.lookup(tf.strings.split(texts)))}
    >>> InGraph(read, words=table(["film", "good"]))(tf.constant(["good old film", ""]))["words"].numpy()
    array([[3, 1, 2],
           [0, 0, 0]], dtype=int32)
    """

    def __init__(self, read: Callable, **tables: Any):
        super().__init__()
        self.read, self.tables = read, tables

    def __call__(self, texts: Any) -> dict[str, Any]:
        return self.read(texts, **self.tables)


def table(words: Iterable[str], values: Any = None, default: Any = UNKNOWN) -> tf.lookup.StaticHashTable:
    """From words to their ids, as `Vocabulary` has them; or to values of their own, and a default."""
    words = list(words)
    values = tf.range(UNKNOWN + 1, len(words) + UNKNOWN + 1) if values is None else tf.constant(values)
    # A table of nothing has an entry that is never asked for.
    keys = tf.constant([*words, "\n"])
    values = tf.concat([values, tf.constant([default], values.dtype)], axis=0)
    return tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(keys, values), default)


def padded(ids: tf.RaggedTensor) -> tf.Tensor:
    """Rows of ids as one tensor, filled up with zeros, of one step at least."""
    whole = ids.to_tensor()
    after = tf.concat([[0], tf.maximum(0, 1 - tf.shape(whole)[1:])], axis=0)
    return tf.pad(whole, tf.stack([tf.zeros_like(after), after], axis=1))
