from typing import Any

import keras

from seqzoo.architectures.recurrent import Cell, Inputs, input_tensor, recurrent, sources
from seqzoo.layers import OutputUnit
from seqzoo.precision import whole


def one_to_one(
    inputs: Inputs,
    outputs: int,
    activation: Any = "softmax",
    cell: Cell = "rnn",
    units: int = 64,
    layers: int = 1,
    dropout: float = 0.0,
    input_dropout: float = 0.0,
    name: str = "one_to_one",
) -> keras.Model:
    """Builds the one-to-one network: one input, one output, Tx = Ty = 1.

    x → a⟨1⟩ → ŷ = g(Wy a⟨1⟩ + by)

    A standard network is a recurrent one that takes a single step from a⟨0⟩ = 0: with the
    `RNNCell` a⟨1⟩ = tanh(Wax x + ba), a dense layer. The GRU and the LSTM take their single
    step as well, with what is left of their gates: a⟨1⟩ = Γu ∗ c̃ and Γo ∗ tanh(Γu ∗ c̃).
    The weights on a⟨0⟩ stay as they were made, since no gradient reaches them.

    Reference: the notes "Recurrent Neural Networks", types of RNN.

    Args:
        inputs: the shape of x, `(features,)`, or with more axes, which are flattened; or a
            Keras tensor with a first axis for the batch.
        outputs: the size of ŷ, for instance the number of classes.
        activation: g of ŷ.
        cell: the name of a cell, `"rnn"`, `"gru"`, `"lstm"` or a registered one; a class of
            cells; or a cell, such as `GRUCell(32, dropout=0.1)`, after which each layer and
            direction gets one of its own.
        units: the size of a⟨1⟩; a cell that is given keeps its own.
        layers: how many recurrent layers.
        dropout: fraction of each recurrent layer's output to drop in training.
        input_dropout: fraction of what each recurrent layer reads to drop in training.
        name: the model's name.

    Returns:
        An uncompiled `keras.Model` from x, or from what the Keras tensor was made of, to ŷ
        of shape `(batch, outputs)`.

    Raises:
        ValueError: an unknown cell, a wrong size, or a shape that is not fixed.

    Example:

    >>> import numpy as np
    >>> model = one_to_one((8,), outputs=3, cell="gru", units=16)
    >>> model.compile("adam", "sparse_categorical_crossentropy")
    >>> history = model.fit(np.random.rand(4, 8), np.array([0, 1, 2, 0]), verbose=0)
    >>> model.predict(np.random.rand(5, 8), verbose=0).shape
    (5, 3)
    """
    x = input_tensor(inputs)
    if None in x.shape[1:] or len(x.shape) < 2:
        raise ValueError(
            f"inputs must have a fixed shape such as (8,). Received: {tuple(x.shape[1:])}. "
            "For sequences of any length use many_to_one."
        )
    one_step = keras.layers.Reshape((1, -1), name="one_step")(x)
    a = recurrent(one_step, cell, units, layers, dropout=dropout, input_dropout=input_dropout)
    ŷ = OutputUnit(outputs, activation=activation, name="output", dtype=whole())(a)
    return keras.Model(sources(x), ŷ, name=name)
