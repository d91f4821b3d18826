"""Batches made beside the training."""

import tensorflow as tf

BATCHES = 2  # that wait for the training


def ahead(batches: tf.data.Dataset) -> tf.data.Dataset:
    """The batches, made while those before them are trained on.

    TensorFlow tunes nothing here: the thread that would may sleep on for as long as the epoch took,
    and the epoch does not end before it wakes.

    Args:
        batches: of any kind.

    Example:

    >>> [int(n) for n in ahead(tf.data.Dataset.range(3))]
    [0, 1, 2]
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return batches.prefetch(BATCHES).with_options(options)
