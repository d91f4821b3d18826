"""What the fast ways compute with: a sequence and a cell's packed weights, in the cell's dtype."""

from keras import ops


def inputs_and_weights(cell, x, training):
    """x with its dropout; the kernel; and a list of the recurrent kernel and the bias, where there is one."""
    kernel, *weights = (_value(cell, w) for w in (cell.kernel, cell.recurrent_kernel, cell.bias) if w is not None)
    x = ops.cast(x, cell.compute_dtype)
    if training and cell.dropout:
        x = x * ops.expand_dims(cell.get_dropout_mask(x[:, 0]), axis=1)
    return x, kernel, weights


def recurrent_kernel(cell):
    """The recurrent kernel."""
    return _value(cell, cell.recurrent_kernel)


def _value(cell, weight):
    return ops.cast(ops.convert_to_tensor(weight), cell.compute_dtype)
