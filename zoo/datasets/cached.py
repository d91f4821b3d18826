"""Examples kept in memory."""

import tensorflow as tf


def cached(examples: tf.data.Dataset) -> tf.data.Dataset:
    """Examples in memory, all of them before anybody takes the first.

    TensorFlow fills a cache while it is first gone through. Where that is left early, as by
    `next(iter(batches))`, it may take what it has for the whole: later passes are then too short.

    Args:
        examples: a finite dataset that fits into memory.

    Example:

    >>> examples = cached(tf.data.Dataset.range(3))
    >>> int(next(iter(examples))), [int(n) for n in examples]
    (0, [0, 1, 2])
    """
    examples = examples.cache()
    for _ in examples:
        pass
    return examples
