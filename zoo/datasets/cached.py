"""Examples kept in memory."""

import tensorflow as tf

from seqzoo import door


def cached(examples: tf.data.Dataset) -> tf.data.Dataset:
    """Examples in memory, all of them before anybody takes the first.

    TensorFlow fills a cache while it is first gone through. Where that is left early, as by
    `next(iter(batches))`, it may take what it has for the whole: later passes are then too short.

    Args:
        examples: a finite dataset that fits into memory.

    Returns:
        The examples, of which is then known how many they are.

    Example:

    >>> examples = cached(tf.data.Dataset.range(3).filter(lambda n: n > 0))
    >>> int(next(iter(examples))), [int(n) for n in examples], len(examples)
    (1, [1, 2], 2)
    """
    examples = examples.cache()
    count = examples.reduce(0, lambda n, *_: n + 1)
    return examples.apply(tf.data.experimental.assert_cardinality(int(count)))


def limited(examples: tf.data.Dataset, limit: int | None) -> tf.data.Dataset:
    """The first examples, all of them when `limit` is None.

    Raises:
        Refused: a limit of 0 or less.

    Example:

    >>> [int(n) for n in limited(tf.data.Dataset.range(5), 2)]
    [0, 1]
    """
    if limit is None:
        return examples
    return examples.take(door.natural("limit", limit, 100))


def in_memory(
    examples: tf.data.Dataset, split: str, seed: int, limit: int | None = None, buffer: int = 100_000
) -> tf.data.Dataset:
    """The examples of a split in memory: the training split shuffled anew for every epoch, others in their order.

    Args:
        examples: a finite dataset that fits into memory.
        split: `"train"`, `"validation"` or `"test"`.
        seed: of the shuffling.
        limit: how many examples to take, all when None.
        buffer: among how many examples the next one is drawn.

    Example:

    >>> [int(n) for n in in_memory(tf.data.Dataset.range(5), "test", seed=0, limit=3)]
    [0, 1, 2]
    """
    examples = cached(limited(examples, limit))
    return examples.shuffle(buffer, seed=seed) if split == "train" else examples
