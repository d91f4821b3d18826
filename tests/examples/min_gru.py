"""A cell that the package does not know, as somebody would write it: all there is to do is in this file."""

import keras
from keras import ops

from seqzoo.layers import Bias, Cell, Weight, register_cell


@register_cell("mingru")
@keras.saving.register_keras_serializable("examples")
class MinGRUCell(Cell):
    """One step of the minimal gated recurrent unit, whose gates do not look back.

    Γz = σ(Wz x⟨t⟩ + bz)
    h̃⟨t⟩ = Wh x⟨t⟩ + bh
    h⟨t⟩ = (1 − Γz) ∗ h⟨t−1⟩ + Γz ∗ h̃⟨t⟩

    Reference: Feng et al. (2024), "Were RNNs All We Needed?", where Γz is z.
    """

    gates = ("z", "h")
    Wz = Weight("z", parts=("kernel",), acts_on="x⟨t⟩")
    Wh = Weight("h", parts=("kernel",), acts_on="x⟨t⟩")
    bz, bh = Bias("z"), Bias("h")

    def call(self, x, states, training=False):
        (h,) = states
        Γz = ops.sigmoid(self.linear("z", None, x, training))
        h̃ = self.linear("h", None, x, training)
        h = (1 - Γz) * h + Γz * h̃
        self.record(Γz=Γz, h̃=h̃, h=h)
        return h, [h]
