"""What a wrapper asks of a cell: `state_size`, and `call(x, states) -> (output, states)`."""

from collections.abc import Mapping
from typing import Any

import keras
from keras import tree

OF_THE_LAYER = (
    "return_sequences",
    "return_state",
    "go_backwards",
    "stateful",
    "unroll",
    "zero_output_for_mask",
    "use_cudnn",
    "recompute",
)
OF_THE_CELL = (
    "units",
    "activation",
    "recurrent_activation",
    "use_bias",
    "kernel_initializer",
    "recurrent_initializer",
    "bias_initializer",
    "unit_forget_bias",
    "kernel_regularizer",
    "recurrent_regularizer",
    "bias_regularizer",
    "kernel_constraint",
    "recurrent_constraint",
    "bias_constraint",
    "dropout",
    "recurrent_dropout",
    "reset_after",
    "seed",
)


def check_cell(cell: Any) -> None:
    """Refuses what is no cell.

    Raises:
        ValueError: it lacks `state_size` or `call`, is a class, or is a whole recurrent layer.

    Example:

    >>> from seqzoo.layers import GRUCell
    >>> check_cell(GRUCell)
    Traceback (most recent call last):
    ...
    ValueError: A cell must be an object. Received: the class GRUCell. Make one with its size, such as GRUCell(64).
    """
    if isinstance(cell, type):
        raise ValueError(
            f"A cell must be an object. Received: the class {cell.__name__}. "
            f"Make one with its size, such as {cell.__name__}(64)."
        )
    missing = [name for name in ("call", "state_size") if not hasattr(cell, name)]
    if missing or hasattr(cell, "return_sequences"):
        wrong = f"without {' and '.join(f'`{name}`' for name in missing)}" if missing else "a whole layer"
        raise ValueError(
            f"The cell of an RNN must have `call` and `state_size`. Received: {type(cell).__name__}, {wrong}. "
            "Give a cell such as LSTMCell(64), not a layer such as LSTM(64)."
        )


def check_cell_options(given: Mapping[str, Any], cell_class: type) -> None:
    """Refuses, where a cell is made, what its layer is told.

    Raises:
        ValueError: one of the names belongs to the layer.

    Example:

    >>> from seqzoo.layers import LSTMCell
    >>> LSTMCell(3, return_sequences=True)
    Traceback (most recent call last):
    ...
    ValueError: Expected: options of a cell. Received: return_sequences, which the layer takes.
    To do: RNN(LSTMCell(...), return_sequences=...).
    """
    misplaced = [name for name in given if name in OF_THE_LAYER]
    if misplaced:
        raise ValueError(
            f"Expected: options of a cell. Received: {', '.join(misplaced)}, which the layer takes.\n"
            f"To do: RNN({cell_class.__name__}(...), {misplaced[0]}=...)."
        )


def check_layer_options(given: Mapping[str, Any], cell: Any) -> None:
    """Refuses, where a layer is made, what its cell is told.

    Raises:
        ValueError: one of the names belongs to the cell.

    Example:

    >>> from seqzoo.layers import LSTMCell, RNN
    >>> RNN(LSTMCell(3), dropout=0.1)
    Traceback (most recent call last):
    ...
    ValueError: Expected: options of a layer. Received: dropout, which the cell takes.
    To do: RNN(LSTMCell(..., dropout=...)).
    """
    cells = cell if isinstance(cell, (list, tuple)) else cells_of(cell)
    for one in cells:
        misplaced = [name for name in given if name in OF_THE_CELL and hasattr(one, name)]
        if misplaced:
            raise ValueError(
                f"Expected: options of a layer. Received: {', '.join(misplaced)}, which the cell takes.\n"
                f"To do: RNN({type(one).__name__}(..., {misplaced[0]}=...))."
            )


def cells_of(cell: Any) -> list[Any]:
    """The cells of a stack, from below; a single cell is a stack of one.

    Example:

    >>> from seqzoo.layers import GRUCell
    >>> [cell.units for cell in cells_of(keras.layers.StackedRNNCells([GRUCell(4), GRUCell(2)]))]
    [4, 2]
    """
    if isinstance(cell, keras.layers.StackedRNNCells):
        return [inner for each in cell.cells for inner in cells_of(each)]
    return [cell]


def state_sizes(cell: Any) -> list[Any]:
    """The sizes of a cell's states, always as a list.

    Example:

    >>> from seqzoo.layers import GRUCell, LSTMCell
    >>> state_sizes(GRUCell(4)), state_sizes(LSTMCell(4))
    ([4], [4, 4])
    """
    size = cell.state_size
    return [size] if isinstance(size, int) else list(size)


def output_size(cell: Any) -> int:
    """The size of a cell's output; that of its first state unless the cell says otherwise.

    Example:

    >>> from seqzoo.layers import LSTMCell
    >>> output_size(LSTMCell(4))
    4
    """
    size = getattr(cell, "output_size", None)
    return tree.flatten(cell.state_size)[0] if size is None else size
