"""The recurrent body that the architectures share: cells, layers, directions."""

from typing import Any, TypeAlias

import keras
from keras import tree

from seqzoo.layers import RNN, Bidirectional
from seqzoo.layers.cell_names import CELLS
from seqzoo.layers.cell_protocol import check_cell
from seqzoo.wording import did_you_mean

Cell: TypeAlias = str | type | keras.layers.Layer  # what a builder takes as its `cell`
Inputs: TypeAlias = tuple[int | None, ...] | keras.KerasTensor  # the shape of an input, or a tensor made from some


def make_cell(cell: Cell, units: int = 64, input_dropout: float = 0.0, recurrent_dropout: float = 0.0) -> Any:
    """Makes a new cell from what a builder was given.

    Args:
        cell: the name of a cell, `"rnn"`, `"gru"`, `"lstm"` or another that
            `seqzoo.layers.register_cell` knows; a class of cells; or a cell, whose settings
            the new one has, but not its weights.
        units: the size of its state; a cell that is given keeps its own.
        input_dropout: fraction of x⟨t⟩ to drop in training, the same at every step of a sequence.
        recurrent_dropout: fraction of a⟨t−1⟩ to drop in training, the same at every step of a sequence.

    Returns:
        The cell.

    Raises:
        ValueError: no cell has this name, it is no cell, or a cell that is given is to drop something else.

    Example:

    >>> from seqzoo.layers import GRUCell
    >>> make_cell("gru", 32).units, make_cell(GRUCell, 32).units, make_cell(GRUCell(16)).units
    (32, 32, 16)
    """
    rates = {"dropout": input_dropout, "recurrent_dropout": recurrent_dropout}
    rates = {name: rate for name, rate in rates.items() if rate}
    given: Any = cell(units, **rates) if isinstance(cell, type) else cell
    if isinstance(given, keras.layers.Layer):
        check_cell(given)
        if rates and given is cell:
            options = ", ".join(f"{name}={rate}" for name, rate in rates.items())
            raise ValueError(
                "input_dropout and recurrent_dropout are for cells that are made here. Received: a cell, "
                f"and {options} for it. Give it to the cell: {type(cell).__name__}(..., {options})."
            )
        return type(given).from_config(given.get_config())
    if cell not in CELLS:
        raise ValueError(
            f"cell must be one of {', '.join(map(repr, CELLS))}, a class of cells, or a cell. "
            f"Received: cell={cell!r}.{did_you_mean(cell, CELLS, cutoff=0.4) or ' Choose one of these.'}"
        )
    return CELLS[cell](units, **rates)


def input_tensor(inputs: Inputs, name: str | None = None) -> keras.KerasTensor:
    """What a builder starts from: the tensor that it was given, or a new input of that shape.

    Example:

    >>> input_tensor((None, 8), name="x").shape
    (None, None, 8)
    """
    return inputs if keras.backend.is_keras_tensor(inputs) else keras.Input(inputs, name=name)


def recurrent(
    x: keras.KerasTensor,
    cell: Cell = "lstm",
    units: int = 64,
    layers: int = 1,
    bidirectional: bool = False,
    dropout: float = 0.0,
    return_sequences: bool = False,
    input_dropout: float = 0.0,
    recurrent_dropout: float = 0.0,
) -> keras.KerasTensor:
    """Adds recurrent layers to a Keras tensor.

    Args:
        x: Keras tensor of shape `(batch, time, features)`; its mask, if it has one, is kept.
        cell: the name of a cell, a class of cells, or a cell: see `make_cell`.
        units: the size of a⟨t⟩, in each direction; a cell that is given keeps its own.
        layers: how many recurrent layers, one on top of the other.
        bidirectional: whether each layer reads the sequence from both ends.
        dropout: fraction of each layer's output to drop in training.
        return_sequences: whether the last layer gives every a⟨t⟩ or the last.
        input_dropout, recurrent_dropout: see `make_cell`.

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
    check_layers(layers)
    for depth in range(1, layers + 1):
        name = f"recurrent_{depth}"
        made = make_cell(cell, units, input_dropout, recurrent_dropout)
        layer = RNN(made, return_sequences or depth < layers, name=name)
        x = (Bidirectional(layer, name=name) if bidirectional else layer)(x)
        x = keras.layers.Dropout(dropout)(x) if dropout else x
    return x


def hidden_whole(rate: float, name: str | None = None) -> keras.layers.Dropout:
    """Dropout of whole vectors of a sequence in training, so that others learn to stand for them.

    Example:

    >>> hidden_whole(0.5)(keras.ops.ones((2, 3, 4)), training=True).shape
    TensorShape([2, 3, 4])
    """
    return keras.layers.Dropout(rate, noise_shape=(None, None, 1), name=name)


def check_layers(layers: int) -> None:
    """Refuses fewer than one recurrent layer."""
    if layers < 1:
        raise ValueError(f"layers must be at least 1. Received: layers={layers!r}. Use layers=1.")


def state_count(layer: RNN) -> int:
    """How many tensors the states of a layer are.

    Example:

    >>> state_count(RNN(make_cell("lstm", 4)))
    2
    """
    return len(tree.flatten(layer.state_size))


def one_step(layers: list[RNN], x: Any, states: list[Any], kept: Any = None) -> tuple[Any, list[Any]]:
    """Runs the cells of layers that stand on each other for one step.

    Args:
        layers: the layers, the lowest first.
        x: x⟨t⟩, shape `(batch, features)`.
        states: flat list of the states of all layers.
        kept: for each layer, what its output is multiplied by: dropout; None for none.

    Returns:
        `(output, states)`: a⟨t⟩ of the highest layer, and the new states.

    Example:

    >>> from keras import ops
    >>> layer = RNN(make_cell("gru", 4))
    >>> layer.build((None, None, 3))
    >>> a, (c,) = one_step([layer], ops.ones((2, 3)), [ops.zeros((2, 4))])
    >>> a.shape, c.shape
    (TensorShape([2, 4]), TensorShape([2, 4]))
    """
    after = []
    for layer, keep in zip(layers, kept or [None] * len(layers)):
        count = state_count(layer)
        before, states = states[:count], states[count:]
        x, new = layer.cell(x, _in_lists(tree.pack_sequence_as(layer.state_size, before)))
        x = x if keep is None else x * keep
        after += tree.flatten(new)
    return x, after


def _in_lists(states):
    """In lists of Python's: those that Keras makes of a layer's attributes, JAX takes for values."""
    return [_in_lists(each) for each in states] if isinstance(states, (list, tuple)) else states


def sources(x: keras.KerasTensor) -> Any:
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
