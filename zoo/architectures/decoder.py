"""The writing half of an encoder-decoder."""

from typing import Any

import keras
from keras import ops

from seqzoo.architectures.recurrent import Cell, check_layers, hidden_whole, make_cell, one_step, state_count
from seqzoo.layers import RNN, OutputUnit
from seqzoo.precision import precision, whole


@keras.saving.register_keras_serializable("seqzoo")
class Decoder(keras.layers.Layer):
    """The writing half of an encoder-decoder, for whole targets or step by step.

    The equations are those of `encoder_decoder`. Teacher forcing runs the recurrent layers
    over the whole target at once, and then looks at the source for all steps at once.

    Args:
        outputs, cell, units, layers, dropout, embedding, attention, input_dropout, recurrent_dropout,
            symbol_dropout: see `encoder_decoder`.

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
        input_dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        symbol_dropout: float = 0.0,
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
            input_dropout=input_dropout,
            recurrent_dropout=recurrent_dropout,
            symbol_dropout=symbol_dropout,
        )
        self.has_attention = attention
        with precision(self.dtype_policy):
            cells = [make_cell(cell, units, input_dropout, recurrent_dropout) for _ in range(layers)]
            self._make_layers(cells, outputs, embedding, dropout, symbol_dropout)

    def _make_layers(self, cells, outputs, embedding, dropout, symbol_dropout):
        self.vectors = keras.layers.Embedding(outputs, embedding, name="vectors")
        self.recurrent = [
            RNN(cell, return_sequences=True, name=f"recurrent_{depth}") for depth, cell in enumerate(cells, 1)
        ]
        self.hide = hidden_whole(symbol_dropout)
        self.drop = keras.layers.Dropout(dropout)
        self.output_unit = OutputUnit(outputs, name="output", dtype=whole())
        if self.has_attention:
            size = self.recurrent[-1].output_size
            self.Wα = keras.layers.Dense(size, use_bias=False, name="score")
            self.Wã = keras.layers.Dense(size, activation="tanh", name="look")

    def build(self, before_shape, states_shape):
        memory = states_shape[0]
        size = self.input_size
        self.vectors.build(before_shape)
        for layer in self.recurrent:
            layer.build((*before_shape, size))
            size = layer.output_size
        if self.has_attention:
            self.Wα.build(memory)
            self.Wã.build((*before_shape, memory[-1] + size))
        self.output_unit.build((*before_shape, size))
        self.built = True

    @property
    def input_size(self) -> int:
        """The size of what the lowest recurrent layer reads."""
        return self.vectors.output_dim

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
        a, mask = self.hide(self.vectors(before), training=training), ops.not_equal(before, 0)
        for layer, first in zip(self.recurrent, self._by_layer(carried)):
            a = layer(a, initial_state=first, mask=mask, training=training)
            a = self.drop(a, training=training)
        return self._attend(a, memory, counts) if self.has_attention else (a, None)

    def step(self, tokens: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        """ŷ⟨t⟩ from y⟨t−1⟩: see `EncoderDecoder.step`."""
        memory, counts, *carried = states
        a, _, after = self._write(self.vectors(tokens), memory, counts, carried)
        return self.output_unit(a), [memory, counts, *after]

    def _write(self, y, memory, counts, carried, kept=None):
        """ã⟨t⟩, α⟨t⟩ and the states after, from the vector of y⟨t−1⟩; kept: see `one_step`."""
        a, after = one_step(self.recurrent, y, carried, kept)
        if not self.has_attention:
            return a, None, after
        a, α = self._attend(a[:, None], memory, counts)
        return a[:, 0], α[:, 0], after

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
