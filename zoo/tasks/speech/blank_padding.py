"""What CTC needs instead of a mask."""

from typing import Any

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable("seqzoo")
class BlankPadding(keras.layers.Layer):
    """Logits in which padding says the blank, 0, for certain: CTC then needs no mask.

    Example:

    >>> logits = np.ones((1, 3, 2), "float32")
    >>> BlankPadding()(logits, mask=np.array([[True, True, False]])).numpy()[0]
    array([[ 1.e+00,  1.e+00],
           [ 1.e+00,  1.e+00],
           [ 0.e+00, -1.e+09]], dtype=float32)
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, logits: Any, mask: Any = None) -> Any:
        if mask is None:
            return logits
        blank = np.where(np.arange(logits.shape[-1]) == 0, 0.0, -1e9)
        return ops.where(mask[..., None], logits, ops.cast(blank, logits.dtype))

    def compute_mask(self, logits: Any, mask: Any = None) -> None:
        return None

    def compute_output_shape(self, shape: tuple) -> tuple:
        return shape
