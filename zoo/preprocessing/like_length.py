"""Batches of examples that are about as long as each other, so that little of them is padding."""

import numpy as np

POOL = 100  # batches whose examples are sorted together: more leave less padding, fewer mix more


def places_of_batches(
    examples: int, batch_size: int, lengths: np.ndarray | None = None, random: np.random.Generator | None = None
) -> list[np.ndarray]:
    """Which examples each batch holds.

    With `random`, examples are mixed, then sorted by length within pools of 100 batches, and the
    batches are mixed once more. Without, all are sorted.

    Args:
        examples: how many there are.
        batch_size: how many a batch holds; the last one may hold fewer.
        lengths: of each example, shape `(examples,)`, or `(examples, sides)` where a network
            reads several sequences; none where all are as long.
        random: what mixes; None leaves examples of the same length in their order.

    Returns:
        A list of arrays, the places of each batch's examples.

    Example:

    >>> [places.tolist() for places in places_of_batches(5, 2, np.array([9, 1, 8, 2, 3]))]
    [[1, 3], [4, 2], [0]]
    """
    places = np.arange(examples) if random is None else random.permutation(examples)
    if lengths is not None and examples:
        lengths = lengths.reshape(examples, -1)
        pool = examples if random is None else POOL * batch_size
        pools = (places[first : first + pool] for first in range(0, examples, pool))
        places = np.concatenate([pool[order_by_length(lengths[pool], batch_size)] for pool in pools])
    batches = [places[first : first + batch_size] for first in range(0, examples, batch_size)]
    if lengths is not None and random is not None:
        random.shuffle(batches)
    return batches


def order_by_length(lengths: np.ndarray, batch_size: int) -> np.ndarray:
    """An order in which neighbours are about as long; stable where they are the same.

    Of several sides, the first parts the examples into as many groups as each then has batches,
    and the next one sorts within them.

    Args:
        lengths: shape `(examples, sides)`.
        batch_size: examples in a batch.

    Example:

    >>> order_by_length(np.array([[3, 1], [1, 2], [3, 0], [1, 1]]), 1).tolist()
    [3, 1, 2, 0]
    """
    order = np.argsort(lengths[:, 0], kind="stable")
    if lengths.shape[1] == 1:
        return order
    groups = np.array_split(order, max(1, round((len(order) / batch_size) ** 0.5)))
    return np.concatenate([group[order_by_length(lengths[group, 1:], batch_size)] for group in groups])
