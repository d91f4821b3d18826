"""The fast path on torch: its own loop over a whole sequence, which on a GPU is cuDNN's."""

from seqzoo.layers.library_loop import library_loop
from seqzoo.layers.lstm_cell import LSTMCell


def torch_path(cell, x, kernel, weights, states, mask, collect, training):
    """Runs an `RNNCell` or an `LSTMCell` over a sequence; a path, see `fast_path`.

    torch's GRU is another function than the notes'.
    """
    import torch

    recurrent_kernel, *bias = weights
    biases = [part for b in bias for part in (b, torch.zeros_like(b))]
    differentiable = training or torch.is_grad_enabled()  # cuDNN keeps what a gradient needs only then

    def loop(x, kernel, states):
        before = [state[None] for state in states]  # torch's axis for stacked layers
        weights = [kernel.T, recurrent_kernel.T, *biases]
        options = (weights, bool(bias), 1, 0.0, differentiable, False, True)
        if isinstance(cell, LSTMCell):
            outputs, *after = torch.lstm(x, before, *options)
        else:
            outputs, *after = torch.rnn_tanh(x, *before, *options)
        return [state[0] for state in after], outputs

    return library_loop(loop, x, kernel, states, mask, collect)
