from typing import Any

from keras import ops


def rows_of(beam: Any, width: int) -> Any:
    """Where the beams are among those of all rows, one after the other.

    Args:
        beam: int32 of shape `(batch, width)`, which beams of its row.
        width: how many beams a row has.

    Example:

    >>> rows_of(ops.convert_to_tensor([[1, 1], [0, 1]]), width=2).numpy()
    array([[1, 1],
           [2, 3]], dtype=int32)
    """
    return ops.cast(beam, "int32") + ops.arange(ops.shape(beam)[0], dtype="int32")[:, None] * width


def take_beams(x: Any, beam: Any) -> Any:
    """Of x, `(batch, width, ...)`, the beams that `beam`, `(batch, width)`, names.

    Example:

    >>> take_beams(ops.convert_to_tensor([[5, 6], [7, 8]]), ops.convert_to_tensor([[1, 1], [0, 1]])).numpy()
    array([[6, 6],
           [7, 8]], dtype=int32)
    """
    _, width, *rest = ops.shape(x)
    return ops.take(ops.reshape(x, (-1, *rest)), rows_of(beam, width), axis=0)
