"""Recurrent layers for Keras 3, written as the course notes write them."""

# The cells register their names in the order of the notes, in which messages list them.
from seqzoo.layers.rnn_cell import RNNCell  # isort: skip
from seqzoo.layers.gru_cell import GRUCell  # isort: skip
from seqzoo.layers.lstm_cell import LSTMCell  # isort: skip
from seqzoo.layers.cell import Bias, Cell, Weight
from seqzoo.layers.cell_names import register_cell
from seqzoo.layers.convert import convert_model, from_keras, from_torch, to_keras, to_torch
from seqzoo.layers.drop_in import GRU, LSTM, SimpleRNN
from seqzoo.layers.inspection import gradient_norms, plot_cell, plot_gates, plot_gradient_norms, trace
from seqzoo.layers.output_unit import OutputUnit
from seqzoo.layers.rnn import RNN, reset_state
from seqzoo.layers.stream import Stream
from seqzoo.layers.wrappers import Bidirectional, TimeDistributed

__all__ = [
    "Bias",
    "Bidirectional",
    "Cell",
    "GRU",
    "GRUCell",
    "LSTM",
    "LSTMCell",
    "OutputUnit",
    "RNN",
    "RNNCell",
    "SimpleRNN",
    "Stream",
    "TimeDistributed",
    "Weight",
    "convert_model",
    "from_keras",
    "from_torch",
    "gradient_norms",
    "plot_cell",
    "plot_gates",
    "plot_gradient_norms",
    "register_cell",
    "reset_state",
    "to_keras",
    "to_torch",
    "trace",
]
