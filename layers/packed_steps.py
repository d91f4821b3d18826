"""The fast path on JAX, and of the GRU on torch: plain steps with all gates in one product."""

import keras
from keras import ops

from seqzoo.layers.fast_cells import FAST_CELLS
from seqzoo.layers.scan import scan


def packed_steps(cell, x, kernel, weights, states, mask, collect, training):
    """Runs a cell of the notes over a sequence; a path, see `fast_path`.

    JAX makes the input products within the loop, where XLA runs them beside the recurrent
    ones; torch makes them before it, which is fewer calls.
    """
    fast = FAST_CELLS[type(cell)]
    recurrent_kernel, *bias = weights
    blocks = fast.weights(recurrent_kernel)
    before_the_loop = keras.backend.backend() == "torch"

    def gate_inputs(x):
        z = ops.matmul(x, kernel)
        return z + bias[0] if bias else z

    def step(states, inputs):
        z, *masks = inputs
        z = z if before_the_loop else gate_inputs(z)
        after, _ = fast.forward(states, z, weights=blocks)
        for m in masks:
            after = [ops.where(m, new, old) for new, old in zip(after, states)]
        return after, after[0]

    z = gate_inputs(x) if before_the_loop else x
    xs = [ops.swapaxes(part, 0, 1) for part in (z, mask) if part is not None]
    after, outputs = scan(step, states, xs, collect)
    return after, ops.swapaxes(outputs, 0, 1) if collect else None
