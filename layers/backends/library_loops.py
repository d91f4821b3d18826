"""Which cells torch's and cuDNN's loops compute, and their names there, which are the same."""

from seqzoo.layers.backends.fused_cells import fused_form
from seqzoo.layers.lstm_cell import LSTMCell
from seqzoo.layers.rnn_cell import RNNCell

NAMES = {RNNCell: "rnn_tanh", LSTMCell: "lstm"}  # their GRU is another function than the notes'


def library_loop(cell, training):
    """The name of the loop that computes the function of a cell; None where they have none."""
    if type(cell) not in NAMES or not fused_form(cell).is_standard or (training and cell.recurrent_dropout):
        return None
    return NAMES[type(cell)]
