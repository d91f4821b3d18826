"""The gates and states of a layer over time, by the notes' names."""

import contextlib
import unicodedata
from typing import Any

import keras
import numpy as np
from keras import tree

from seqzoo.layers.backends.scan import where_it_counts
from seqzoo.layers.cell import LISTENER
from seqzoo.layers.cell_protocol import cells_of
from seqzoo.layers.inspection.prepare import directions, prepared, to_numpy

TILDE = "\N{COMBINING TILDE}"


class Trace(dict):
    """What `trace` returns: a dict of arrays by the notes' names, which may be typed in ASCII.

    `Γu` is also `Gamma_u`, and `c̃` also `c_tilde`, as a key or as an attribute.

    Example:

    >>> inside = Trace({"Γu": np.zeros((2, 10, 4)), "c̃": np.ones((2, 10, 4))})
    >>> inside["Gamma_u"].shape, inside.c_tilde.shape
    ((2, 10, 4), (2, 10, 4))
    >>> list(inside)
    ['Γu', 'c̃']
    """

    def __missing__(self, name: str) -> np.ndarray:
        if name not in self:
            raise KeyError(f"This trace has {list(self)}. Received: {name!r}. Take one of these names.")
        return self[in_greek(name)]

    def __contains__(self, name: object) -> bool:
        return super().__contains__(in_greek(str(name)))

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in self else default

    def __getattr__(self, name: str) -> np.ndarray:
        if name not in self:
            raise AttributeError(f"This trace has {list(self)}. Received: {name!r}. Take one of these names.")
        return self[name]


def in_greek(name: str) -> str:
    """The notes' name for one that is typed in ASCII; any other name as it is.

    Example:

    >>> in_greek("forward/Gamma_u"), in_greek("cell_1/c_tilde"), in_greek("Γu")
    ('forward/Γu', 'cell_1/c̃', 'Γu')
    """
    name = unicodedata.normalize("NFKC", name).replace("Gamma_", "Γ")
    return name.removesuffix("_tilde") + TILDE if name.endswith("_tilde") else name


def trace(layer: keras.layers.Layer, x: Any, mask: Any = None, initial_state: Any = None) -> Trace:
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
        `Trace`, a dict of NumPy arrays of shape `(batch, time, units)`: `a` of an `RNNCell`;
        `Γu`, `Γr`, `c̃`, `c`, `a` of a `GRUCell`; `c̃`, `Γu`, `Γf`, `Γo`, `c`, `a` of an
        `LSTMCell`; what another cell gives to `record`. `Gamma_u` and `c_tilde` find them too.
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
    shown = Trace()
    for prefix, one, states in directions(layer, initial_state):
        for name, values in _trace_one(one, x, mask, states).items():
            shown[prefix + name] = values
    return shown


def _trace_one(layer, x, mask, initial_state):
    x, counts, states = prepared(layer, x, mask, initial_state)
    cells = cells_of(layer.cell)
    times = range(x.shape[1])
    with _listening(cells) as shown:
        for t in reversed(times) if layer.go_backwards else times:
            _, after = layer.cell(x[:, t], states)
            carried = where_it_counts([counts[:, t, None]], tree.flatten(after), tree.flatten(states))
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
    shown = {id(cell): [] for cell in cells}

    def note(cell, values):
        shown[id(cell)].append({name: to_numpy(value) for name, value in values.items()})

    before = LISTENER.set(note)
    try:
        yield list(shown.values())
    finally:
        LISTENER.reset(before)
