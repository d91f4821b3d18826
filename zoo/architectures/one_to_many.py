import functools
from typing import Any

import keras
from keras import ops, tree

from seqzoo.architectures.recurrent import Cell, Inputs, hidden_whole, input_tensor, one_step, recurrent, sources
from seqzoo.layers import RNN, OutputUnit
from seqzoo.precision import whole

# What a symbol goes through until it is the logits of the next.
ON_THE_WAY = (keras.layers.Embedding, keras.layers.Dropout, RNN, OutputUnit)


def one_to_many(
    inputs: Inputs,
    outputs: int,
    cell: Cell = "lstm",
    units: int = 64,
    layers: int = 1,
    dropout: float = 0.0,
    embedding: int = 64,
    symbols: keras.KerasTensor | None = None,
    input_dropout: float = 0.0,
    recurrent_dropout: float = 0.0,
    symbol_dropout: float = 0.0,
    name: str = "one_to_many",
) -> "OneToMany":
    """Builds the one-to-many network: one input, Ty outputs.

    x⟨1⟩ = Wx x + bx, x⟨2⟩ = e⟨0⟩, x⟨t+2⟩ = e⟨y⟨t⟩⟩
    a⟨t⟩ = cell(a⟨t−1⟩, x⟨t⟩), ŷ⟨t⟩ = softmax(Wy a⟨t+1⟩ + by)

    The one input x is the first thing that the network reads, from a⟨0⟩ = 0. Then it reads
    the start symbol, and after that each symbol that it wrote. In training the symbols are
    those of y (teacher forcing): the model takes x and y, and moves y on by one step itself,
    so that no ŷ⟨t⟩ knows y⟨t⟩. To write, it goes one step at a time: see `OneToMany`.

    Symbols are integers below `outputs`. 0 stands for the padding after y's end, and as
    y⟨0⟩ for the start. A mask keeps the padding out of the loss.

    Reference: the notes "Recurrent Neural Networks", types of RNN; their example is music
    generation.

    Args:
        inputs: the shape of x, `(features,)`; or a Keras tensor of shape
            `(batch, features)`, for example the vector of a category.
        outputs: how many symbols there are, 0 included.
        cell: the name of a cell, `"rnn"`, `"gru"`, `"lstm"` or a registered one; a class of
            cells; or a cell, such as `GRUCell(32, dropout=0.1)`, after which each layer and
            direction gets one of its own.
        units: the size of a⟨t⟩; a cell that is given keeps its own.
        layers: how many recurrent layers.
        dropout: fraction of the symbols' vectors and of each recurrent layer's output to
            drop in training.
        embedding: the size of a symbol's vector e.
        symbols: a Keras tensor of the integers y, shape `(batch, Ty)`, where they are made
            from something else, for example a text; by default an input of the model.
        input_dropout: fraction of what a recurrent layer reads, x⟨t⟩, to drop in training, the same at every
            step of a sequence (Gal and Ghahramani 2016).
        recurrent_dropout: the same of a⟨t−1⟩.
        symbol_dropout: fraction of the symbols' vectors to hide whole in training.
        name: the model's name.

    Returns:
        An uncompiled `OneToMany`, a `keras.Model` from `[x, y]` to the logits of y, of
        shape `(batch, Ty, outputs)`.

    Raises:
        ValueError: an unknown cell, or a wrong size.

    Example:

    >>> import numpy as np
    >>> model = one_to_many((3,), outputs=5, cell="gru", units=16)
    >>> loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    >>> model.compile("adam", loss)
    >>> x, y = np.eye(3), np.array([[1, 2, 4, 0], [3, 4, 0, 0], [2, 1, 3, 4]])
    >>> history = model.fit([x, y], y, verbose=0)
    >>> model.predict([x, y], verbose=0).shape
    (3, 4, 5)
    """
    if outputs < 2:
        raise ValueError(
            f"outputs must be at least 2, as symbol 0 is the padding. Received: outputs={outputs!r}. "
            "Give the number of symbols plus one."
        )
    x = input_tensor(inputs, name="x")
    y = keras.Input((None,), dtype="int32", name="y") if symbols is None else symbols
    first = keras.layers.Dense(embedding, name="x1")(x)
    vectors = keras.layers.Embedding(outputs, embedding, name="symbol_vectors")(Before(name="before")(y))
    vectors = hidden_whole(symbol_dropout)(vectors) if symbol_dropout else vectors
    vectors = keras.layers.Dropout(dropout)(vectors) if dropout else vectors
    sequence = OneThenMany(name="one_then_many")([first, vectors, y])
    a = recurrent(sequence, cell, units, layers, False, dropout, True, input_dropout, recurrent_dropout)
    logits = OutputUnit(outputs, name="output", dtype=whole())(AfterTheOne(name="after_the_one")(a))
    return OneToMany(_sources(x, y), logits, name=name)


@keras.saving.register_keras_serializable("seqzoo")
class OneToMany(keras.Model):
    """The model that `one_to_many` builds: a functional Keras model that also writes.

    `start` and `step` are what `seqzoo.decoding` takes. They run the cells' own plain step
    on the trained weights, so that writing Ty symbols costs Ty steps.

    Example:

    >>> import numpy as np
    >>> model = one_to_many((3,), outputs=5, cell="lstm", units=16, layers=2)
    >>> states = model.start(np.eye(3, dtype="float32"))
    >>> logits, states = model.step(np.array([0, 0, 0]), states)
    >>> logits.shape, len(states)
    (TensorShape([3, 5]), 4)
    """

    def start(self, x: Any) -> list[Any]:
        """Reads the one input.

        Args:
            x: what the model takes as x, with a first axis for the batch.

        Returns:
            List of the states after it, each of shape `(batch, size)`.
        """
        first = self._first(x)
        before = [layer.get_initial_state(ops.shape(first)[0]) for layer in self._recurrent]
        return one_step(self._recurrent, first, tree.flatten(before))[1]

    def step(self, tokens: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        """Reads one symbol and weighs the next.

        Args:
            tokens: y⟨t−1⟩, integers of shape `(batch,)`; 0 at the start.
            states: those that `start` or the step before returned.

        Returns:
            `(logits, states)`: of shape `(batch, outputs)`, and the new states.
        """
        a, states = one_step(self._recurrent, self.get_layer("symbol_vectors")(tokens), list(states))
        return self.get_layer("output")(a), states

    def going_on(self) -> keras.Model:
        """The part of the model from the symbols before, y⟨0⟩ … y⟨Ty−1⟩, to the logits of y: without the one input."""
        a = before = keras.Input((None,), dtype="int32", name="before")
        for layer in self.layers:
            if isinstance(layer, ON_THE_WAY) and layer not in self._first.layers:
                a = layer(a)
        return keras.Model(before, a, name="going_on")

    @functools.cached_property
    def _first(self):
        """The part of the model from x to x⟨1⟩."""
        x1 = self.get_layer("x1").output
        return keras.Model(sources(x1), x1)

    @property
    def _recurrent(self):
        return [layer for layer in self.layers if isinstance(layer, RNN)]


@keras.saving.register_keras_serializable("seqzoo")
class Before(keras.layers.Layer):
    """The symbols before each: 0, y⟨1⟩, …, y⟨Ty−1⟩.

    Example:

    >>> Before()(ops.convert_to_tensor([[3, 1, 2]])).numpy().tolist()
    [[0, 3, 1]]
    """

    def call(self, y):
        return ops.pad(y, [[0, 0], [1, 0]])[:, :-1]

    def compute_output_shape(self, shape):
        return shape


@keras.saving.register_keras_serializable("seqzoo")
class OneThenMany(keras.layers.Layer):
    """The vector of x, then those of the symbols, masked where y has ended.

    Call arguments: a list of x⟨1⟩, `(batch, size)`; the vectors, `(batch, Ty, size)`; and y,
    `(batch, Ty)`.

    Example:

    >>> import numpy as np
    >>> OneThenMany()([np.ones((2, 4)), np.ones((2, 5, 4)), np.ones((2, 5))]).shape
    TensorShape([2, 6, 4])
    """

    def call(self, inputs):
        first, vectors, _ = inputs
        return ops.concatenate([first[:, None], vectors], axis=1)

    def compute_mask(self, inputs, mask=None):
        # Padded as integers: ONNX pads no booleans.
        return ops.not_equal(ops.pad(inputs[2], [[0, 0], [1, 0]], constant_values=1), 0)

    def compute_output_shape(self, shapes):
        (batch, size), (_, time, _), _ = shapes
        return (batch, None if time is None else time + 1, size)


@keras.saving.register_keras_serializable("seqzoo")
class AfterTheOne(keras.layers.Layer):
    """The steps after the first, with their mask.

    Example:

    >>> import numpy as np
    >>> AfterTheOne()(np.ones((2, 6, 4))).shape
    TensorShape([2, 5, 4])
    """

    supports_masking = True

    def call(self, a):
        return a[:, 1:]

    def compute_mask(self, a, mask=None):
        return None if mask is None else mask[:, 1:]

    def compute_output_shape(self, shape):
        batch, time, size = shape
        return (batch, None if time is None else time - 1, size)


def _sources(x, y):
    """What x is made of, then what y is made of."""
    return [*keras.utils.get_source_inputs(x), *keras.utils.get_source_inputs(y)]
