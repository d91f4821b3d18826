"""What both looks inside a layer start from: its directions, its sequence and its first states."""

import threading

import keras
import numpy as np
from keras import ops

from seqzoo.layers.backends.half_precision import is_half
from seqzoo.layers.cell import Cell
from seqzoo.layers.cell_protocol import cells_of
from seqzoo.layers.rnn import RNN

BUILDING = threading.Lock()  # one thread makes the weights


def directions(layer, initial_state):
    """A layer, or the two of a Bidirectional, with their prefixes and first states."""
    if not isinstance(layer, keras.layers.Bidirectional):
        return [("", _checked(layer), initial_state)]
    half = len(initial_state) // 2 if initial_state is not None else 0
    states = (None, None) if initial_state is None else (initial_state[:half], initial_state[half:])
    layers = (layer.forward_layer, layer.backward_layer)
    return [(f"{name}/", _checked(one), first) for name, one, first in zip(("forward", "backward"), layers, states)]


def _checked(layer):
    if not isinstance(layer, RNN) or not all(isinstance(cell, Cell) for cell in cells_of(layer.cell)):
        raise ValueError(
            "Only an RNN over the notes' cells shows its gates, or Bidirectional around one. "
            f"Received: {type(layer).__name__}. Convert a layer of Keras with from_keras."
        )
    return layer


def prepared(layer, x, mask, initial_state):
    """x as a tensor, which of its steps count, and the states before the first."""
    x = ops.convert_to_tensor(x, dtype=layer.variable_dtype)
    mask = None if mask is None else ops.convert_to_tensor(mask, dtype="bool")
    layer.check(x, mask)
    with BUILDING:
        if not layer.built:
            layer.build(tuple(x.shape))
    counts = np.ones(x.shape[:2], bool) if mask is None else to_numpy(mask).astype(bool).reshape(x.shape[:2])
    return x, counts, layer.first_states(x, initial_state)


def to_numpy(values):
    half = is_half(getattr(values, "dtype", "float32"))
    return ops.convert_to_numpy(ops.cast(values, "float32") if half else values)
