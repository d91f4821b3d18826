"""From the letters of DNA to vectors x⟨t⟩, inside the model."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

# The letters of the IUPAC for one base, and for one out of several.
IUPAC = {
    **{base: base for base in "ACGT"},
    **{"R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC"},
    **{"B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT"},
}


def base_vectors(sequence):
    """Adds the vectors of a sequence of letters: A, C, G and T, or a share of each.

    x⟨t⟩ is a one-hot vector for a letter that names one base, and the mean of the vectors of
    those that it may be for another, for example ½ A + ½ G for R. Small letters count as
    large ones; a letter that is none of the IUPAC's counts as N, which may be any base.

    Args:
        sequence: Keras tensor of strings, shape `(batch,)`.

    Returns:
        Keras tensor of shape `(batch, time, 4)` with a mask over the padding.

    Example:

    >>> sequence = keras.Input((), dtype="string")
    >>> model = keras.Model(sequence, base_vectors(sequence))
    >>> model(tf.constant(["AR", "t"])).numpy()
    array([[[1. , 0. , 0. , 0. ],
            [0.5, 0. , 0.5, 0. ]],
           [[0. , 0. , 0. , 1. ],
            [0. , 0. , 0. , 0. ]]], dtype=float32)
    """
    letters = [letter.lower() for letter in IUPAC]
    ids = keras.layers.TextVectorization(
        standardize="lower", split="character", vocabulary=letters, name="letters"
    )(sequence)
    vectors = np.array([[(base in bases) / len(bases) for base in "ACGT"] for bases in IUPAC.values()])
    table = np.concatenate([np.zeros((1, 4)), np.full((1, 4), 0.25), vectors])  # padding, unknown, letters
    return keras.layers.Embedding(
        *table.shape, weights=[table], trainable=False, mask_zero=True, name="bases"
    )(ids)


@keras.saving.register_keras_serializable("seqzoo")
class Fold(keras.layers.Layer):
    """Folds a sequence in its middle, so that it is read from both ends towards the middle.

    Step t of the result is [x⟨t⟩, x⟨Tx+1−t⟩], for t up to Tx / 2, rounded up. Padding counts
    for nothing: the fold of a sequence is the same alone and beside a longer one.

    Call arguments:
        x: shape `(batch, time, features)`, with a mask over padding at its ends, or none.

    Output shape:
        `(batch, time / 2, 2 * features)`, with a mask.

    Example:

    >>> Fold()(tf.constant([[[1.0], [2.0], [3.0], [4.0]]])).numpy()
    array([[[1., 4.],
            [2., 3.]]], dtype=float32)
    """

    def call(self, x, mask=None):
        time = ops.shape(x)[1]
        counts = ops.ones(ops.shape(x)[:2], "int32") if mask is None else ops.cast(mask, "int32")
        backwards = tf.reverse_sequence(x, ops.sum(counts, axis=1), seq_axis=1)
        half = (time + 1) // 2
        return ops.concatenate([x[:, :half], backwards[:, :half]], axis=-1)

    def compute_mask(self, x, mask=None):
        return None if mask is None else mask[:, ::2]

    def compute_output_shape(self, shape):
        batch, time, features = shape
        return (batch, None if time is None else (time + 1) // 2, 2 * features)
