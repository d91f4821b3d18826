"""The share of tokens that are labelled right."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("seqzoo")
class TokenAccuracy(keras.metrics.Mean):
    """The fraction of tokens whose likeliest label is right; a true label below 0 stands for no token.

    Every token counts alike. Keras's own accuracy averages over the steps of a sentence
    first, so that how much padding a batch holds changes the figure.

    Args:
        name: the metric's name.
        dtype: of the result.
        ignore_class: a label that stands for no token too, as 0 where texts are padded with it.

    Example:

    >>> import numpy as np
    >>> accuracy = TokenAccuracy()
    >>> accuracy.update_state(np.array([[0, 1, -1]]), np.array([[[0.9, 0.1], [0.8, 0.2], [0.5, 0.5]]]))
    >>> float(accuracy.result())
    0.5
    """

    def __init__(self, name="accuracy", dtype=None, ignore_class=None):
        super().__init__(name=name, dtype=dtype)
        self.ignore_class = ignore_class
        self._direction = "up"  # what Keras's callbacks look at when their mode is "auto"

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_true, right = ops.convert_to_tensor(y_true), self.right(y_true, y_pred)
        token = ops.greater_equal(y_true, 0)
        if self.ignore_class is not None:
            token = ops.logical_and(token, ops.not_equal(y_true, self.ignore_class))
        weight = ops.cast(token, "float32")
        if sample_weight is not None:
            weight *= of_tokens(sample_weight, weight)
        super().update_state(ops.ravel(right), ops.ravel(weight))

    def get_config(self):
        return {**super().get_config(), "ignore_class": self.ignore_class}

    def right(self, y_true, y_pred):
        """Whether each token's true label is the likeliest, and no other as likely.

        The likeliest is not looked for: of many thousand labels that takes far longer.
        """
        places = ops.maximum(ops.cast(y_true, "int32"), 0)
        own = ops.take_along_axis(y_pred, ops.expand_dims(places, -1), axis=-1)
        as_likely = ops.sum(ops.cast(ops.greater_equal(y_pred, own), "int32"), axis=-1)
        return ops.equal(as_likely, 1)


def of_tokens(sample_weight, tokens):
    """Weights that fit those of tokens, float32: one of each sentence stands for all of its tokens.

    Example:

    >>> of_tokens([0.5, 2.0], ops.ones((2, 3))).shape
    TensorShape([2, 1])
    """
    weight = ops.cast(sample_weight, "float32")
    while len(weight.shape) < len(tokens.shape):
        weight = ops.expand_dims(weight, -1)
    return weight
