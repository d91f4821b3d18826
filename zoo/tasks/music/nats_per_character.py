"""How well a model foretells tunes."""

from collections.abc import Iterable
from typing import Any

import keras
from keras import ops

from seqzoo.metrics.token_accuracy import of_tokens
from seqzoo.pipeline import is_stream

METRIC = "nats_per_character"


@keras.saving.register_keras_serializable("seqzoo")
class NatsPerCharacter(keras.metrics.Mean):
    """−ln P of all characters over their number; padding, symbol 0, does not count.

    Keras's own cross-entropy weighs each batch anew: it takes the mean of each row first.

    Call arguments:
        y: integers of shape `(batch, Ty)`.
        logits: shape `(batch, Ty, symbols)`.

    Example:

    >>> import numpy as np
    >>> metric = NatsPerCharacter()
    >>> metric.update_state(np.array([[1, 2], [1, 0]]), np.zeros((2, 2, 3)))
    >>> round(float(metric.result()), 4)  # ln 3
    1.0986
    """

    def __init__(self, name: str = METRIC, **kwargs: Any):
        super().__init__(name, **kwargs)
        self._direction = "down"  # what Keras's callbacks look at when their mode is "auto"

    def update_state(self, y: Any, logits: Any, sample_weight: Any = None) -> None:
        nats = ops.sparse_categorical_crossentropy(y, logits, from_logits=True)
        counts = ops.cast(ops.not_equal(y, 0), "float32")
        if sample_weight is not None:
            counts *= of_tokens(sample_weight, counts)
        # One after the other: of a matrix, Mean would take each row's mean first.
        super().update_state(ops.reshape(nats, [-1]), ops.reshape(counts, [-1]))


def score(model: keras.Model, batches: Iterable) -> dict[str, float]:
    """The nats per character of the tunes of batches; a character that the model has not learned counts as unknown.

    Args:
        model: a `Composer`.
        batches: pairs of rhythms and tunes.

    Returns:
        Dictionary of `nats_per_character`.

    Example:

    >>> import seqzoo
    >>> model = seqzoo.create_model("music", texts=["GABd|"], units=4)
    >>> score(model, [(["tune"], ["GAB"])])
    {'nats_per_character': ...}
    """
    stream = batches if is_stream(batches) else iter(batches)
    return {METRIC: float(model.evaluate(stream, verbose=0, return_dict=True)[METRIC])}
