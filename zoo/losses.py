"""The losses of classes, with label smoothing where it is asked for."""

from typing import Any

import keras
from keras import ops

from seqzoo.door import Refused


def crossentropy(label_smoothing: float = 0.0, two: bool = False, **kwargs: Any) -> keras.losses.Loss:
    """The cross-entropy of labels given by their places.

    Args:
        label_smoothing: ε, see `SmoothedCrossentropy`; 0 for none.
        two: whether the output is P(y = 1) alone.
        **kwargs: of `keras.losses.SparseCategoricalCrossentropy`: `from_logits`, `ignore_class`. Smoothing
            ignores no class: the outputs' mask does.

    Raises:
        Refused: ε is below 0, or 1 or more.

    Example:

    >>> crossentropy(0.1, two=True).label_smoothing, type(crossentropy(0.1)).__name__, type(crossentropy()).__name__
    (0.1, 'SmoothedCrossentropy', 'SparseCategoricalCrossentropy')
    """
    if not 0 <= label_smoothing < 1:
        raise Refused("label_smoothing from 0 to below 1", repr(label_smoothing), "give for example 0.1")
    if two:
        return keras.losses.BinaryCrossentropy(label_smoothing=label_smoothing)
    if not label_smoothing:
        return keras.losses.SparseCategoricalCrossentropy(**kwargs)
    return SmoothedCrossentropy(label_smoothing, from_logits=kwargs.get("from_logits", False))


def no_smoothing(label_smoothing: float, loss: str) -> None:
    """Refuses label smoothing where the loss is not one of single labels.

    Raises:
        Refused: it is asked for.
    """
    if label_smoothing:
        raise Refused(
            f"no label_smoothing where the loss is {loss}, which has no single labels to smooth",
            f"label_smoothing={label_smoothing}",
            "leave it out",
        )


@keras.saving.register_keras_serializable("seqzoo")
class SmoothedCrossentropy(keras.losses.Loss):
    """Cross-entropy with labels that are not quite certain.

    −Σ q(k) log p(k), q(k) = (1 − ε) [k = y] + ε / K

    Reference: Szegedy et al. (2016), "Rethinking the Inception Architecture for Computer Vision".

    Args:
        label_smoothing: ε.
        from_logits: whether the outputs are logits, or else the K probabilities p.
        **kwargs: as `keras.losses.Loss`.

    A label below 0 stands where a mask leaves the step out.

    Example:

    >>> loss = SmoothedCrossentropy(0.2)
    >>> round(float(loss([0], [[0.5, 0.5]])), 4)  # ln 2, whatever ε is
    0.6931
    """

    def __init__(
        self,
        label_smoothing: float,
        from_logits: bool = False,
        name: str = "smoothed_crossentropy",
        **kwargs: Any,
    ):
        super().__init__(name=name, **kwargs)
        self.label_smoothing, self.from_logits = label_smoothing, from_logits

    def call(self, y: Any, ŷ: Any) -> Any:
        y, ε = ops.maximum(ops.cast(y, "int32"), 0), self.label_smoothing
        own = ops.sparse_categorical_crossentropy(y, ŷ, from_logits=self.from_logits)
        log_p = ops.log_softmax(ŷ) if self.from_logits else ops.log(ops.maximum(ŷ, keras.config.epsilon()))
        return (1 - ε) * own - ε * ops.mean(log_p, axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "label_smoothing": self.label_smoothing, "from_logits": self.from_logits}
