"""torch's own loop over a whole sequence, which on a GPU is cuDNN's."""

import keras

from seqzoo.layers.backends.base import Backend
from seqzoo.layers.backends.fused_cells import FUSED_CELLS
from seqzoo.layers.backends.right_padding import run_right_padded
from seqzoo.layers.backends.weights import inputs_and_weights
from seqzoo.layers.lstm_cell import LSTMCell
from seqzoo.layers.rnn_cell import RNNCell

LOOPS = {RNNCell: "rnn_tanh", LSTMCell: "lstm"}  # torch's GRU is another function than the notes'


class TorchLoop(Backend):
    """Runs the cells of `LOOPS`, on torch, but no recurrent dropout."""

    description = "Fast path: torch's own loop, cuDNN's on a GPU"

    def runs(self, cell, training):
        if training and cell.recurrent_dropout:
            return False
        return keras.backend.backend() == "torch" and type(cell) in LOOPS

    def run(self, cell, x, states, mask, collect, training):
        import torch

        x, kernel, (recurrent_kernel, *bias) = inputs_and_weights(cell, x, training)
        biases = [part for b in bias for part in (b, torch.zeros_like(b))]
        differentiable = training or torch.is_grad_enabled()  # cuDNN keeps what a gradient needs only then

        def loop(x, kernel, states):
            before = [state[None] for state in states]  # torch's axis for stacked layers
            before = before if len(before) > 1 else before[0]
            weights = [kernel.T, recurrent_kernel.T, *biases]
            run = getattr(torch, LOOPS[type(cell)])
            outputs, *after = run(x, before, weights, bool(bias), 1, 0.0, differentiable, False, True)
            return [state[0] for state in after], outputs

        closed = FUSED_CELLS[type(cell)].closed_gates
        return run_right_padded(loop, x, kernel, states, mask, collect, closed)
