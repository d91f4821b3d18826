from typing import Any

import keras
from keras import ops, tree

from seqzoo.architectures.decoder import Decoder as Decoder
from seqzoo.architectures.fed_decoder import FedDecoder
from seqzoo.architectures.recurrent import Cell, Inputs, check_layers, input_tensor, make_cell, sources
from seqzoo.layers import RNN


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
    input_feeding: bool = False,
    scheduled_sampling: float = 0.0,
    sampling_batches: int = 1000,
    input_dropout: float = 0.0,
    recurrent_dropout: float = 0.0,
    symbol_dropout: float = 0.0,
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
    "general"; without attention it is Sutskever et al. (2014).

    With input feeding a⟨t⟩ = cell(a⟨t−1⟩, [y⟨t−1⟩, ã⟨t−1⟩]), ã⟨0⟩ = 0: the decoder knows where it has
    looked. Then, and with scheduled sampling in training, no step can be computed before the one
    before it: whole targets take a loop of small steps, several times as slow.

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
        input_feeding: whether the decoder reads ã⟨t−1⟩ beside y⟨t−1⟩ (Luong et al. 2015); needs attention.
        scheduled_sampling: how probable it becomes in training that the decoder reads, instead of the
            target's y⟨t−1⟩, the likeliest symbol by its own ŷ⟨t−1⟩, as it will when it writes (Bengio et
            al. 2015). It rises from 0 along a line.
        sampling_batches: after how many batches of training it has risen so far.
        input_dropout: fraction of what a recurrent layer reads, x⟨t⟩, to drop in training, the same at every
            step of a sequence (Gal and Ghahramani 2016).
        recurrent_dropout: the same of a⟨t−1⟩.
        symbol_dropout: fraction of the vectors of y⟨t−1⟩ to hide whole in training.
        name: the model's name.

    Returns:
        An uncompiled `EncoderDecoder`, a `keras.Model` from `[source, before]` to the logits
        of ŷ, of shape `(batch, Ty, outputs)`. `before` holds y⟨0⟩ … y⟨Ty−1⟩, which
        `shift(targets, start)` makes; its padding masks the logits, so that losses and
        metrics leave it out. `start` and `step` write one symbol after the other.

    Raises:
        ValueError: an unknown cell, a wrong size or probability, or input feeding without attention.

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
    dropouts = dict(input_dropout=input_dropout, recurrent_dropout=recurrent_dropout)
    read = _encode(x, cell, units, layers, bidirectional, dropout, dropouts)
    settings: dict[str, Any] = dict(embedding=embedding, attention=attention, symbol_dropout=symbol_dropout, **dropouts)
    if input_feeding or scheduled_sampling:
        fed: dict[str, Any] = dict(input_feeding=input_feeding, scheduled_sampling=scheduled_sampling)
        decoder = FedDecoder(
            outputs, cell, units, layers, dropout, **settings, **fed, sampling_batches=sampling_batches, name="decoder"
        )
        read += [ops.zeros_like(read[-1])] if input_feeding else []  # ã⟨0⟩
    else:
        decoder = Decoder(outputs, cell, units, layers, dropout, **settings, name="decoder")
    encoder = keras.Model(source, read, name="encoder")
    before = keras.Input((None,), dtype="int32", name="before")
    return EncoderDecoder([source, before], decoder(before, encoder(source)), name=name)


def _encode(x, cell, units, layers, bidirectional, dropout, dropouts):
    """Adds the encoder: h⟨1⟩ … h⟨Tx⟩, which of them count, and a⟨0⟩ of each decoder layer."""
    check_layers(layers)
    counts = MaskAsTensor(name="counts")(x)
    directions = ("forward", "backward") if bidirectional else ("forward",)
    states = []
    for depth in range(1, layers + 1):
        read, ends = [], []
        for direction in directions:
            layer = RNN(
                make_cell(cell, units, **dropouts),
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
    then which of its steps count, then the states of the decoder's cells, layer by layer; with input
    feeding, ã⟨t⟩ at last.

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
