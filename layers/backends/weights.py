"""What the fast ways compute with: a sequence and a cell's packed weights, in the cell's dtype."""

from keras import ops


def inputs_and_weights(cell, x, training):
    """x with its dropout; the kernel; and a list of the recurrent kernel and the bias, where there is one."""
    dtype = cell.compute_dtype
    parts = (cell.kernel, cell.recurrent_kernel, cell.bias)
    kernel, *weights = (ops.cast(ops.convert_to_tensor(w), dtype) for w in parts if w is not None)
    x = ops.cast(x, dtype)
    if training and cell.dropout:
        x = x * ops.expand_dims(cell.get_dropout_mask(x[:, 0]), axis=1)
    return x, kernel, weights
