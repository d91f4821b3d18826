"""What a step does with the recurrent kernel, block by block: its products, on which recurrent dropout acts."""

from keras import ops


def recurrent_dropout_mask(cell, state, training):
    """What multiplies a⟨t−1⟩ before its products, the same at all steps; None where nothing is dropped."""
    return cell.get_recurrent_dropout_mask(state) if training and cell.recurrent_dropout else None


def dropped(a, dropout_mask):
    """a ∗ mask, or all of a where there is no mask."""
    return a if dropout_mask is None else a * dropout_mask


def products_there(blocks, dropout_mask):
    """For each block W of the recurrent kernel, its product: a ↦ (a ∗ mask) W."""
    return [lambda a, W=W: ops.matmul(dropped(a, dropout_mask), W) for W in blocks]


def products_back(blocks, dropout_mask):
    """For each block W, the gradient of its product: d ↦ d Wᵀ ∗ mask."""
    transposed = [ops.transpose(W) for W in blocks]
    return [lambda d, W=W: dropped(ops.matmul(d, W), dropout_mask) for W in transposed]
