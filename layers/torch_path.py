"""The fast path on torch: its own loop over a whole sequence, which on a GPU is cuDNN's."""

from seqzoo.layers.lstm_cell import LSTMCell
from seqzoo.layers.padded import through_padding


def torch_path(cell, x, kernel, weights, states, mask, collect, training):
    """Runs an `RNNCell` or an `LSTMCell` over a sequence. torch's GRU is another function than the notes'.

    Args:
        x, kernel, weights: as `fast_path` prepares them: the sequences, what x⟨t⟩ is
            multiplied with, and the recurrent kernel, with the bias where there is one.
        cell, states, mask, collect, training: as in `fast_path`.

    Returns:
        As `fast_path`.
    """
    import torch

    batch, time = x.shape[:2]
    if batch == 0 or time == 0:  # which torch's loop refuses
        return states, states[0].new_zeros((batch, time, cell.units)) if collect else None
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

    if mask is None:
        after, outputs = loop(x, kernel, states)
    else:
        after, outputs = through_padding(loop, x, kernel, states, mask)
    return after, outputs if collect else None
