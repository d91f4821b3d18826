"""A look inside a layer: its gates and states over time, and how far back its gradient reaches."""

import contextlib

import keras
import numpy as np
from keras import ops, tree

from seqzoo.layers.cell import Cell
from seqzoo.layers.rnn import RNN, _cells


def trace(layer, x, mask=None, initial_state=None):
    """Runs a layer and shows every gate and state, by the notes' names.

    The layer's own cells compute each step, by the lines that stand beside the notes. Arrays
    follow the order of x also where the layer reads backwards: entry t is what was computed
    on reading x⟨t⟩. A masked step computes nothing, so all that it would show is NaN. What a
    `stateful` layer keeps is where it starts, and is left as it is.

    Reference: the notes "Recurrent Neural Networks".

    Args:
        layer: an `RNN` over the notes' cells, or `keras.layers.Bidirectional` around one.
        x: shape `(batch, time, features)`.
        mask: shape `(batch, time)`, true where a step counts.
        initial_state: as in the call of the layer.

    Returns:
        A dict of NumPy arrays of shape `(batch, time, units)`: `a` of an `RNNCell`; `Γu`,
        `Γr`, `c̃`, `c`, `a` of a `GRUCell`; `c̃`, `Γu`, `Γf`, `Γo`, `c`, `a` of an `LSTMCell`.
        A list of cells puts `cell_1/`, `cell_2/` … before the names, from below, and
        `Bidirectional` puts `forward/` and `backward/` before these.

    Raises:
        ValueError: the layer has no cells that show their gates.

    Example:

    >>> import numpy as np
    >>> from seqzoo.layers import RNN, GRUCell, trace
    >>> inside = trace(RNN(GRUCell(4)), np.random.rand(2, 10, 3).astype("float32"))
    >>> {name: values.shape for name, values in inside.items()}
    {'Γu': (2, 10, 4), 'Γr': (2, 10, 4), 'c̃': (2, 10, 4), 'c': (2, 10, 4), 'a': (2, 10, 4)}
    """
    shown = {}
    for prefix, one, states in _directions(layer, initial_state):
        for name, values in _trace_one(one, x, mask, states).items():
            shown[prefix + name] = values
    return shown


def gradient_norms(layer, x, mask=None, initial_state=None):
    """How much each element of the sequence still moves the last output: ‖∂a⟨Tx⟩/∂x⟨t⟩‖.

    The Frobenius norm of the matrix of derivatives, `(units, features)`, for every t. Where
    it sinks towards the beginning the gradient vanishes, and what stood there cannot be
    learned from the end; where it grows the gradient explodes. It counts every way from x⟨t⟩
    to a⟨Tx⟩, through c as well as a, so RNN, GRU and LSTM compare. In a layer that reads
    backwards, the last output is the one after x⟨1⟩. At masked steps it is NaN.

    All derivatives come from one pass over `batch * units` rows: give it a few examples.

    Reference: the notes "Recurrent Neural Networks"; Pascanu, Mikolov, Bengio (2013), "On the
    difficulty of training recurrent neural networks".

    Args:
        layer: an `RNN`, or `keras.layers.Bidirectional` around one.
        x: shape `(batch, time, features)`.
        mask: shape `(batch, time)`, true where a step counts.
        initial_state: as in the call of the layer.

    Returns:
        A NumPy array of shape `(batch, time)`; for `Bidirectional` a dict of two, `forward`
        and `backward`.

    Raises:
        ValueError: the layer is not an `RNN`.

    Example:

    >>> import numpy as np
    >>> from seqzoo.layers import RNN, LSTMCell, gradient_norms
    >>> norms = gradient_norms(RNN(LSTMCell(4)), np.random.rand(2, 10, 3).astype("float32"))
    >>> norms.shape
    (2, 10)
    """
    norms = {
        prefix.rstrip("/"): _norms_of_one(one, x, mask, states)
        for prefix, one, states in _directions(layer, initial_state)
    }
    return norms.get("", norms)


def _directions(layer, initial_state):
    """A layer, or the two of a Bidirectional, with their prefixes and first states."""
    if not isinstance(layer, keras.layers.Bidirectional):
        return [("", _checked(layer), initial_state)]
    half = len(initial_state) // 2 if initial_state is not None else 0
    states = (None, None) if initial_state is None else (initial_state[:half], initial_state[half:])
    layers = (layer.forward_layer, layer.backward_layer)
    return [
        (f"{name}/", _checked(one), first) for name, one, first in zip(("forward", "backward"), layers, states)
    ]


def _checked(layer):
    if not isinstance(layer, RNN) or not all(isinstance(cell, Cell) for cell in _cells(layer.cell)):
        raise ValueError(
            "Only an RNN over the notes' cells shows its gates, or Bidirectional around one. "
            f"Received: {type(layer).__name__}. Convert a layer of Keras with from_keras."
        )
    return layer


def _trace_one(layer, x, mask, initial_state):
    x, counts, states = _prepared(layer, x, mask, initial_state)
    cells = _cells(layer.cell)
    times = range(x.shape[1])
    with _listening(cells) as shown:
        for t in reversed(times) if layer.go_backwards else times:
            _, after = layer.cell(x[:, t], states)
            pairs = zip(tree.flatten(after), tree.flatten(states))
            carried = [ops.where(counts[:, t, None], new, old) for new, old in pairs]
            states = tree.pack_sequence_as(states, carried)
    arrays = {}
    for i, steps in enumerate(shown, 1):
        prefix = f"cell_{i}/" if len(cells) > 1 else ""
        for name in steps[0] if steps else ():
            values = np.stack([step[name] for step in steps[:: -1 if layer.go_backwards else 1]], axis=1)
            arrays[prefix + name] = np.where(counts[..., None], values, np.nan)
    return arrays


@contextlib.contextmanager
def _listening(cells):
    """Notes what each cell records at each step."""
    shown = [[] for _ in cells]
    for cell, steps in zip(cells, shown):
        cell.record = lambda steps=steps, **values: steps.append(
            {name: _numpy(value) for name, value in values.items()}
        )
    try:
        yield shown
    finally:
        for cell in cells:
            del cell.record


def _norms_of_one(layer, x, mask, initial_state):
    x, counts, states = _prepared(layer, x, mask, initial_state)
    batch, units = x.shape[0], layer.output_size
    # One row for each entry of a⟨Tx⟩: the gradient of their sum then holds all derivatives.
    rows = lambda values: ops.repeat(values, units, axis=0)
    entry = ops.tile(ops.eye(units, dtype="float32"), (batch, 1))
    states, keep = tree.map_structure(rows, states), None if mask is None else rows(counts)
    run = RNN(layer.cell, go_backwards=layer.go_backwards)

    def total(x):
        return ops.sum(ops.cast(run(x, initial_state=states, mask=keep), "float32") * entry)

    derivatives = _numpy(_gradient(total, rows(x))).reshape(batch, units, *x.shape[1:])
    norms = np.sqrt(np.sum(derivatives**2, axis=(1, 3)))
    return np.where(counts, norms, np.nan)


def _gradient(total, x):
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(x)
            value = total(x)
        return tape.gradient(value, x)
    if keras.backend.backend() == "jax":
        import jax

        return jax.grad(total)(x)
    import torch

    x = x.detach().requires_grad_()
    return torch.autograd.grad(total(x), x)[0]


def _prepared(layer, x, mask, initial_state):
    """x as a tensor, which of its steps count, and the states before the first."""
    x = ops.convert_to_tensor(x, dtype=layer.variable_dtype)
    if not layer.built:
        layer.build(tuple(x.shape))
    layer._check(x, mask)
    counts = np.ones(x.shape[:2], bool) if mask is None else _numpy(mask).astype(bool).reshape(x.shape[:2])
    return x, counts, layer._first_states(x, initial_state)


def _numpy(values):
    half = keras.backend.standardize_dtype(getattr(values, "dtype", "float32")) in ("float16", "bfloat16")
    return ops.convert_to_numpy(ops.cast(values, "float32") if half else values)
