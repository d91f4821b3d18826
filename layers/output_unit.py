import keras

from seqzoo.layers.cell import Bias, Weight


@keras.saving.register_keras_serializable("seqzoo")
class OutputUnit(keras.layers.Dense):
    """The ŷ unit, applied once to a whole sequence.

    ŷ⟨t⟩ = g(Wy a⟨t⟩ + by)

    One matrix product serves all steps, and no step of a loop pays for it. A mask goes
    through unchanged.

    Reference: the notes "Recurrent Neural Networks", RNN unit.

    Args:
        units: positive integer, the size of ŷ⟨t⟩.
        activation: g, for example "softmax"; none by default.
        **kwargs: as `keras.layers.Dense`.

    Input shape:
        a: `(batch, time, features)`, or `(batch, features)` for a single a⟨T⟩.

    Output shape:
        ŷ: `(batch, time, units)`, or `(batch, units)`.

    Symbols:
        `Wy` (units, features), `by` (units,).

    Example:

    >>> import numpy as np
    >>> from seqzoo.layers import OutputUnit
    >>> OutputUnit(5, activation="softmax")(np.ones((2, 10, 3), "float32")).shape
    TensorShape([2, 10, 5])
    """

    Wy = Weight("y", parts=("kernel",))
    by = Bias("y")

    def columns(self, gate: str, part: str = "kernel") -> slice:
        return slice(None)
