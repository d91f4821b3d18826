"""Recurrent layers for Keras 3, written as the course notes write them."""

from seqzoo.layers.gru_cell import GRUCell
from seqzoo.layers.lstm_cell import LSTMCell
from seqzoo.layers.output_unit import OutputUnit
from seqzoo.layers.rnn import RNN
from seqzoo.layers.rnn_cell import RNNCell

__all__ = ["GRUCell", "LSTMCell", "OutputUnit", "RNN", "RNNCell"]
