from typing import Any

import keras

from seqzoo.architectures.pooling import Pooling
from seqzoo.architectures.recurrent import Cell, Inputs, input_tensor, recurrent, sources
from seqzoo.layers import OutputUnit
from seqzoo.precision import whole


def many_to_one(
    inputs: Inputs,
    outputs: int,
    activation: Any = "softmax",
    cell: Cell = "lstm",
    units: int = 64,
    layers: int = 1,
    bidirectional: bool = False,
    dropout: float = 0.0,
    pooling: str = "last",
    input_dropout: float = 0.0,
    recurrent_dropout: float = 0.0,
    name: str = "many_to_one",
) -> keras.Model:
    """Builds the many-to-one network: Tx inputs, one output.

    x⟨1⟩ … x⟨Tx⟩ → a⟨Tx⟩ → ŷ = g(Wy a⟨Tx⟩ + by)

    In two directions a chain a→ ends at x⟨Tx⟩, another, a←, at x⟨1⟩: ŷ = g(Wy [a→⟨Tx⟩, a←⟨1⟩] + by).

    Reference: the notes "Recurrent Neural Networks", types of RNN; their example is
    sentiment classification.

    Args:
        inputs: the shape of a sequence, `(time, features)` with time None where it varies;
            or a Keras tensor of shape `(batch, time, features)`, masked or not, for example
            the output of an `Embedding`.
        outputs: the size of ŷ, for instance the number of classes.
        activation: g of ŷ.
        cell: the name of a cell, `"rnn"`, `"gru"`, `"lstm"` or a registered one; a class of
            cells; or a cell, such as `GRUCell(32, dropout=0.1)`, after which each layer and
            direction gets one of its own.
        units: the size of a⟨t⟩, in each direction; a cell that is given keeps its own.
        layers: how many recurrent layers.
        bidirectional: whether to read the sequence from both ends.
        dropout: fraction of each recurrent layer's output to drop in training.
        pooling: what ŷ is made of: `"last"`, the state once everything is read; `"mean"` or `"max"` of
            all states; or `"max_mean"`, both side by side. A long sequence is easier to learn from
            all states: ŷ = g(Wy [max a⟨t⟩, mean a⟨t⟩] + by).
        input_dropout: fraction of what a recurrent layer reads, x⟨t⟩, to drop in training, the same at every
            step of a sequence (Gal and Ghahramani 2016).
        recurrent_dropout: the same of a⟨t−1⟩.
        name: the model's name.

    Returns:
        An uncompiled `keras.Model` from sequences, or from what the Keras tensor was made
        of, to ŷ of shape `(batch, outputs)`.

    Raises:
        ValueError: an unknown cell or pooling, or a wrong size.

    Example:

    >>> import numpy as np
    >>> model = many_to_one((None, 8), outputs=3, cell="gru", units=16)
    >>> model.compile("adam", "sparse_categorical_crossentropy")
    >>> history = model.fit(np.random.rand(4, 20, 8), np.array([0, 1, 2, 0]), verbose=0)
    >>> model.predict(np.random.rand(5, 7, 8), verbose=0).shape
    (5, 3)
    """
    x = input_tensor(inputs)
    every = pooling != "last"
    a = recurrent(x, cell, units, layers, bidirectional, dropout, every, input_dropout, recurrent_dropout)
    a = Pooling(pooling, name="pooling")(a) if every else a
    ŷ = OutputUnit(outputs, activation=activation, name="output", dtype=whole())(a)
    return keras.Model(sources(x), ŷ, name=name)
