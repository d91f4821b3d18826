"""How a whole sequence runs: one file for each way, and here the choice between them.

A way says itself which cells it runs, in training or at inference. A cell that none of them
names takes plain steps, so a new cell needs nothing here. To be fast too it needs one entry, a
`FusedCell`; and, where the libraries have a loop of the same function, its name in `library_loops.py`.

| file | way | runs |
|---|---|---|
| `plain_steps.py` | the cell's own step | every cell |
| `cudnn_loop.py` | cuDNN's loop, TensorFlow | the RNN and the LSTM, on a GPU |
| `own_gradient.py` | TensorFlow's loop or XLA's, with a gradient of its own | every `FusedCell` whose slopes it knows |
| `torch_loop.py` | torch's own loop | the RNN and the LSTM |
| `jax_loop.py` | JAX's loop, with a tangent of its own | every `FusedCell` |
| `fused_steps.py` | steps with all gates in one product, any backend | every `FusedCell` |
| `cell_by_cell.py` | one cell after the other, each its own way | stacks of these cells |
| `segments.py` | another way for each segment of the sequence, and again for its gradient | every cell |
"""

import keras

from seqzoo.layers.backends.base import Backend
from seqzoo.layers.backends.cell_by_cell import CellByCell
from seqzoo.layers.backends.cudnn_loop import CudnnLoop
from seqzoo.layers.backends.fused_cells import FUSED_CELLS, GATES
from seqzoo.layers.backends.fused_steps import FusedSteps
from seqzoo.layers.backends.jax_loop import JaxLoop
from seqzoo.layers.backends.own_gradient import OwnGradient
from seqzoo.layers.backends.plain_steps import PlainSteps
from seqzoo.layers.backends.segments import Segments
from seqzoo.layers.backends.torch_loop import TorchLoop

FAST = (CudnnLoop(), OwnGradient(), TorchLoop(), JaxLoop(), FusedSteps())  # the first that runs a cell is taken


def backend_of(layer: keras.layers.Layer, training: bool) -> Backend:
    """The way that an `RNN` takes, in training or at inference."""
    way = _way_of(layer, training)
    return Segments(way) if training and layer.recompute else way


def _way_of(layer, training):
    reason = why_plain(layer)
    if reason:
        return PlainSteps(reason, layer.unroll)
    allowed = [way for way in FAST if not (layer.use_cudnn is False and way.is_cudnn)]
    ways = [next(way for way in allowed if way.runs(cell, training)) for cell in _cells(layer)]
    return CellByCell(ways) if _is_stack(layer.cell) else ways[0]


def why_plain(layer: keras.layers.Layer) -> str | None:
    """Why a layer steps plainly instead of taking the fast path; None when it takes it."""
    if layer.unroll:
        return "unroll=True asks for a copy of the step for each moment"
    return next(filter(None, map(_why_plain, _cells(layer))), None)


def _why_plain(cell):
    if type(cell) not in FUSED_CELLS:
        return f"the fast path knows the cells of the notes, not {type(cell).__name__}"
    if cell.activity_regularizer is not None:
        return "the cell has an activity regularizer, which looks at each step"
    gate = getattr(cell, "recurrent_activation", keras.activations.sigmoid)
    if gate not in GATES:
        return f"the gates' activation is {getattr(gate, '__name__', repr(gate))}, not sigmoid or hard_sigmoid"
    return None


def _cells(layer):
    return layer.cell.cells if _is_stack(layer.cell) else [layer.cell]


def _is_stack(cell):
    return type(cell) is keras.layers.StackedRNNCells
