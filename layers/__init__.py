"""Recurrent layers for Keras 3, written as the course notes write them."""

from seqzoo.layers.convert import from_keras, to_keras
from seqzoo.layers.convert_model import convert_model
from seqzoo.layers.convert_torch import from_torch, to_torch
from seqzoo.layers.gru_cell import GRUCell
from seqzoo.layers.inside import gradient_norms, trace
from seqzoo.layers.lstm_cell import LSTMCell
from seqzoo.layers.output_unit import OutputUnit
from seqzoo.layers.plot import plot_gates, plot_gradient_norms
from seqzoo.layers.rnn import RNN, reset_state
from seqzoo.layers.rnn_cell import RNNCell
from seqzoo.layers.stream import Stream

__all__ = [
    "GRUCell",
    "LSTMCell",
    "OutputUnit",
    "RNN",
    "RNNCell",
    "Stream",
    "convert_model",
    "from_keras",
    "from_torch",
    "gradient_norms",
    "plot_gates",
    "plot_gradient_norms",
    "reset_state",
    "to_keras",
    "to_torch",
    "trace",
]
