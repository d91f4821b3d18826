"""What a step does with the recurrent kernel, block by block: its products, on which recurrent dropout acts.

A block is a list: one matrix, or a matrix for each gate.
"""

from keras import ops

from seqzoo.layers.backends.fused_cells import together


def recurrent_dropout_mask(cell, state, training):
    """What multiplies a⟨t−1⟩ before its products, the same at all steps; None where nothing is dropped."""
    return cell.get_recurrent_dropout_mask(state) if training and cell.recurrent_dropout else None


def dropped(a, dropout_mask):
    """a ∗ mask, or all of a where there is no mask."""
    return a if dropout_mask is None else a * dropout_mask


def gate_inputs(z, blocks, dropout_mask):
    """For each block W of the recurrent kernel, the inputs of its gates: a ↦ z + (a ∗ mask) W."""

    def of_block(z, block):
        def inputs(a):
            a = dropped(a, dropout_mask)
            return [part + ops.matmul(a, W) for part, W in zip(z, block, strict=True)]

        return inputs

    return [of_block(*parts) for parts in zip(z, blocks, strict=True)]


def products_back(blocks, dropout_mask):
    """For each block W, the gradient of its product: d ↦ d Wᵀ ∗ mask."""

    def of_block(block):
        transposed = [ops.transpose(W) for W in block]
        return lambda d: dropped(sum(map(ops.matmul, together(d, len(block)), transposed)), dropout_mask)

    return [of_block(block) for block in blocks]
