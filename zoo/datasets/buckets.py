import numpy as np
import tensorflow as tf


def bucket(examples, length, batch_size, boundaries):
    """Batches examples with others of about their length, so that little is padding.

    Args:
        examples: `tf.data.Dataset` of tuples, finite.
        length: function from an example's elements to its length, an int32 scalar.
        batch_size: examples in a batch, for every bucket.
        boundaries: increasing lengths at which a new bucket begins.

    Returns:
        `tf.data.Dataset` of batches, padded where elements vary, that knows how many
        batches it holds.

    Example:

    >>> lengths = tf.data.Dataset.from_tensor_slices([1, 9, 2, 8, 3])
    >>> [batch.numpy().tolist() for batch in bucket(lengths, lambda n: n, 2, [5])]
    [[1, 2], [9, 8], [3]]
    """
    lengths = [n for batch in examples.map(length).batch(4096) for n in batch.numpy()]
    counts = np.bincount(np.digitize(lengths, boundaries), minlength=1)
    batches = int(np.sum(-(-counts // batch_size)))
    return examples.bucket_by_sequence_length(
        length,
        bucket_boundaries=list(boundaries),
        bucket_batch_sizes=[batch_size] * (len(boundaries) + 1),
    ).apply(tf.data.experimental.assert_cardinality(batches))
