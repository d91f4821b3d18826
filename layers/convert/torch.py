"""The notes' layers from torch's recurrent modules, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import keras
import numpy as np

from seqzoo.layers.cell_protocol import cells_of
from seqzoo.layers.convert.keras import UNKNOWN
from seqzoo.layers.lstm_cell import LSTMCell
from seqzoo.layers.rnn import RNN
from seqzoo.layers.rnn_cell import RNNCell
from seqzoo.layers.wrappers import Bidirectional

if TYPE_CHECKING:
    import torch

ANOTHER_GRU = (
    "torch's GRU applies the reset gate after the recurrent product, and the notes apply Γr "
    "before it, to c⟨t−1⟩: another function, and no weights make the two equal. "
    "Train a GRUCell anew, or use an LSTM."
)


def from_torch(module: torch.nn.Module, return_sequences: bool = True) -> keras.layers.Layer:
    """Makes the notes' layers that are the same function as a recurrent module of torch.

    What comes back maps x of shape `(batch, time, features)` to what torch returns first,
    all outputs of the last layer. It is one `RNN` for one layer, `keras.layers.Bidirectional`
    for both directions, and for several layers a `keras.Sequential` of these, with torch's
    dropout between them. The batch is always the first axis here, whatever `batch_first` says.

    torch adds two biases in every gate; ours is their sum. Its LSTM's gates i, f, g, o are
    Γu, Γf, c̃, Γo.

    Reference: the notes "Recurrent Neural Networks"; `torch.nn`.

    Args:
        module: `torch.nn.RNN`, `torch.nn.LSTM`, `torch.nn.RNNCell` or `torch.nn.LSTMCell`.
        return_sequences: whether the last layer returns all its outputs or the last.

    Returns:
        `RNN`, `keras.layers.Bidirectional`, `keras.Sequential`, or a cell for a cell; built.

    Raises:
        ValueError: the module is another function, such as a GRU or an LSTM with `proj_size`.

    Example:

    >>> import torch  # doctest: +SKIP
    >>> from seqzoo.layers import from_torch
    >>> lstm = torch.nn.LSTM(3, 4, num_layers=2, bidirectional=True, batch_first=True)  # doctest: +SKIP
    >>> x = torch.randn(2, 10, 3)  # doctest: +SKIP
    >>> from_torch(lstm)(x.numpy()).shape, lstm(x)[0].shape  # doctest: +SKIP
    (TensorShape([2, 10, 8]), torch.Size([2, 10, 8]))
    """
    import torch

    if type(module) in (torch.nn.RNNCell, torch.nn.LSTMCell):
        return _cell_from_torch(module)
    if type(module) not in (torch.nn.RNN, torch.nn.LSTM):
        gru = isinstance(module, (torch.nn.GRU, torch.nn.GRUCell))
        raise ValueError(
            "from_torch expects a torch.nn.RNN or LSTM, or their cells. "
            f"Received: {type(module).__name__}. " + (ANOTHER_GRU if gru else UNKNOWN)
        )
    if module.proj_size:
        raise ValueError(
            "from_torch expects an LSTM without projection. "
            f"Received: LSTM with proj_size={module.proj_size}, which multiplies a⟨t⟩ by one more matrix "
            "before it goes on: another function. Keep it as it is, or train again with proj_size=0."
        )
    layers = _layers_from_torch(module, return_sequences)
    if len(layers) == 1:
        layers[0].build((None, None, module.input_size))
        return layers[0]
    if module.dropout:
        layers = [each for layer in layers for each in (layer, keras.layers.Dropout(module.dropout))][:-1]
    return keras.Sequential([keras.Input((None, module.input_size), dtype=_dtype(module)), *layers])


def to_torch(layer: keras.layers.Layer | Sequence[keras.layers.Layer], batch_first: bool = True) -> torch.nn.Module:
    """Makes the module of torch that is the same function as the notes' layers.

    Our bias becomes torch's `bias_ih`; its second bias, `bias_hh`, is zero. torch always
    returns all outputs and the last states. Initializers, regularizers and constraints have
    no place in a module of torch and are left behind.

    Reference: the notes "Recurrent Neural Networks"; `torch.nn`.

    Args:
        layer: `RNN` over an `RNNCell`, an `LSTMCell` or a list of one kind,
            `keras.layers.Bidirectional` around `RNN`, a list or a `keras.Sequential` of
            such layers, with the same `keras.layers.Dropout` between them or none, or a cell.
        batch_first: whether the module takes `(batch, time, features)` or
            `(time, batch, features)`.

    Returns:
        `torch.nn.RNN` or `torch.nn.LSTM`; `torch.nn.RNNCell` or `torch.nn.LSTMCell` for a cell.

    Raises:
        ValueError: torch has no module that is the same function.

    Example:

    >>> from seqzoo.layers import RNN, LSTMCell, to_torch
    >>> layer = RNN([LSTMCell(8), LSTMCell(8)], return_sequences=True)
    >>> layer.build((None, None, 3))
    >>> to_torch(layer)  # doctest: +SKIP
    LSTM(3, 8, num_layers=2, batch_first=True)
    """
    if isinstance(layer, (RNNCell, LSTMCell)):
        _check_cells([layer])
        return _cell_to_torch(layer)
    levels, dropout = _levels(layer)
    first = levels[0][0]
    _check_cells([cell for level in levels for cell in level])
    if len({len(level) for level in levels}) > 1:
        raise _no_module("the same directions in every layer", "Bidirectional beside RNN")
    options = {
        "num_layers": len(levels),
        "bias": first.use_bias,
        "batch_first": batch_first,
        "dropout": dropout,
        "bidirectional": len(levels[0]) == 2,
    }
    module = _module(first, "RNN", "LSTM", **options)
    for depth, level in enumerate(levels):
        for cell, direction in zip(level, ("", "_reverse")):
            _fill(module, cell, f"_l{depth}{direction}")
    return module


def _layers_from_torch(module, return_sequences):
    top = module.num_layers - 1
    return [_layer_from_torch(module, level, return_sequences or level < top) for level in range(top + 1)]


def _layer_from_torch(module, level, return_sequences):
    def one(direction, **kwargs):
        cell = _cell_from_torch(module, f"_l{level}{direction}")
        return RNN(cell, return_sequences=return_sequences, dtype=_dtype(module), **kwargs)

    if not module.bidirectional:
        return one("")
    forward, backward = one(""), one("_reverse", go_backwards=True)
    both = Bidirectional(forward, backward_layer=backward, dtype=_dtype(module))
    # Bidirectional makes the forward layer again, without weights.
    both.build((None, None, forward.cell.kernel.shape[0]))
    both.forward_layer.cell.set_weights(forward.cell.get_weights())
    return both


def _cell_from_torch(module, suffix=""):
    weights = [_numpy(module, f"weight_{part}{suffix}").T for part in ("ih", "hh")]
    if module.bias:
        weights.append(sum(_numpy(module, f"bias_{part}{suffix}") for part in ("ih", "hh")))
    make = LSTMCell if "LSTM" in type(module).__name__ else RNNCell
    activation = getattr(module, "nonlinearity", "tanh")
    cell = make(module.hidden_size, activation=activation, use_bias=bool(module.bias), dtype=_dtype(module))
    cell.build((None, weights[0].shape[0]))
    cell.set_weights(weights)
    return cell


def _numpy(module, name):
    return getattr(module, name).detach().cpu().double().numpy()


def _dtype(module):
    return str(next(module.parameters()).dtype).removeprefix("torch.")


def _cell_to_torch(cell):
    module = _module(cell, "RNNCell", "LSTMCell", bias=cell.use_bias)
    _fill(module, cell)
    return module


def _module(cell, rnn, lstm, **options):
    import torch

    if isinstance(cell, RNNCell):
        options["nonlinearity"] = cell.activation.__name__
    make = getattr(torch.nn, lstm if isinstance(cell, LSTMCell) else rnn)
    dtype = getattr(torch, cell.variable_dtype)
    return make(cell.kernel.shape[0], cell.units, dtype=dtype, device="cpu", **options)


def _fill(module, cell, suffix=""):
    import torch

    kernel, recurrent_kernel, *bias = [np.asarray(weight, "float64") for weight in cell.get_weights()]
    values = {"weight_ih": kernel.T, "weight_hh": recurrent_kernel.T}
    if bias:
        values |= {"bias_ih": bias[0], "bias_hh": np.zeros_like(bias[0])}
    with torch.no_grad():
        for name, value in values.items():
            getattr(module, name + suffix).copy_(torch.tensor(value))


def _levels(layer):
    """The cells of each layer of torch's stack, one or two for the directions, and the dropout between."""
    layers = layer.layers if isinstance(layer, keras.Sequential) else layer
    layers = list(layers) if isinstance(layers, (list, tuple)) else [layers]
    drops = [isinstance(each, keras.layers.Dropout) for each in layers]
    rates = {each.rate for each in layers if isinstance(each, keras.layers.Dropout)}
    recurrent = [each for each, drop in zip(layers, drops) if not drop]
    levels = [level for each in recurrent for level in _directions(each)]
    between = [False, True] * (len(levels) - 1) + [False]
    if not levels or rates and (drops != between or len(rates) > 1):
        raise _no_module("the same Dropout between all layers, or none", [each.name for each in layers])
    for each in recurrent[:-1]:
        if not each.return_sequences:
            raise _no_module(
                "return_sequences=True in every layer but the last",
                f"{each.name!r} with return_sequences=False",
            )
    return levels, rates.pop() if rates else 0.0


def _directions(layer):
    if isinstance(layer, keras.layers.Bidirectional):
        if layer.merge_mode != "concat":
            raise _no_module("merge_mode='concat'", f"{layer.name!r} with merge_mode={layer.merge_mode!r}")
        forward, backward = _cells_in(layer.forward_layer), _cells_in(layer.backward_layer, backwards=True)
        if len(forward) > 1 or len(backward) > 1:
            raise _no_module(
                "one cell in each direction, because it joins the directions after every layer",
                f"{layer.name!r} around a list of cells",
            )
        return [[*forward, *backward]]
    return [[cell] for cell in _cells_in(layer)]


def _cells_in(layer, backwards=False):
    if not isinstance(layer, RNN):
        raise _no_module("RNN, or Bidirectional around it", type(layer).__name__)
    if layer.go_backwards != backwards:
        raise _no_module(
            "go_backwards only inside Bidirectional; flip the sequence for a single direction",
            f"{layer.name!r} with go_backwards={layer.go_backwards}",
        )
    if layer.stateful:
        raise _no_module("states that the caller passes on", f"{layer.name!r} with stateful=True")
    return cells_of(layer.cell)


def _check_cells(cells):
    for cell in cells:
        if type(cell) not in (RNNCell, LSTMCell):
            gru = type(cell).__name__ == "GRUCell"
            raise _no_module("RNNCell or LSTMCell", type(cell).__name__, ANOTHER_GRU if gru else None)
        if not cell.built:
            raise ValueError(
                f"to_torch expects layers with weights. Received: {cell.name!r}, which is not built. "
                "Call the layer on data, or build it with layer.build((None, None, features)), first."
            )
        if cell.dropout or cell.recurrent_dropout:
            raise _no_module(
                "no dropout inside a cell",
                f"{cell.name!r} with dropout={cell.dropout}, recurrent_dropout={cell.recurrent_dropout}",
                "Set both to 0.0 to convert what the cell has learned.",
            )
        _check_activations(cell)
    kinds = {(type(cell).__name__, cell.units, bool(cell.use_bias), cell.variable_dtype) for cell in cells}
    if len(kinds) > 1 or len({cell.activation for cell in cells}) > 1:
        raise _no_module("one kind of cell in all layers", f"cells of kinds {sorted(kinds)}")


def _check_activations(cell):
    known = {"activation": ("tanh", "relu") if isinstance(cell, RNNCell) else ("tanh",)}
    if isinstance(cell, LSTMCell):
        known["recurrent_activation"] = ("sigmoid",)
    for argument, names in known.items():
        function = getattr(cell, argument)
        if function not in [keras.activations.get(name) for name in names]:
            raise _no_module(
                f"{argument} in {names}",
                f"{cell.name!r} with {argument}={getattr(function, '__name__', function)}",
            )


def _no_module(expected, received, instead=None):
    return ValueError(
        f"torch.nn has no module that is the same function: it expects {expected}. "
        f"Received: {received}. "
        + (instead or "Convert layers that agree with that one by one, or keep these in Keras.")
    )
