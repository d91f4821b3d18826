"""A linear-chain CRF over the labels of a sentence: its scores, its loss, its accuracy."""

from typing import Any

import keras
from keras import ops

from seqzoo.decoding.crf import crf_decode, crf_log_p
from seqzoo.metrics.token_accuracy import TokenAccuracy
from seqzoo.tasks.ner.preprocessor import NO_LABEL


@keras.saving.register_keras_serializable("seqzoo")
class CRF(keras.layers.Layer):
    """From a score of each label to a score of each label after each other.

    s⟨t⟩(i, j) = z⟨t⟩(j) + T(i, j), with start(j) in place of T(i, j) at the first step; + end(j) at the last.

    So P(y | x) ∝ exp(Σ s⟨t⟩(y⟨t−1⟩, y⟨t⟩)), see `seqzoo.decoding.crf`.

    Reference: Lample et al. (2016), "Neural Architectures for Named Entity Recognition".

    Args:
        **kwargs: as `keras.layers.Layer`.

    Call arguments:
        z: `(batch, time, labels)`, what the steps say by themselves.
        mask: booleans `(batch, time)`; padding stands at the ends of rows.

    Output shape:
        `(batch, time, labels, labels)`, from the label before to the label.

    Example:

    >>> CRF()(ops.zeros((1, 5, 3))).shape
    TensorShape([1, 5, 3, 3])
    """

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.supports_jit = keras.backend.backend() != "tensorflow"  # where Keras's scan has no gradient under XLA

    def build(self, input_shape):
        labels = input_shape[-1]
        self.transitions = self.add_weight(shape=(labels, labels), initializer="zeros", name="transitions")
        self.start = self.add_weight(shape=(labels,), initializer="zeros", name="start")
        self.end = self.add_weight(shape=(labels,), initializer="zeros", name="end")

    def call(self, z, mask=None):
        mask = ops.ones_like(z[:, :, 0], dtype="bool") if mask is None else mask
        later = ops.pad(ops.cast(mask, z.dtype), [[0, 0], [1, 1]])
        first, last = ops.equal(later[:, :-2], 0), ops.equal(later[:, 2:], 0)
        start, between, end = map(ops.convert_to_tensor, (self.start, self.transitions, self.end))
        before = ops.where(first[..., None, None], start, between)
        return z[:, :, None] + before + ops.where(last[..., None, None], end, 0.0)

    def compute_output_shape(self, input_shape):
        return (*input_shape, input_shape[-1])


@keras.saving.register_keras_serializable("seqzoo")
class CRFLoss(keras.losses.Loss):
    """−log P(y⟨t⟩ | y⟨1⟩ … y⟨t−1⟩, x) of each token: together −log P(y | x) of the sentence.

    So it is a loss of tokens, as cross-entropy is, and weights of sentences and of labels weigh them.
    A true label below 0 stands for no token.

    Args:
        **kwargs: as `keras.losses.Loss`.

    Example:

    >>> float(CRFLoss()([[1, 0]], ops.zeros((1, 2, 4, 4))))  # log 4
    1.3862943649291992
    """

    def __init__(self, name: str = "crf_loss", **kwargs: Any):
        super().__init__(name=name, **kwargs)

    def call(self, y_true, y_pred):
        return -crf_log_p(y_pred, y_true, _lengths(y_true))


@keras.saving.register_keras_serializable("seqzoo")
class CRFAccuracy(TokenAccuracy):
    """The fraction of tokens that the likeliest labels of their sentence label right.

    Example:

    >>> accuracy = CRFAccuracy()
    >>> accuracy.update_state([[0, 1, -1]], ops.zeros((1, 3, 4, 4)))
    >>> float(accuracy.result())
    0.5
    """

    def right(self, y_true, y_pred):
        return ops.equal(ops.cast(y_true, "int32"), ops.cast(crf_decode(y_pred, _lengths(y_true)), "int32"))


def _lengths(y_true):
    return ops.sum(ops.cast(ops.not_equal(y_true, NO_LABEL), "int32"), axis=-1)
