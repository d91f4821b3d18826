from typing import Any

import keras
from keras import activations

from seqzoo.layers.cell import Bias, Cell, Weight
from seqzoo.layers.cell_names import register_cell


@register_cell("gru")
@keras.saving.register_keras_serializable("seqzoo")
class GRUCell(Cell):
    """One step of the gated recurrent unit.

    Γu = σ(Wu [c⟨t−1⟩, x⟨t⟩] + bu)
    Γr = σ(Wr [c⟨t−1⟩, x⟨t⟩] + br)
    c̃⟨t⟩ = tanh(Wc [Γr ∗ c⟨t−1⟩, x⟨t⟩] + bc)
    c⟨t⟩ = Γu ∗ c̃⟨t⟩ + (1 − Γu) ∗ c⟨t−1⟩, a⟨t⟩ = c⟨t⟩

    The relevance gate Γr acts on c⟨t−1⟩ before the product, as in Cho et al. (2014). It is
    the function of `keras.layers.GRU(reset_after=False)` with the sign of Wu and bu turned
    (Keras's gate z is 1 − Γu), and not the one of `torch.nn.GRU`, of cuDNN or of Keras's
    default, which apply the gate after the product.

    Reference: the notes "Recurrent Neural Networks", GRU.

    Args:
        units: positive integer, the size of c⟨t⟩.
        activation: of c̃.
        recurrent_activation: σ of the gates.
        **kwargs: initializers, regularizers, constraints, dropout, recurrent_dropout, seed,
            dtype, name: see `Cell`.

    Call arguments:
        x: x⟨t⟩, shape `(batch, features)`.
        states: `[c⟨t−1⟩]`, shape `(batch, units)`.
        training: whether dropout acts.

    Input shape:
        `(batch, features)`

    Output shape:
        a⟨t⟩ = c⟨t⟩ of shape `(batch, units)`, and the new states `[c⟨t⟩]`.

    Symbols:
        `Wu`, `Wr`, `Wc` (units, units + features), `bu`, `br`, `bc` (units,).

    Example:

    >>> import numpy as np
    >>> from seqzoo.layers import GRUCell, RNN
    >>> a = RNN(GRUCell(4), return_sequences=True)(np.ones((2, 10, 3), "float32"))
    >>> a.shape
    TensorShape([2, 10, 4])
    """

    gates = ("u", "r", "c")
    Wu = Weight("u", acts_on="[c⟨t−1⟩, x⟨t⟩]")
    Wr = Weight("r", acts_on="[c⟨t−1⟩, x⟨t⟩]")
    Wc = Weight("c", acts_on="[Γr ∗ c⟨t−1⟩, x⟨t⟩]")
    bu, br, bc = Bias("u"), Bias("r"), Bias("c")

    def __init__(self, units: int, activation: Any = "tanh", recurrent_activation: Any = "sigmoid", **kwargs: Any):
        super().__init__(units, activation=activation, **kwargs)
        self.recurrent_activation = activations.get(recurrent_activation)

    def call(self, x, states, training=False):
        tanh, σ = self.activation, self.recurrent_activation
        (c,) = states
        Γu = σ(self.linear("u", c, x, training))
        Γr = σ(self.linear("r", c, x, training))
        c̃ = tanh(self.linear("c", Γr * c, x, training))
        c = Γu * c̃ + (1 - Γu) * c
        self.record(Γu=Γu, Γr=Γr, c̃=c̃, c=c, a=c)
        return c, [c]

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "recurrent_activation": activations.serialize(self.recurrent_activation),
        }
