"""torch's own loop over a whole sequence, which on a GPU is cuDNN's."""

import keras

from seqzoo.layers.backends.base import Backend
from seqzoo.layers.backends.fused_cells import fused_form
from seqzoo.layers.backends.library_loops import library_loop
from seqzoo.layers.backends.right_padding import run_right_padded
from seqzoo.layers.backends.weights import inputs_and_weights


class TorchLoop(Backend):
    """Runs the cells that have a `library_loop`, on torch."""

    description = "Fast path: torch's own loop, cuDNN's on a GPU"

    @property
    def is_cudnn(self):
        return keras.backend.backend() == "torch" and _has_cuda()

    def runs(self, cell, training):
        return keras.backend.backend() == "torch" and library_loop(cell, training) is not None

    def run(self, cell, x, states, mask, collect, training):
        import torch

        x, kernel, (recurrent_kernel, *bias) = inputs_and_weights(cell, x, training)
        bias = bias[0] if bias else recurrent_kernel.new_zeros(recurrent_kernel.shape[1])
        differentiable = training or torch.is_grad_enabled()  # cuDNN keeps what a gradient needs only then

        def loop(x, kernel, states):
            before = [state[None].contiguous() for state in states]  # torch's axis for stacked layers
            before = before if len(before) > 1 else before[0]
            weights = _in_one_piece([kernel.T, recurrent_kernel.T, bias, torch.zeros_like(bias)])
            run = getattr(torch, library_loop(cell, training))
            outputs, *after = run(x, before, weights, True, 1, 0.0, differentiable, False, True)
            return [state[0] for state in after], outputs

        closed = fused_form(cell).closed_gates
        return run_right_padded(loop, x, kernel, states, mask, collect, closed)


def _has_cuda():
    import torch

    return torch.cuda.is_available()


def _in_one_piece(weights):
    """The same weights side by side in memory, as cuDNN takes them."""
    import torch

    piece = torch.cat([weight.reshape(-1) for weight in weights])
    parts = piece.split([weight.numel() for weight in weights])
    return [part.view(weight.shape) for part, weight in zip(parts, weights)]
