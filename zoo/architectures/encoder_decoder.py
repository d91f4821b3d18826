from typing import Any

import keras
from keras import ops, tree

from seqzoo.architectures.recurrent import (
    Cell,
    Inputs,
    check_layers,
    input_tensor,
    make_cell,
    one_step,
    sources,
    state_count,
)
from seqzoo.layers import RNN, OutputUnit
from seqzoo.precision import precision, whole


def encoder_decoder(
    inputs: Inputs,
    outputs: int,
    cell: Cell = "lstm",
    units: int = 64,
    layers: int = 1,
    bidirectional: bool = True,
    dropout: float = 0.0,
    embedding: int = 64,
    attention: bool = True,
    name: str = "encoder_decoder",
) -> "EncoderDecoder":
    """Builds the many-to-many network with Tx ≠ Ty: Tx inputs, then Ty outputs.

    An encoder reads x⟨1⟩ … x⟨Tx⟩ into h⟨1⟩ … h⟨Tx⟩ and leaves the decoder its last state; the
    decoder then writes ŷ⟨1⟩ … ŷ⟨Ty⟩, each from the symbol y⟨t−1⟩ before it. With attention,
    it looks at every h⟨t′⟩ again for each symbol that it writes:

    a⟨0⟩ = tanh(W0 [last states of the encoder] + b0)
    a⟨t⟩ = cell(a⟨t−1⟩, y⟨t−1⟩)
    α⟨t, t′⟩ = softmax over t′ of a⟨t⟩ᵀ Wα h⟨t′⟩
    context⟨t⟩ = Σ α⟨t, t′⟩ h⟨t′⟩
    ã⟨t⟩ = tanh(Wã [context⟨t⟩, a⟨t⟩] + bã)
    ŷ⟨t⟩ = softmax(Wy ã⟨t⟩ + by)

    Reference: the notes "Recurrent Neural Networks", types of RNN; their example is machine
    translation. The attention is the multiplicative one of Luong, Pham and Manning (2015),
    "general", without input feeding; without attention it is Sutskever et al. (2014).

    Args:
        inputs: the shape of a source sequence, `(time, features)` with time None where it
            varies; or a Keras tensor of shape `(batch, time, features)`, masked or not, for
            example the output of an `Embedding`, or of a `Masking` of sound frames.
        outputs: how many target symbols there are, id 0 included. Targets are int32 ids, in
            which 0 is padding.
        cell: the name of a cell, `"rnn"`, `"gru"`, `"lstm"` or a registered one; a class of
            cells; or a cell, such as `GRUCell(32, dropout=0.1)`, after which each layer and
            direction gets one of its own, in the encoder and the decoder.
        units: the size of a⟨t⟩; in each direction in the encoder; a cell that is given keeps its own.
        layers: how many recurrent layers in the encoder, and in the decoder.
        bidirectional: whether the encoder reads the source from both ends.
        dropout: fraction of each recurrent layer's output to drop in training.
        embedding: the size of a target symbol's vector.
        attention: whether the decoder looks back at the source.
        name: the model's name.

    Returns:
        An uncompiled `EncoderDecoder`, a `keras.Model` from `[source, before]` to the logits
        of ŷ, of shape `(batch, Ty, outputs)`. `before` holds y⟨0⟩ … y⟨Ty−1⟩, which
        `shift(targets, start)` makes; its padding masks the logits, so that losses and
        metrics leave it out. `start` and `step` write one symbol after the other.

    Raises:
        ValueError: an unknown cell, or a wrong size.

    Example:

    >>> import numpy as np
    >>> model = encoder_decoder((None, 8), outputs=12, cell="gru", units=16)
    >>> loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    >>> model.compile("adam", loss)
    >>> source, targets = np.random.rand(4, 20, 8), np.random.randint(2, 12, (4, 6))
    >>> history = model.fit([source, shift(targets, start=1)], targets, verbose=0)
    >>> states = model.start(source)
    >>> logits, states = model.step(np.array([1, 1, 1, 1]), states)
    >>> logits.shape
    TensorShape([4, 12])
    """
    x = input_tensor(inputs, name="source")
    source = sources(x)
    encoder = keras.Model(source, _encode(x, cell, units, layers, bidirectional, dropout), name="encoder")
    decoder = Decoder(outputs, cell, units, layers, dropout, embedding, attention, name="decoder")
    before = keras.Input((None,), dtype="int32", name="before")
    return EncoderDecoder([source, before], decoder(before, encoder(source)), name=name)


def _encode(x, cell, units, layers, bidirectional, dropout):
    """Adds the encoder: h⟨1⟩ … h⟨Tx⟩, which of them count, and a⟨0⟩ of each decoder layer."""
    check_layers(layers)
    counts = MaskAsTensor(name="counts")(x)
    directions = ("forward", "backward") if bidirectional else ("forward",)
    states = []
    for depth in range(1, layers + 1):
        read, ends = [], []
        for direction in directions:
            layer = RNN(
                make_cell(cell, units),
                return_sequences=True,
                return_state=True,
                go_backwards=direction == "backward",
                name=f"{direction}_{depth}",
            )
            h, *last = tree.flatten(layer(x))
            read.append(Reverse(name=f"reverse_{depth}")(h) if direction == "backward" else h)
            ends.append(last)
            sizes = tree.flatten(layer.state_size)
        x = keras.layers.Concatenate(name=f"h_{depth}")(read) if bidirectional else read[0]
        x = keras.layers.Dropout(dropout, name=f"encoder_dropout_{depth}")(x) if dropout else x
        for i, (size, *last) in enumerate(zip(sizes, *ends)):
            last = keras.layers.Concatenate()(last) if bidirectional else last[0]
            states.append(keras.layers.Dense(size, "tanh", name=f"first_state_{depth}_{i}")(last))
    return [x, counts, *states]


def shift(targets: Any, start: int) -> Any:
    """What a decoder is given in training: y⟨0⟩ … y⟨Ty−1⟩ for the targets y⟨1⟩ … y⟨Ty⟩.

    Args:
        targets: ids of shape `(batch, Ty)`, 0 after the end of a shorter row.
        start: y⟨0⟩, the id that stands before every target.

    Returns:
        Ids of the same shape, padded where the targets are.

    Example:

    >>> import numpy as np
    >>> shift(np.array([[5, 6, 7], [8, 7, 0]]), start=2).numpy()
    array([[2, 5, 6], [2, 8, 0]])
    """
    targets = ops.convert_to_tensor(targets)
    before = ops.concatenate([ops.full_like(targets[:, :1], start), targets[:, :-1]], axis=1)
    return ops.where(targets == 0, ops.zeros_like(before), before)


@keras.saving.register_keras_serializable("seqzoo")
class EncoderDecoder(keras.Model):
    """What `encoder_decoder` builds: a Keras model that also writes one symbol at a time.

    The states are a list of tensors of shape `(batch, ...)`: first the memory h⟨1⟩ … h⟨Tx⟩,
    then which of its steps count, then the states of the decoder's cells, layer by layer.

    Example:

    >>> import numpy as np
    >>> model = encoder_decoder((None, 3), outputs=5, cell="lstm", units=4)
    >>> memory, counts, a, c = model.start(np.ones((2, 7, 3)))
    >>> memory.shape, counts.shape, a.shape
    (TensorShape([2, 7, 8]), TensorShape([2, 7]), TensorShape([2, 4]))
    """

    @property
    def encoder(self) -> keras.Model:
        return self.get_layer("encoder")

    @property
    def decoder(self) -> "Decoder":
        return self.get_layer("decoder")

    def start(self, source: Any) -> list[Any]:
        """Reads a source: `(batch, Tx, features)`, or what the model was built on, to states."""
        return list(self.encoder(source, training=False))

    def step(self, tokens: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        """Writes one symbol.

        Args:
            tokens: y⟨t−1⟩, ids of shape `(batch,)`; 0 is padding and never a symbol.
            states: from `start`, or from the step before.

        Returns:
            The logits of ŷ⟨t⟩, of shape `(batch, outputs)`, and the new states.
        """
        return self.decoder.step(ops.convert_to_tensor(tokens, dtype="int32"), states)

    def attention(self, inputs: Any) -> Any:
        """Where the decoder looks: α of shape `(batch, Ty, Tx)`, for inputs as in a call.

        Rows sum to 1 over the source; its padding gets exactly 0.

        Raises:
            ValueError: the model was built without attention.
        """
        source, before = inputs
        α = self.decoder.look(ops.convert_to_tensor(before), self.start(source))[1]
        if α is None:
            raise ValueError(
                "Only a model that was built with attention=True has a map of it. "
                f"Received: {self.name!r} with attention=False. Build it with attention=True."
            )
        return α


@keras.saving.register_keras_serializable("seqzoo")
class Decoder(keras.layers.Layer):
    """The writing half of an encoder-decoder, for whole targets or step by step.

    The equations are those of `encoder_decoder`. Teacher forcing runs the recurrent layers
    over the whole target at once, and then looks at the source for all steps at once.

    Args:
        outputs, cell, units, layers, dropout, embedding, attention: see `encoder_decoder`.

    Call arguments:
        before: y⟨0⟩ … y⟨Ty−1⟩, ids of shape `(batch, Ty)`.
        states: what the encoder gives, see `EncoderDecoder`.

    Output shape:
        logits `(batch, Ty, outputs)`, masked where `before` is 0.

    Example:

    >>> import numpy as np
    >>> decoder = Decoder(outputs=5, cell="gru", units=4)
    >>> states = [np.ones((2, 7, 8), "float32"), np.ones((2, 7), bool), np.ones((2, 4), "float32")]
    >>> decoder(np.ones((2, 3), "int32"), states).shape
    TensorShape([2, 3, 5])
    """

    def __init__(
        self,
        outputs: int,
        cell: Cell = "lstm",
        units: int = 64,
        layers: int = 1,
        dropout: float = 0.0,
        embedding: int = 64,
        attention: bool = True,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        check_layers(layers)
        self.config = dict(
            outputs=outputs,
            cell=cell if isinstance(cell, str) else keras.saving.serialize_keras_object(make_cell(cell, units)),
            units=units,
            layers=layers,
            dropout=dropout,
            embedding=embedding,
            attention=attention,
        )
        self.has_attention = attention
        with precision(self.dtype_policy):
            self._make_layers(cell, units, layers, dropout)

    def _make_layers(self, cell, units, layers, dropout):
        outputs, embedding = self.config["outputs"], self.config["embedding"]
        self.vectors = keras.layers.Embedding(outputs, embedding, name="vectors")
        self.recurrent = [
            RNN(make_cell(cell, units), return_sequences=True, name=f"recurrent_{depth}")
            for depth in range(1, layers + 1)
        ]
        self.drop = keras.layers.Dropout(dropout)
        self.output_unit = OutputUnit(outputs, name="output", dtype=whole())
        if self.has_attention:
            size = self.recurrent[-1].output_size
            self.Wα = keras.layers.Dense(size, use_bias=False, name="score")
            self.Wã = keras.layers.Dense(size, activation="tanh", name="look")

    def build(self, before_shape, states_shape):
        memory = states_shape[0]
        size = self.vectors.output_dim
        self.vectors.build(before_shape)
        for layer in self.recurrent:
            layer.build((*before_shape, size))
            size = layer.output_size
        if self.has_attention:
            self.Wα.build(memory)
            self.Wã.build((*before_shape, memory[-1] + size))
        self.output_unit.build((*before_shape, size))
        self.built = True

    def compute_mask(self, before, states=None, mask=None):
        return ops.not_equal(before, 0)

    def compute_output_shape(self, before_shape, states_shape=None):
        return (*before_shape, self.config["outputs"])

    def compute_output_spec(self, before, states=None, training=False):
        return keras.KerasTensor(self.compute_output_shape(before.shape), dtype=self.output_unit.compute_dtype)

    def call(self, before, states, training=False):
        return self.output_unit(self.look(before, states, training)[0])

    def look(self, before: Any, states: list[Any], training: bool = False) -> tuple[Any, Any]:
        """ã⟨1⟩ … ã⟨Ty⟩, and α of shape `(batch, Ty, Tx)` where there is attention."""
        memory, counts, *carried = states
        a, mask = self.vectors(before), ops.not_equal(before, 0)
        for layer, first in zip(self.recurrent, self._by_layer(carried)):
            a = layer(a, initial_state=first, mask=mask, training=training)
            a = self.drop(a, training=training)
        return self._attend(a, memory, counts) if self.has_attention else (a, None)

    def step(self, tokens: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        """ŷ⟨t⟩ from y⟨t−1⟩: see `EncoderDecoder.step`."""
        memory, counts, *carried = states
        a, after = one_step(self.recurrent, self.vectors(tokens), carried)
        if self.has_attention:
            a = self._attend(a[:, None], memory, counts)[0][:, 0]
        return self.output_unit(a), [memory, counts, *after]

    def _attend(self, a, memory, counts):
        scores = ops.matmul(a, ops.swapaxes(self.Wα(memory), 1, 2))
        scores = ops.cast(scores, keras.backend.result_type(scores.dtype, "float32"))
        scores = ops.where(counts[:, None], scores, ops.full_like(scores, -1e9))
        α = ops.cast(ops.softmax(scores), memory.dtype)
        context = ops.matmul(α, memory)
        return self.Wã(ops.concatenate([context, a], axis=-1)), α

    def _by_layer(self, carried):
        each = state_count(self.recurrent[0])
        return [carried[i : i + each] for i in range(0, len(carried), each)]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self.config}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Decoder":
        cell = config["cell"]
        if isinstance(cell, dict):
            cell = keras.saving.deserialize_keras_object(cell)
        return cls(**{**config, "cell": cell})


@keras.saving.register_keras_serializable("seqzoo", name="Counts")  # as files have it
class MaskAsTensor(keras.layers.Layer):
    """The mask of a sequence as a tensor of its own, all true where there is none.

    >>> import numpy as np
    >>> MaskAsTensor()(np.ones((1, 2, 3))).numpy()
    array([[ True,  True]])
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, x, mask=None):
        return ops.ones_like(x[..., 0], dtype="bool") if mask is None else ops.cast(mask, "bool")

    def compute_mask(self, x, mask=None):
        return None

    def compute_output_spec(self, x, mask=None):
        return keras.KerasTensor(x.shape[:2], dtype="bool")


@keras.saving.register_keras_serializable("seqzoo")
class Reverse(keras.layers.Layer):
    """A sequence from its end to its beginning; its mask too.

    >>> import numpy as np
    >>> Reverse()(np.array([[[1.0], [2.0]]])).numpy().tolist()
    [[[2.0], [1.0]]]
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, x):
        return ops.flip(x, axis=1)

    def compute_mask(self, x, mask=None):
        return None if mask is None else ops.flip(mask, axis=1)
