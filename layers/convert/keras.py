"""The notes' layers from Keras's recurrent layers, and back."""

from typing import Any

import keras
import numpy as np
from keras import ops, tree

from seqzoo.layers.cell import Cell
from seqzoo.layers.cell_protocol import cells_of
from seqzoo.layers.drop_in import GRU, LSTM, SimpleRNN
from seqzoo.layers.gru_cell import GRUCell
from seqzoo.layers.lstm_cell import LSTMCell
from seqzoo.layers.rnn import HOW_TO_RUN, RNN
from seqzoo.layers.rnn_cell import RNNCell
from seqzoo.layers.wrappers import Bidirectional

OURS = {
    keras.layers.SimpleRNNCell: RNNCell,
    keras.layers.GRUCell: GRUCell,
    keras.layers.LSTMCell: LSTMCell,
}
THEIRS = {ours: theirs for theirs, ours in OURS.items()}
THEIR_LAYERS = {
    RNNCell: keras.layers.SimpleRNN,
    GRUCell: keras.layers.GRU,
    LSTMCell: keras.layers.LSTM,
}
OUR_LAYERS = {RNNCell: SimpleRNN, GRUCell: GRU, LSTMCell: LSTM}
NAMED = (*THEIR_LAYERS.values(), *OUR_LAYERS.values())  # they are made with the options of their cell


def is_theirs(layer: keras.layers.Layer) -> bool:
    """Whether a layer is a recurrent layer of Keras's; ours are `keras.layers.RNN` too."""
    return isinstance(layer, keras.layers.RNN) and not is_ours(layer)


def is_ours(layer: keras.layers.Layer) -> bool:
    """Whether a layer is a recurrent layer of this package."""
    return isinstance(layer, RNN)


def from_keras(layer: keras.layers.Layer) -> keras.layers.Layer:
    """Makes the notes' layer that is the same function as a recurrent layer of Keras.

    Weights, the states that `stateful` keeps and every option come along. The packed weights
    are equal: Keras's gates i, f, c, o of the LSTM are Γu, Γf, c̃, Γo, and its gates z, r, h of
    the GRU are 1 − Γu, Γr, c̃.

    Two things are as the notes' layers have them. Where the first steps of a row are masked,
    the output there is the initial state, which Keras replaces by zeros. And dropout is
    drawn once for all gates, also where Keras draws it for each gate, with
    `recurrent_dropout`. A layer that is not built yet has no weights to bring.

    Reference: the notes "Recurrent Neural Networks"; `keras.layers`.

    Args:
        layer: `keras.layers.SimpleRNN`, `LSTM`, `GRU(reset_after=False)`, their cells,
            `StackedRNNCells` and `keras.layers.RNN` over these cells, or
            `keras.layers.Bidirectional` around any of these layers.

    Returns:
        `SimpleRNN`, `LSTM` or `GRU` of this package for Keras's of that name, `RNN` for
        `keras.layers.RNN`, a cell for a cell, or `keras.layers.Bidirectional` around one of
        these layers.

    Raises:
        ValueError: the layer is another function, such as a GRU with `reset_after=True`.

    Example:

    >>> import keras
    >>> import numpy as np
    >>> from seqzoo.layers import from_keras
    >>> theirs = keras.layers.LSTM(4, return_sequences=True)
    >>> x = np.random.rand(2, 10, 3).astype("float32")
    >>> expected = theirs(x)
    >>> ours = from_keras(theirs)
    >>> bool(np.allclose(ours(x), expected, atol=1e-6))
    True
    >>> ours.cell.Wf.shape
    (4, 7)
    """
    return _convert(layer, _our_cell, _our_layer)


def to_keras(layer: keras.layers.Layer) -> keras.layers.Layer:
    """Makes the layer of Keras that is the same function as one of the notes.

    The reverse of `from_keras`, with the same care for weights, states and options.

    Reference: the notes "Recurrent Neural Networks"; `keras.layers`.

    Args:
        layer: `SimpleRNN`, `GRU`, `LSTM`, or `RNN` over the notes' cells, one or a list; a cell;
            or `keras.layers.Bidirectional` around one of these layers.

    Returns:
        `keras.layers.SimpleRNN`, `LSTM` or `GRU(reset_after=False)`; `keras.layers.RNN` for
        a list of cells, or where cell and layer have other dtypes; a cell of Keras; or
        `keras.layers.Bidirectional` around one of these layers.

    Raises:
        ValueError: Keras has no layer that is the same function.

    Example:

    >>> from seqzoo.layers import GRUCell, RNN, to_keras
    >>> layer = to_keras(RNN(GRUCell(4), return_sequences=True))
    >>> type(layer).__name__, layer.reset_after, layer.return_sequences
    ('GRU', False, True)
    """
    return _convert(layer, _their_cell, _their_layer)


def _convert(layer, new_cell, new_layer):
    if isinstance(layer, keras.layers.Bidirectional):
        wrapper = Bidirectional if new_layer is _our_layer else keras.layers.Bidirectional
        converted = wrapper(
            _convert(layer.forward_layer, new_cell, new_layer),
            backward_layer=_convert(layer.backward_layer, new_cell, new_layer),
            merge_mode=layer.merge_mode,
            **base_options(layer),
        )
    elif type(layer) in (RNN, keras.layers.RNN, *NAMED):
        converted = new_layer(layer, new_cell(layer.cell, f" of {_name(layer)}"))
    else:
        converted = new_cell(layer)
    converted.supports_masking = True  # which layers of Keras 3.16 are without
    _carry(layer, converted)
    return converted


def _our_cell(cell, owner=""):
    if isinstance(cell, keras.layers.StackedRNNCells):
        return keras.layers.StackedRNNCells([_our_cell(each, owner) for each in cell.cells], **base_options(cell))
    if isinstance(cell, Cell):
        return type(cell)(**_arguments(cell, type(cell)))
    if type(cell) not in OURS:
        raise ValueError(
            "from_keras expects keras.layers.SimpleRNN, LSTM or GRU(reset_after=False), their cells, "
            "or RNN or Bidirectional around them. "
            f"Received: {_name(cell)}{owner}. {WHY.get(type(cell).__name__, UNKNOWN)}"
        )
    if getattr(cell, "reset_after", False):
        raise ValueError(
            f"from_keras expects a GRU with reset_after=False. Received: {_name(cell)}{owner} with reset_after=True, "
            "another function: it applies the reset gate after the recurrent product, and the notes "
            "apply Γr before it, to c⟨t−1⟩. No weights make the two equal: "
            "train again with reset_after=False, or keep the layer as it is."
        )
    return OURS[type(cell)](**_arguments(cell, OURS[type(cell)]))


def _their_cell(cell, owner=""):
    if isinstance(cell, keras.layers.StackedRNNCells):
        return keras.layers.StackedRNNCells([_their_cell(each, owner) for each in cell.cells], **base_options(cell))
    if type(cell) not in THEIRS:
        raise ValueError(
            "to_keras expects an RNNCell, GRUCell or LSTMCell, or RNN or Bidirectional around them. "
            f"Received: {_name(cell)}{owner}. "
            "What is not a cell of the notes needs no conversion: keep it as it is."
        )
    return THEIRS[type(cell)](**_arguments(cell, THEIRS[type(cell)]))


def _our_layer(layer, cell):
    # SimpleRNN and RNN of Keras do not have the one, and no layer of Keras's the other.
    options = {"use_cudnn": getattr(layer, "use_cudnn", "auto"), "recompute": getattr(layer, "recompute", False)}
    if type(layer) in NAMED and _agrees_with_its_cell(layer):
        return _named(OUR_LAYERS[type(cell)], layer, cell, options)
    return RNN(cell, **base_options(layer), **_how_to_run(layer), **options)


def _their_layer(layer, cell):
    if not _agrees_with_its_cell(layer):
        return keras.layers.RNN(cell, **base_options(layer), **_how_to_run(layer))
    options = {"use_cudnn": layer.use_cudnn} if isinstance(layer.cell, LSTMCell) else {}
    return _named(THEIR_LAYERS[type(layer.cell)], layer, cell, options)


def _agrees_with_its_cell(layer):
    """Whether one set of options can make both the layer and its cell."""
    cell = layer.cell
    if isinstance(cell, keras.layers.StackedRNNCells) or cell.activity_regularizer is not None:
        return False
    return (cell.dtype_policy, cell.trainable) == (layer.dtype_policy, layer.trainable)


def _named(make, layer, cell, options):
    """A layer by its name, with the options of the cell that it makes itself."""
    made = make(**{**_arguments(layer.cell, type(cell)), **base_options(layer), **_how_to_run(layer), **options})
    made.activity_regularizer = layer.activity_regularizer  # Keras's SimpleRNN loses its argument
    return made


def base_options(layer: keras.layers.Layer) -> dict[str, Any]:
    """The arguments that every layer of Keras has."""
    return {
        "name": layer.name,
        "trainable": layer.trainable,
        "dtype": layer.dtype_policy,
        "activity_regularizer": layer.activity_regularizer,
    }


def _arguments(cell, other):
    """The arguments that made a cell, as far as the class `other` has them too."""
    shared = set(cell.get_config()) & set(other(1).get_config())
    return {**{name: getattr(cell, name) for name in shared}, **base_options(cell)}


def _how_to_run(layer):
    return {name: getattr(layer, name) for name in HOW_TO_RUN}


def _carry(source, target):
    """Brings weights and kept states, once the layers agree in everything else."""
    if source.built:
        target.build_from_config(source.get_build_config())
    for old, new in zip(_cells_of(source), _cells_of(target), strict=True):
        if old.built:
            if not new.built:
                new.build((None, old.kernel.shape[0]))
            new.set_weights(old.get_weights())
    for old, new in zip(_directions(source), _directions(target), strict=True):
        if getattr(old, "states", None) is not None:
            for kept, state in zip(tree.flatten(old.states), tree.flatten(new.states), strict=True):
                state.assign(np.array(ops.convert_to_numpy(kept)))


def _directions(layer):
    both = isinstance(layer, keras.layers.Bidirectional)
    return [layer.forward_layer, layer.backward_layer] if both else [layer]


def _cells_of(layer):
    return [cell for one in _directions(layer) for cell in cells_of(getattr(one, "cell", one))]


def _name(layer):
    return f"{type(layer).__name__} {getattr(layer, 'name', '')!r}"


UNKNOWN = "No cell of the notes is sure to be the same function: keep it as it is."
WHY = {
    **dict.fromkeys(
        ("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "ConvLSTMCell"),
        "It convolves where the notes multiply, another function: keep it as it is.",
    ),
    "PeepholeLSTMCell": "Its gates look at c⟨t−1⟩ too, another function: keep it as it is.",
}
