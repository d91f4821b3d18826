"""A long sequence, one block of steps after the other."""

from keras import ops

from seqzoo.layers.backends.base import Backend

BLOCK = 500  # steps


def in_blocks(way: Backend, cell, x, states, mask, collect, training):
    """Runs a way over each block, so that what a gradient copies is as large as a block.

    The outputs are copied once more: it pays for cells with several gates.

    Args:
        way: what runs a block, with a state for its output.
        cell, x, states, mask, collect, training: as in `Backend.run`; the number of steps is known.

    Returns:
        What `Backend.run` returns.
    """
    length = x.shape[1]
    size = -(-length // -(-length // BLOCK))  # no block much shorter than others
    borders = list(range(size, length, size))
    xs = ops.split(x, borders, axis=1)
    masks = [None] * len(xs) if mask is None else ops.split(mask, borders, axis=1)
    outputs = []
    for x, mask in zip(xs, masks):
        output, of_block, states = way.run(cell, x, states, mask, collect, training)
        outputs.append(of_block)
    return output, ops.concatenate(outputs, axis=1) if collect else None, states
