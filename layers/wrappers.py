"""Keras's wrappers, which pass masks on whatever the version of Keras: 3.16 stops doing so."""

from typing import Any

import keras
from keras import tree


@keras.saving.register_keras_serializable("seqzoo")
class Bidirectional(keras.layers.Bidirectional):
    """Reads a sequence from both ends; its mask goes on to the next layer.

    Reference: the notes "Recurrent Neural Networks"; `keras.layers.Bidirectional`, whose arguments it takes.

    Example:

    >>> import numpy as np
    >>> from seqzoo.layers import GRUCell, RNN
    >>> words = np.array([[3, 1, 0], [2, 1, 3]])
    >>> x = keras.layers.Embedding(4, 2, mask_zero=True)(words)
    >>> Bidirectional(RNN(GRUCell(4), return_sequences=True)).compute_mask(x, words > 0).tolist()
    [[True, True, False], [True, True, True]]
    """

    def __init__(self, layer: keras.layers.Layer, *args: Any, **kwargs: Any):
        super().__init__(layer, *args, **kwargs)
        self.supports_masking = True

    def compute_mask(self, sequences, mask=None):
        mask = tree.flatten(mask)[0] if mask is not None and self.return_sequences else None
        outputs = 2 if self.merge_mode is None else 1
        if outputs == 1 and not self.return_state:
            return mask
        states = 2 * len(tree.flatten(self.forward_layer.state_size)) if self.return_state else 0
        return [*[mask] * outputs, *[None] * states]


@keras.saving.register_keras_serializable("seqzoo")
class TimeDistributed(keras.layers.TimeDistributed):
    """Runs a layer on every moment of a sequence, whose mask goes on to the next layer.

    Reference: `keras.layers.TimeDistributed`, whose arguments it takes.

    Example:

    >>> import numpy as np
    >>> TimeDistributed(keras.layers.Dense(4))(np.ones((2, 5, 3))).shape
    TensorShape([2, 5, 4])
    """

    def __init__(self, layer: keras.layers.Layer, **kwargs: Any):
        super().__init__(layer, **kwargs)
        self.supports_masking = True
