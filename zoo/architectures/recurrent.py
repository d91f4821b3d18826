"""The recurrent body that the architectures share: a cell by name, layers, directions."""

import keras

from seqzoo.layers import RNN, GRUCell, LSTMCell, RNNCell
from seqzoo.words import did_you_mean

CELLS = {"rnn": RNNCell, "gru": GRUCell, "lstm": LSTMCell}


def make_cell(cell, units, **kwargs):
    """Makes a cell of the notes by its name.

    Args:
        cell: `"rnn"`, `"gru"` or `"lstm"`.
        units: the size of its state.
        **kwargs: the cell's other arguments.

    Returns:
        The cell.

    Raises:
        ValueError: no cell has this name.

    Example:

    >>> make_cell("gru", 32).units
    32
    """
    if cell not in CELLS:
        raise ValueError(
            f"cell must be one of {', '.join(map(repr, CELLS))}. Received: cell={cell!r}."
            f"{did_you_mean(cell, CELLS, cutoff=0.4) or ' Choose one of these.'}"
        )
    return CELLS[cell](units, **kwargs)


def recurrent(x, cell="lstm", units=64, layers=1, bidirectional=False, dropout=0.0, return_sequences=False):
    """Adds recurrent layers to a Keras tensor.

    Args:
        x: Keras tensor of shape `(batch, time, features)`; its mask, if it has one, is kept.
        cell: `"rnn"`, `"gru"` or `"lstm"`.
        units: the size of a⟨t⟩, in each direction.
        layers: how many recurrent layers, one on top of the other.
        bidirectional: whether each layer reads the sequence from both ends.
        dropout: fraction of each layer's output to drop in training.
        return_sequences: whether the last layer gives every a⟨t⟩ or the last.

    The layers are called `recurrent_1`, `recurrent_2` and so on.

    Returns:
        Keras tensor of shape `(batch, units)`, or `(batch, time, units)` with
        `return_sequences`; `2 * units` when bidirectional.

    Raises:
        ValueError: an unknown cell, or fewer than one layer.

    Example:

    >>> recurrent(keras.Input((None, 8)), "gru", units=16, bidirectional=True).shape
    (None, 32)
    """
    if layers < 1:
        raise ValueError(f"layers must be at least 1. Received: layers={layers!r}. Use layers=1.")
    for depth in range(1, layers + 1):
        name = f"recurrent_{depth}"
        layer = RNN(make_cell(cell, units), return_sequences or depth < layers, name=name)
        x = (keras.layers.Bidirectional(layer, name=name) if bidirectional else layer)(x)
        x = keras.layers.Dropout(dropout)(x) if dropout else x
    return x


def sources(x):
    """Finds the inputs that a Keras tensor is made of.

    Args:
        x: Keras tensor.

    Returns:
        The input, or a list of them where there are several.

    Example:

    >>> x = keras.Input((8,), name="x")
    >>> sources(keras.layers.Dense(2)(x)).name
    'x'
    """
    inputs = keras.utils.get_source_inputs(x)
    return inputs if len(inputs) > 1 else inputs[0]
