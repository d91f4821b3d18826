"""A batch on several devices of JAX: each gets as many rows, and the step leaves out those that only fill it up."""

import contextlib
from collections.abc import Iterator

import keras
import numpy as np
from keras import tree


def shards() -> int:
    """Into how many parts `keras.distribution` cuts a batch.

    >>> shards()
    1
    """
    distribution = keras.distribution.distribution()
    if keras.backend.backend() != "jax" or distribution is None:
        return 1
    mesh = distribution.device_mesh
    return mesh.shape[mesh.axis_names.index(distribution.batch_dim_name)]


def filled(batch: tuple, parts: int) -> tuple:
    """A batch of as many rows for each part, its last row standing in; its weights with a note of how many do.

    The note is a shape, which a compiled step knows: `(parts, rows that stand in)`.

    Args:
        batch: inputs, targets and weights, NumPy arrays.
        parts: as `shards` gives them.

    Example:

    >>> x, y, (weights, note) = filled((np.ones((3, 2)), np.array([1, 2, 3]), np.ones(3)), parts=2)
    >>> y.tolist(), note.shape
    ([1, 2, 3, 3], (2, 1))
    >>> real((x, y, (weights, note)))[1].tolist()
    [1, 2, 3]
    """
    missing = -len(batch[1]) % parts
    x, y, weights = tree.map_structure(lambda rows: np.concatenate([rows, *[rows[-1:]] * missing]), batch)
    return x, y, (weights, np.zeros((parts, missing), "bool"))


def real(batch: tuple) -> tuple:
    """A batch that `filled` gave, without the rows that stand in; any other as it is."""
    x, y, weights = batch
    if not isinstance(weights, tuple):
        return batch
    weights, note = weights
    rows = weights.shape[0] - note.shape[1]
    return tree.map_structure(lambda part: part[:rows], (x, y, weights))


@contextlib.contextmanager
def unsharded() -> Iterator[None]:
    """Within it batches are not cut, whatever their size."""
    distribution = keras.distribution.distribution()
    if distribution is None:
        yield
        return
    keras.distribution.set_distribution(None)
    try:
        yield
    finally:
        keras.distribution.set_distribution(distribution)
