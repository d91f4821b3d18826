"""A decoder that is fed what it has just made: input feeding, and scheduled sampling in training."""

from typing import Any

import keras
from keras import ops, tree

from seqzoo.architectures.decoder import Decoder
from seqzoo.door import Refused


@keras.saving.register_keras_serializable("seqzoo")
class FedDecoder(Decoder):
    """The writing half of an encoder-decoder, one step after the other.

    a⟨t⟩ = cell(a⟨t−1⟩, [y⟨t−1⟩, ã⟨t−1⟩]) with input feeding; with scheduled sampling, in training,
    y⟨t−1⟩ is the likeliest symbol by ŷ⟨t−1⟩ with the probability p min(1, batches / sampling_batches),
    and else the target's. The same function takes each step, of whole targets and of what is written.

    References: Luong, Pham and Manning (2015), "Effective Approaches to Attention-based Neural
    Machine Translation"; Bengio et al. (2015), "Scheduled Sampling for Sequence Prediction with
    Recurrent Neural Networks".

    Args:
        *args: as `Decoder`.
        input_feeding, scheduled_sampling, sampling_batches: see `seqzoo.encoder_decoder`; p is
            `scheduled_sampling`.
        **kwargs: as `Decoder`.

    Call arguments:
        before, states: as of a `Decoder`; with input feeding ã⟨0⟩ is the last state.

    Output shape:
        logits `(batch, Ty, outputs)`, masked where `before` is 0.

    Raises:
        Refused: input feeding without attention, or no probability.

    Example:

    >>> import numpy as np
    >>> decoder = FedDecoder(outputs=5, cell="gru", units=4, input_feeding=True)
    >>> a = np.ones((2, 4), "float32")
    >>> decoder(np.ones((2, 3), "int32"), [np.ones((2, 7, 8), "float32"), np.ones((2, 7), bool), a, 0 * a]).shape
    TensorShape([2, 3, 5])
    """

    def __init__(
        self,
        *args: Any,
        input_feeding: bool = False,
        scheduled_sampling: float = 0.0,
        sampling_batches: int = 1000,
        **kwargs: Any,
    ):
        super().__init__(*args, **kwargs)
        if input_feeding and not self.has_attention:
            raise Refused("attention, whose ã⟨t⟩ is fed", "input_feeding=True, attention=False", "take attention=True")
        if not 0 <= scheduled_sampling <= 1 or sampling_batches < 1:
            raise Refused(
                "scheduled_sampling from 0 to 1, and sampling_batches of 1 or more",
                f"scheduled_sampling={scheduled_sampling}, sampling_batches={sampling_batches}",
                "give for example scheduled_sampling=0.25",
            )
        self.input_feeding, self.p, self.sampling_batches = input_feeding, scheduled_sampling, sampling_batches
        self.coins = keras.random.SeedGenerator()
        self.supports_jit = keras.backend.backend() != "tensorflow"  # where Keras's scan has no gradient under XLA

    @property
    def input_size(self) -> int:
        return super().input_size + (self.recurrent[-1].output_size if self.input_feeding else 0)

    def build(self, before_shape, states_shape):
        super().build(before_shape, states_shape)
        if self.p:
            self.batches = self.add_weight(
                shape=(),
                initializer="zeros",
                trainable=False,
                name="batches",
                aggregation="only_first_replica",
                autocast=False,
            )

    def call(self, before, states, training=False):
        logits = super().call(before, states, training)
        if self.p and training:
            self.batches.assign_add(1.0)
        return logits

    def look(self, before: Any, states: list[Any], training: bool = False) -> tuple[Any, Any]:
        if not (self.input_feeding or self.p and training):
            return super().look(before, states, training)
        before = ops.convert_to_tensor(before, dtype="int32")
        memory, counts, *carried = states
        self._draw_dropout(before, training)

        def step(made, t):
            last, _, _, *carried = made
            y, own, hidden, kept = tree.map_structure(lambda x: ops.take(x, t, axis=1), by_time)
            y = ops.where(ops.logical_and(own, y != 0), last, y)
            a, α, after = self._write(self.vectors(y) * hidden, memory, counts, carried, kept)
            last = 1 + ops.argmax(self.output_unit(a)[:, 1:], axis=-1) if self.p else last  # 0 is padding
            after = [ops.where((y != 0)[:, None], new, old) for new, old in zip(after, carried)]
            made = [ops.cast(last, "int32"), a, ops.zeros_like(memory[..., 0]) if α is None else α, *after]
            return made, made  # on TensorFlow Keras's scan stacks what it carries, and reads a single sequence

        by_time = (before, self._own(before, training), *self._kept(before, training))
        a = ops.zeros((ops.shape(before)[0], self.recurrent[-1].output_size), dtype=self.compute_dtype)
        first = [ops.zeros_like(before[:, 0]), a, ops.zeros_like(memory[..., 0]), *carried]
        _, (_, a, α, *_) = ops.scan(step, first, ops.arange(ops.shape(before)[1], dtype="int32"))
        self._forget_dropout()
        return ops.swapaxes(a, 0, 1), ops.swapaxes(α, 0, 1) if self.has_attention else None

    def _write(self, y, memory, counts, carried, kept=None):
        if not self.input_feeding:
            return super()._write(y, memory, counts, carried, kept)
        *carried, ã = carried
        y = ops.concatenate([y, ops.cast(ã, y.dtype)], axis=-1)
        a, α, after = super()._write(y, memory, counts, carried, kept)
        return a, α, [*after, a]

    def _own(self, before, training):
        """Where the decoder reads its own symbol; y⟨0⟩ is never that."""
        if not (self.p and training):
            return ops.zeros_like(before, dtype="bool")
        p = self.p * ops.minimum(1.0, self.batches / self.sampling_batches)
        own = keras.random.uniform(ops.shape(before), dtype="float32", seed=self.coins) < ops.cast(p, "float32")
        return ops.logical_and(own, ops.arange(ops.shape(before)[1]) > 0)

    def _kept(self, before, training):
        """What dropout leaves of the symbols' vectors and of each layer's outputs, drawn before the loop."""
        ones = lambda size: ops.ones((*ops.shape(before), size), dtype=self.compute_dtype)
        kept = [self.drop(ones(layer.output_size), training=training) for layer in self.recurrent]
        return self.hide(ones(1), training=training), kept

    def _draw_dropout(self, before, training):
        """The cells' own, the same at every step."""
        size = self.input_size
        for layer in self.recurrent:
            layer.draw_dropout(ops.zeros((*ops.shape(before), size), dtype=self.compute_dtype), training)
            size = layer.output_size

    def _forget_dropout(self):
        for layer in self.recurrent:
            layer.forget_dropout()

    def get_config(self) -> dict[str, Any]:
        fed = dict(input_feeding=self.input_feeding, scheduled_sampling=self.p, sampling_batches=self.sampling_batches)
        return {**super().get_config(), **fed}
