"""The fast path: which computation of a whole sequence takes the place of the plain steps.

On a GPU it is cuDNN's loop where there is one of the same function (`cudnn_path.py`). Else on
TensorFlow it has a gradient of its own (`engine.py`), on torch it is torch's own loop
(`torch_path.py`), and on JAX, and for the GRU on torch, it is the steps with all gates in one
product (`packed_steps.py`).
"""

import keras
from keras import ops
from keras.src.backend import AutocastScope

from seqzoo.layers.cudnn_path import cudnn_path, has_cudnn_loop
from seqzoo.layers.engine import engine
from seqzoo.layers.fast_cells import FAST_CELLS
from seqzoo.layers.gru_cell import GRUCell
from seqzoo.layers.packed_steps import packed_steps
from seqzoo.layers.torch_path import torch_path

# A path is `path(cell, x, kernel, weights, states, mask, collect, training)`. `kernel` is what
# x⟨t⟩ is multiplied with, `weights` the recurrent kernel, with the bias where there is one, all
# in the cell's dtype; dropout of x has acted. The other arguments and the results are those of
# `fast_path`.
PATHS = {
    cudnn_path: "cuDNN's loop",
    engine: (
        "the input products of all steps are one matrix product before the loop, "
        "and the weight gradients are one each after it"
    ),
    torch_path: "torch's own loop, cuDNN's on a GPU",
    packed_steps: "the gates of a step are one matrix product",
}


def why_plain(layer, training):
    """Why a layer steps plainly instead of taking the fast path; None when it takes it."""
    cell = layer.cell
    if type(cell) not in FAST_CELLS:
        return f"the fast path knows the cells of the notes, one at a time, not {type(cell).__name__}"
    if layer.unroll:
        return "unroll=True asks for a copy of the step for each moment"
    if cell.activation is not keras.activations.tanh:
        return f"the activation is {_name(cell.activation)}, and the fast path has tanh"
    gate = getattr(cell, "recurrent_activation", keras.activations.sigmoid)
    if gate is not keras.activations.sigmoid:
        return f"the gates' activation is {_name(gate)}, and the fast path has sigmoid"
    if training and cell.recurrent_dropout:
        return "recurrent_dropout acts within each step"
    if cell.activity_regularizer is not None:
        return "the cell has an activity regularizer, which looks at each step"
    return None


def path_of(layer, training):
    """The fast path that a layer takes, one of `PATHS`; None where it steps plainly."""
    if why_plain(layer, training):
        return None
    if layer.use_cudnn is not False and has_cudnn_loop(layer.cell):
        return cudnn_path
    backend = keras.backend.backend()
    if backend == "tensorflow":
        return engine
    return torch_path if backend == "torch" and not isinstance(layer.cell, GRUCell) else packed_steps


def fast_path(path, cell, x, states, mask, collect, training):
    """Runs a cell of the notes over a sequence.

    Args:
        path: what `path_of` gives.
        cell: a built cell.
        x: shape `(batch, time, features)`.
        states: list of the states before the first step, each `(batch, units)`.
        mask: bool of shape `(batch, time, 1)`, or None.
        collect: whether to return the outputs of all steps.
        training: whether dropout acts, and the loop keeps what a gradient needs; a gradient
            that is asked for all the same is right, but may run the loop again.

    Returns:
        `(states, outputs)`: the last states, and a⟨t⟩ of all steps, `(batch, time, units)`,
        or None unless `collect`.
    """
    dtype = cell.compute_dtype
    with AutocastScope(dtype):  # the weights in the cell's dtype, not in the layer's
        kernel, *weights = (
            ops.cast(ops.convert_to_tensor(w), dtype)
            for w in (cell.kernel, cell.recurrent_kernel, cell.bias)
            if w is not None
        )
    x = ops.cast(x, dtype)
    if training and cell.dropout:
        x = x * ops.expand_dims(cell.get_dropout_mask(x[:, 0]), axis=1)
    return path(cell, x, kernel, weights, states, mask, collect, training)


def _name(function):
    return getattr(function, "__name__", repr(function))

