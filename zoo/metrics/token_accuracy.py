import keras
from keras import ops


@keras.saving.register_keras_serializable("seqzoo")
class TokenAccuracy(keras.metrics.Mean):
    """The fraction of tokens whose likeliest label is right.

    Every token counts alike. Keras's own accuracy averages over the steps of a sentence
    first, so that how much padding a batch holds changes the figure.

    Args:
        name: the metric's name.
        dtype: of the result.

    Example:

    >>> import numpy as np
    >>> accuracy = TokenAccuracy()
    >>> accuracy.update_state(np.array([[0, 1]]), np.array([[[0.9, 0.1], [0.8, 0.2]]]))
    >>> float(accuracy.result())
    0.5
    """

    def __init__(self, name="accuracy", dtype=None):
        super().__init__(name=name, dtype=dtype)
        self._direction = "up"  # what Keras's callbacks look at when their mode is "auto"

    def update_state(self, y_true, y_pred, sample_weight=None):
        right = ops.equal(ops.cast(y_true, "int64"), ops.cast(ops.argmax(y_pred, -1), "int64"))
        weight = ops.ones_like(right, "float32")
        mask = getattr(y_pred, "_keras_mask", None)
        if mask is not None:
            weight *= ops.cast(mask, "float32")
        if sample_weight is not None:
            weight *= ops.cast(sample_weight, "float32")
        super().update_state(ops.ravel(right), ops.ravel(weight))
