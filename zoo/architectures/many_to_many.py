from typing import Any

import keras

from seqzoo.architectures.recurrent import Cell, Inputs, input_tensor, recurrent, sources
from seqzoo.layers import OutputUnit
from seqzoo.precision import whole


def many_to_many(
    inputs: Inputs,
    outputs: int,
    activation: Any = "softmax",
    cell: Cell = "lstm",
    units: int = 64,
    layers: int = 1,
    bidirectional: bool = False,
    dropout: float = 0.0,
    input_dropout: float = 0.0,
    recurrent_dropout: float = 0.0,
    name: str = "many_to_many",
) -> keras.Model:
    """Builds the many-to-many network with Tx = Ty: an output for every input.

    x⟨1⟩ … x⟨Tx⟩ → a⟨1⟩ … a⟨Tx⟩ → ŷ⟨t⟩ = g(Wy a⟨t⟩ + by)

    In two directions a⟨t⟩ is [a→⟨t⟩, a←⟨t⟩]: what was read up to x⟨t⟩, and what from x⟨Tx⟩ back to x⟨t⟩.

    The mask of the inputs goes on to ŷ, so that the loss and the metrics of
    `model.compile` leave padding out.

    Reference: the notes "Recurrent Neural Networks", types of RNN; their example is
    named entity recognition.

    Args:
        inputs: the shape of a sequence, `(time, features)` with time None where it varies;
            or a Keras tensor of shape `(batch, time, features)`, masked or not, for example
            the output of an `Embedding`.
        outputs: the size of ŷ⟨t⟩, for instance the number of classes.
        activation: g of ŷ⟨t⟩.
        cell: the name of a cell, `"rnn"`, `"gru"`, `"lstm"` or a registered one; a class of
            cells; or a cell, such as `GRUCell(32, dropout=0.1)`, after which each layer and
            direction gets one of its own.
        units: the size of a⟨t⟩, in each direction; a cell that is given keeps its own.
        layers: how many recurrent layers.
        bidirectional: whether to read the sequence from both ends, so that ŷ⟨t⟩ depends on
            what follows x⟨t⟩ too.
        dropout: fraction of each recurrent layer's output to drop in training.
        input_dropout: fraction of what a recurrent layer reads, x⟨t⟩, to drop in training, the same at every
            step of a sequence (Gal and Ghahramani 2016).
        recurrent_dropout: the same of a⟨t−1⟩.
        name: the model's name.

    Returns:
        An uncompiled `keras.Model` from sequences, or from what the Keras tensor was made
        of, to ŷ of shape `(batch, time, outputs)`.

    Raises:
        ValueError: an unknown cell, or a wrong size.

    Example:

    >>> import numpy as np
    >>> model = many_to_many((None, 8), outputs=3, cell="gru", units=16)
    >>> model.compile("adam", "sparse_categorical_crossentropy")
    >>> history = model.fit(np.random.rand(4, 20, 8), np.ones((4, 20)), verbose=0)
    >>> model.predict(np.random.rand(5, 7, 8), verbose=0).shape
    (5, 7, 3)
    """
    x = input_tensor(inputs)
    a = recurrent(x, cell, units, layers, bidirectional, dropout, True, input_dropout, recurrent_dropout)
    ŷ = OutputUnit(outputs, activation=activation, name="output", dtype=whole())(a)
    return keras.Model(sources(x), ŷ, name=name)
