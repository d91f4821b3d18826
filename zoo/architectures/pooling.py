"""One vector of a whole sequence: the mean, or the largest number of each feature."""

from typing import Any

import keras
from keras import ops

POOLING = ("last", "mean", "max", "max_mean")


def masked_mean(x: Any, mask: Any = None) -> Any:
    """The mean over the last axis but one, of what a mask keeps; zeros where it keeps nothing.

    Args:
        x: `(..., items, features)`.
        mask: booleans, `(..., items)`; None keeps all.

    Returns:
        `(..., features)`.

    Example:

    >>> import numpy as np
    >>> masked_mean(np.array([[[1.0], [3.0], [9.0]]]), np.array([[True, True, False]])).numpy()
    array([[2.]])
    """
    if mask is None:
        return ops.mean(x, axis=-2)
    whole = keras.backend.result_type(x.dtype, "float32")
    kept = ops.cast(ops.expand_dims(mask, -1), whole)
    mean = ops.sum(ops.cast(x, whole) * kept, axis=-2) / ops.maximum(ops.sum(kept, axis=-2), 1)
    return ops.cast(mean, x.dtype)


def masked_max(x: Any, mask: Any = None) -> Any:
    """The largest number of each feature, of what a mask keeps; zeros where it keeps nothing.

    Arguments and shapes are those of `masked_mean`.

    Example:

    >>> import numpy as np
    >>> masked_max(np.array([[[1.0], [3.0], [9.0]]]), np.array([[True, True, False]])).numpy()
    array([[3.]])
    """
    if mask is None:
        return ops.max(x, axis=-2)
    kept = ops.expand_dims(mask, -1)
    largest = ops.max(ops.where(kept, x, -float("inf")), axis=-2)
    return ops.where(ops.any(kept, axis=-2), largest, ops.zeros_like(largest))


@keras.saving.register_keras_serializable("seqzoo")
class Pooling(keras.layers.Layer):
    """Makes one vector of the states a⟨1⟩ … a⟨Tx⟩; masked steps do not count.

    References: Collobert et al. 2011, "Natural Language Processing (Almost) from Scratch" (the
    largest); Howard and Ruder 2018, "Universal Language Model Fine-tuning for Text
    Classification" (both, side by side).

    Args:
        kind: `"mean"`, `"max"` (the largest number of each feature), or `"max_mean"`, both side by side.

    Input shape:
        `(batch, time, features)`, masked or not.

    Output shape:
        `(batch, features)`, twice as wide for `"max_mean"`; without a mask.

    Example:

    >>> import numpy as np
    >>> Pooling("max_mean")(np.array([[[1.0], [3.0]]])).numpy()
    array([[3., 2.]], dtype=float32)
    """

    def __init__(self, kind: str, **kwargs: Any):
        super().__init__(**kwargs)
        if kind not in POOLING[1:]:
            raise ValueError(
                f"pooling must be one of {', '.join(map(repr, POOLING))}. Received: {kind!r}. Choose one of these."
            )
        self.kind = kind
        self.supports_masking = True

    def call(self, x, mask=None):
        pools = {"max": masked_max, "mean": masked_mean}
        return ops.concatenate([pools[kind](x, mask) for kind in self.kind.split("_")], axis=-1)

    def compute_mask(self, x, previous_mask=None):
        return None

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-2], input_shape[-1] * len(self.kind.split("_")))

    def get_config(self):
        return {**super().get_config(), "kind": self.kind}
