"""The loops of torch's and of cuDNN's: which cells they compute, by what name, and how they run."""

import abc

from keras import ops

from seqzoo.layers.backends.base import Backend, Tensor
from seqzoo.layers.backends.fused_cells import fused_form
from seqzoo.layers.backends.right_padding import run_right_padded
from seqzoo.layers.backends.weights import inputs_and_weights
from seqzoo.layers.lstm_cell import LSTMCell
from seqzoo.layers.rnn_cell import RNNCell

NAMES = {RNNCell: "rnn_tanh", LSTMCell: "lstm"}  # their GRU is another function than the notes'


def library_loop(cell, training):
    """The name of the loop that computes the function of a cell; None where they have none."""
    if type(cell) not in NAMES or not fused_form(cell).is_standard or (training and cell.recurrent_dropout):
        return None
    return NAMES[type(cell)]


class LibraryLoop(Backend):
    """A loop of a library's over whole sequences, which knows no mask."""

    @abc.abstractmethod
    def loop(
        self, name: str, x: Tensor, weights: list[Tensor], states: list[Tensor], training: bool
    ) -> tuple[list[Tensor], Tensor]:
        """The last states and all outputs.

        Args:
            name: of the loop, from `library_loop`.
            x, states, training: as in `Backend.run`.
            weights: the kernel, the recurrent kernel and the bias, zeros where the cell has none.
        """

    def run(self, cell, x, states, mask, collect, training):
        x, kernel, (recurrent_kernel, *bias) = inputs_and_weights(cell, x, training)
        fixed = [recurrent_kernel, *(bias or [ops.zeros_like(recurrent_kernel[0])])]
        name, closed = library_loop(cell, training), fused_form(cell).closed_gates
        loop = lambda x, kernel, states: self.loop(name, x, [kernel, *fixed], states, training)
        return run_right_padded(loop, x, kernel, states, mask, collect, closed)
