import keras

from seqzoo.layers.cell import Bias, Cell, Weight
from seqzoo.layers.cell_names import register_cell


@register_cell("rnn")
@keras.saving.register_keras_serializable("seqzoo")
class RNNCell(Cell):
    """One step of the RNN unit.

    a⟨t⟩ = g(Wa [a⟨t−1⟩, x⟨t⟩] + ba), with Wa = (Waa Wax)

    ŷ⟨t⟩ = g(Wy a⟨t⟩ + by) is `OutputUnit`, which serves the whole sequence at once.

    Reference: the notes "Recurrent Neural Networks", RNN unit. The same function as
    `keras.layers.SimpleRNNCell`.

    Args:
        units: positive integer, the size of a⟨t⟩.
        **kwargs: activation (g, "tanh"), initializers, regularizers, constraints, dropout,
            recurrent_dropout, seed, dtype, name: see `Cell`.

    Call arguments:
        x: x⟨t⟩, shape `(batch, features)`.
        states: `[a⟨t−1⟩]`, shape `(batch, units)`.
        training: whether dropout acts.

    Input shape:
        `(batch, features)`

    Output shape:
        a⟨t⟩ of shape `(batch, units)`, and the new states `[a⟨t⟩]`.

    Symbols:
        `Waa` (units, units), `Wax` (units, features), `Wa` (units, units + features),
        `ba` (units,).

    Example:

    >>> import numpy as np
    >>> from seqzoo.layers import RNN, RNNCell
    >>> a = RNN(RNNCell(4))(np.ones((2, 10, 3), "float32"))
    >>> a.shape
    TensorShape([2, 4])
    """

    gates = ("a",)
    Waa = Weight("a", parts=("recurrent_kernel",), acts_on="a⟨t−1⟩")
    Wax = Weight("a", parts=("kernel",), acts_on="x⟨t⟩")
    Wa = Weight("a", acts_on="[a⟨t−1⟩, x⟨t⟩]: (Waa Wax)")
    ba = Bias("a")

    def call(self, x, states, training=False):
        g = self.activation
        (a,) = states
        a = g(self.linear("a", a, x, training))
        self.record(a=a)
        return a, [a]
