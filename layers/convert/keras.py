"""The notes' layers from Keras's recurrent layers, and back."""

import keras
import numpy as np
from keras import ops, tree

from seqzoo.layers.cell import Cell
from seqzoo.layers.cell_protocol import cells_of
from seqzoo.layers.gru_cell import GRUCell
from seqzoo.layers.lstm_cell import LSTMCell
from seqzoo.layers.rnn import RNN
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
HOW_TO_RUN = ("return_sequences", "return_state", "go_backwards", "stateful", "unroll", "zero_output_for_mask")


def from_keras(layer: keras.layers.Layer) -> keras.layers.Layer:
    """Makes the notes' layer that is the same function as a recurrent layer of Keras.

    Weights, the states that `stateful` keeps and every option come along. Keras's gates
    i, f, c, o of the LSTM are Γu, Γf, c̃, Γo. Keras's GRU keeps where the notes update, z is
    1 − Γu, so the weights of that gate change their sign.

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
        `RNN`, a cell, or `Bidirectional` around `RNN`.

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
        layer: `RNN` over the notes' cells, one or a list, a cell, or
            `keras.layers.Bidirectional` around `RNN`.

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
            **_base(layer),
        )
    elif type(layer) in (RNN, keras.layers.RNN, *THEIR_LAYERS.values()):
        converted = new_layer(layer, new_cell(layer.cell, f" of {_name(layer)}"))
    else:
        converted = new_cell(layer)
    converted.supports_masking = True  # which layers of Keras 3.16 are without
    _carry(layer, converted)
    return converted


def _our_cell(cell, owner=""):
    if isinstance(cell, keras.layers.StackedRNNCells):
        return keras.layers.StackedRNNCells([_our_cell(each, owner) for each in cell.cells], **_base(cell))
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
    if isinstance(cell, keras.layers.GRUCell):
        _check_signs(cell, owner)
    return OURS[type(cell)](**_arguments(cell, OURS[type(cell)]))


def _their_cell(cell, owner=""):
    if isinstance(cell, keras.layers.StackedRNNCells):
        return keras.layers.StackedRNNCells([_their_cell(each, owner) for each in cell.cells], **_base(cell))
    if type(cell) not in THEIRS:
        raise ValueError(
            "to_keras expects an RNNCell, GRUCell or LSTMCell, or RNN or Bidirectional around them. "
            f"Received: {_name(cell)}{owner}. "
            "What is not a cell of the notes needs no conversion: keep it as it is."
        )
    arguments = _arguments(cell, THEIRS[type(cell)])
    if isinstance(cell, GRUCell):
        _check_signs(cell, owner)
        arguments["reset_after"] = False
    return THEIRS[type(cell)](**arguments)


def _our_layer(layer, cell):
    use_cudnn = getattr(layer, "use_cudnn", "auto")  # SimpleRNN and RNN of Keras do not have it
    return RNN(cell, use_cudnn=use_cudnn, **_base(layer), **_how_to_run(layer))


def _their_layer(layer, cell):
    ours, how_to_run = layer.cell, _how_to_run(layer)
    if isinstance(cell, keras.layers.StackedRNNCells) or ours.activity_regularizer is not None:
        return keras.layers.RNN(cell, **_base(layer), **how_to_run)
    if (ours.dtype_policy, ours.trainable) != (layer.dtype_policy, layer.trainable):
        return keras.layers.RNN(cell, **_base(layer), **how_to_run)
    arguments = {**_arguments(ours, type(cell)), **_base(layer), **how_to_run}
    if isinstance(ours, GRUCell):
        arguments["reset_after"] = False
    if isinstance(ours, LSTMCell):
        arguments["use_cudnn"] = layer.use_cudnn
    made = THEIR_LAYERS[type(ours)](**arguments)
    made.activity_regularizer = layer.activity_regularizer  # SimpleRNN loses its argument
    return made


def _base(layer):
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
    return {**{name: getattr(cell, name) for name in shared}, **_base(cell)}


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
            sign = 1 if type(old) is type(new) else _signs(old)
            new.set_weights([weight * sign for weight in old.get_weights()])
    for old, new in zip(_directions(source), _directions(target), strict=True):
        if getattr(old, "states", None) is not None:
            for kept, state in zip(tree.flatten(old.states), tree.flatten(new.states), strict=True):
                state.assign(np.array(ops.convert_to_numpy(kept)))


def _directions(layer):
    both = isinstance(layer, keras.layers.Bidirectional)
    return [layer.forward_layer, layer.backward_layer] if both else [layer]


def _cells_of(layer):
    return [cell for one in _directions(layer) for cell in cells_of(getattr(one, "cell", one))]


def _signs(cell):
    """What the packed weights of Keras's cell and ours differ by: the first gate of the GRU."""
    if not isinstance(cell, (GRUCell, keras.layers.GRUCell)):
        return 1
    return np.repeat([-1, 1, 1], cell.units).astype(cell.variable_dtype)


def _check_signs(cell, owner):
    """Refuses a GRU to which it matters that Wu and bu change their sign."""
    z = np.linspace(-8, 8, 33, dtype="float32")
    gate, mirrored = (_apply(cell.recurrent_activation, each) for each in (z, -z))
    if not np.allclose(mirrored, 1 - gate, atol=1e-6):
        name = getattr(cell.recurrent_activation, "__name__", cell.recurrent_activation)
        raise ValueError(
            "The gate of Keras's GRU is z = 1 − Γu, which a change of sign gives only where "
            "σ(−z) = 1 − σ(z), so a conversion expects a recurrent_activation such as sigmoid or "
            f"hard_sigmoid. Received: {_name(cell)}{owner} with recurrent_activation={name}. "
            "Keep the layer as it is, or train again with recurrent_activation='sigmoid'."
        )
    signs = np.asarray(_signs(cell), "float32")
    rows = np.linspace(-1, 1, 4 * len(signs), dtype="float32").reshape(4, -1)
    for part, w in (("kernel", rows), ("recurrent", rows), ("bias", rows[0])):
        constraint = getattr(cell, f"{part}_constraint")
        if constraint and not np.allclose(_apply(constraint, w * signs), _apply(constraint, w) * signs):
            raise _tells_signs(f"{_name(cell)}{owner}", f"{part}_constraint", constraint)
        penalty = getattr(cell, f"{part}_regularizer")
        if penalty and not np.allclose(_apply(penalty, w * signs), _apply(penalty, w)):
            raise _tells_signs(f"{_name(cell)}{owner}", f"{part}_regularizer", penalty)


def _apply(function, values):
    return ops.convert_to_numpy(function(ops.convert_to_tensor(values)))


def _tells_signs(cell, argument, value):
    return ValueError(
        "Wu and bu change their sign between Keras's GRU and the notes', so a conversion expects "
        "constraints and regularizers that treat w and −w alike. "
        f"Received: {cell} with {argument}={type(value).__name__}. "
        f"Set its {argument} to None to convert what it has learned."
    )


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
