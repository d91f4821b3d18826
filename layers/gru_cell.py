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
    the function of `keras.layers.GRU(reset_after=False)`, and not the one of `torch.nn.GRU`, of
    cuDNN or of Keras's default, which apply the gate after the product.

    The packed weights are Keras's, whose gates z, r, h are 1 − Γu, Γr, c̃. As 1 − σ(v) is
    σ(−v), they hold −Wu and −bu; the symbols `Wu` and `bu` read and set them with the notes'
    sign.

    Reference: the notes "Recurrent Neural Networks", GRU. The same function as
    `keras.layers.GRUCell(reset_after=False)`.

    Args:
        units: positive integer, the size of c⟨t⟩.
        activation: of c̃.
        recurrent_activation: σ of the gates.
        reset_after: False, as in the notes.
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

    Raises:
        ValueError: `reset_after` is True, which is another function.

    Example:

    >>> import numpy as np
    >>> from seqzoo.layers import GRUCell, RNN
    >>> a = RNN(GRUCell(4), return_sequences=True)(np.ones((2, 10, 3), "float32"))
    >>> a.shape
    TensorShape([2, 10, 4])
    """

    gates = ("z", "r", "c")
    Wu = Weight("z", acts_on="[c⟨t−1⟩, x⟨t⟩]", sign=-1)
    Wr = Weight("r", acts_on="[c⟨t−1⟩, x⟨t⟩]")
    Wc = Weight("c", acts_on="[Γr ∗ c⟨t−1⟩, x⟨t⟩]")
    bu, br, bc = Bias("z", sign=-1), Bias("r"), Bias("c")

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        *,
        reset_after: bool = False,
        **kwargs: Any,
    ):
        if reset_after:
            raise ValueError(
                "Expected: reset_after=False, as Γr acts on c⟨t−1⟩ before the product in the notes' GRU. "
                "Received: reset_after=True, another function.\n"
                "To do: train with reset_after=False, or keep keras.layers.GRU."
            )
        super().__init__(units, activation=activation, **kwargs)
        self.recurrent_activation = activations.get(recurrent_activation)
        self.reset_after = False

    def call(self, x, states, training=False):
        tanh, σ = self.activation, self.recurrent_activation
        (c,) = states
        z = σ(self.linear("z", c, x, training))  # σ(−(Wu [c, x] + bu)), as Keras packs it
        Γu = 1 - z
        Γr = σ(self.linear("r", c, x, training))
        c̃ = tanh(self.linear("c", Γr * c, x, training))
        c = Γu * c̃ + (1 - Γu) * c
        self.record(Γu=Γu, Γr=Γr, c̃=c̃, c=c, a=c)
        return c, [c]

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "recurrent_activation": activations.serialize(self.recurrent_activation),
            "reset_after": self.reset_after,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "GRUCell":
        if "recurrent_activation" in config and "reset_after" not in config:
            raise ValueError(
                "Expected: a GRUCell whose weights are packed as Keras's are.\n"
                "Received: one that seqzoo 0.1.0 has saved, with Wu and bu of the other sign.\n"
                "To do: load it with seqzoo 0.1.0, and set the `symbols` of a new cell to its."
            )
        return super().from_config(config)
