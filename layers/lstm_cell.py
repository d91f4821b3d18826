from typing import Any

import keras
from keras import activations, ops

from seqzoo.layers.cell import Bias, Cell, Weight
from seqzoo.layers.cell_names import register_cell


@register_cell("lstm")
@keras.saving.register_keras_serializable("seqzoo")
class LSTMCell(Cell):
    """One step of the long short-term memory.

    c̃⟨t⟩ = tanh(Wc [a⟨t−1⟩, x⟨t⟩] + bc)
    Γu = σ(Wu [a⟨t−1⟩, x⟨t⟩] + bu)
    Γf = σ(Wf [a⟨t−1⟩, x⟨t⟩] + bf)
    Γo = σ(Wo [a⟨t−1⟩, x⟨t⟩] + bo)
    c⟨t⟩ = Γu ∗ c̃⟨t⟩ + Γf ∗ c⟨t−1⟩
    a⟨t⟩ = Γo ∗ tanh(c⟨t⟩)

    Reference: the notes "Recurrent Neural Networks", LSTM. The same function as
    `keras.layers.LSTMCell`, whose gates i, f, c, o are Γu, Γf, c̃, Γo.

    Args:
        units: positive integer, the size of a⟨t⟩ and of c⟨t⟩.
        activation: of c̃ and of the output.
        recurrent_activation: σ of the gates.
        unit_forget_bias: whether bf starts at one (Jozefowicz et al., 2015).
        **kwargs: initializers, regularizers, constraints, dropout, recurrent_dropout, seed,
            dtype, name: see `Cell`.

    Call arguments:
        x: x⟨t⟩, shape `(batch, features)`.
        states: `[a⟨t−1⟩, c⟨t−1⟩]`, each of shape `(batch, units)`.
        training: whether dropout acts.

    Input shape:
        `(batch, features)`

    Output shape:
        a⟨t⟩ of shape `(batch, units)`, and the new states `[a⟨t⟩, c⟨t⟩]`.

    Symbols:
        `Wc`, `Wu`, `Wf`, `Wo` (units, units + features), `bc`, `bu`, `bf`, `bo` (units,).

    Example:

    >>> import numpy as np
    >>> from seqzoo.layers import LSTMCell, RNN
    >>> layer = RNN(LSTMCell(4), return_state=True)
    >>> output, a, c = layer(np.ones((2, 10, 3), "float32"))
    >>> output.shape, a.shape, c.shape
    (TensorShape([2, 4]), TensorShape([2, 4]), TensorShape([2, 4]))
    """

    gates = ("u", "f", "c", "o")
    Wc, Wu, Wf, Wo = Weight("c"), Weight("u"), Weight("f"), Weight("o")
    bc, bu, bf, bo = Bias("c"), Bias("u"), Bias("f"), Bias("o")

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        *,
        unit_forget_bias: bool = True,
        **kwargs: Any,
    ):
        super().__init__(units, activation=activation, **kwargs)
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = unit_forget_bias

    @property
    def state_size(self) -> list[int]:
        return [self.units, self.units]

    def initial_bias(self, shape, dtype=None):
        if not self.unit_forget_bias:
            return super().initial_bias(shape, dtype)
        initial = self.bias_initializer  # which draws the same numbers for the same shape: one for c̃ and Γo, as Keras
        ones = ops.ones((self.units,), dtype=dtype)
        return ops.concatenate([initial((self.units,), dtype), ones, initial((2 * self.units,), dtype)])

    def call(self, x, states, training=False):
        tanh, σ = self.activation, self.recurrent_activation
        a, c = states
        c̃ = tanh(self.linear("c", a, x, training))
        Γu = σ(self.linear("u", a, x, training))
        Γf = σ(self.linear("f", a, x, training))
        Γo = σ(self.linear("o", a, x, training))
        c = Γu * c̃ + Γf * c
        a = Γo * tanh(c)
        self.record(c̃=c̃, Γu=Γu, Γf=Γf, Γo=Γo, c=c, a=a)
        return a, [a, c]

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "recurrent_activation": activations.serialize(self.recurrent_activation),
            "unit_forget_bias": self.unit_forget_bias,
        }
