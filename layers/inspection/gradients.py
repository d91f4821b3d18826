"""How far back the gradient of a layer reaches."""

from typing import Any

import keras
import numpy as np
from keras import ops, tree

from seqzoo.layers.inspection.prepare import directions, prepared, to_numpy
from seqzoo.layers.rnn import again


def gradient_norms(
    layer: keras.layers.Layer, x: Any, mask: Any = None, initial_state: Any = None
) -> np.ndarray | dict[str, np.ndarray]:
    """How much each element of the sequence still moves the last output: ‖∂a⟨Tx⟩/∂x⟨t⟩‖.

    The Frobenius norm of the matrix of derivatives, `(units, features)`, for every t. Where
    it sinks towards the beginning the gradient vanishes, and what stood there cannot be
    learned from the end; where it grows the gradient explodes. It counts every way from x⟨t⟩
    to a⟨Tx⟩, through c as well as a, so RNN, GRU and LSTM compare. In a layer that reads
    backwards, the last output is the one after x⟨1⟩. At masked steps it is NaN.

    All derivatives come from one pass over `batch * units` rows: give it a few examples.

    Reference: the notes "Recurrent Neural Networks"; Pascanu, Mikolov, Bengio (2013), "On the
    difficulty of training recurrent neural networks".

    Args:
        layer: an `RNN`, or `keras.layers.Bidirectional` around one.
        x: shape `(batch, time, features)`.
        mask: shape `(batch, time)`, true where a step counts.
        initial_state: as in the call of the layer.

    Returns:
        A NumPy array of shape `(batch, time)`; for `Bidirectional` a dict of two, `forward`
        and `backward`.

    Raises:
        ValueError: the layer is not an `RNN`.

    Example:

    >>> import numpy as np
    >>> from seqzoo.layers import RNN, LSTMCell, gradient_norms
    >>> norms = gradient_norms(RNN(LSTMCell(4)), np.random.rand(2, 10, 3).astype("float32"))
    >>> norms.shape
    (2, 10)
    """
    norms = {
        prefix.rstrip("/"): _norms_of_one(one, x, mask, states)
        for prefix, one, states in directions(layer, initial_state)
    }
    return norms.get("", norms)


def _norms_of_one(layer, x, mask, initial_state):
    x, counts, states = prepared(layer, x, mask, initial_state)
    batch, units = x.shape[0], layer.output_size
    # One row for each entry of a⟨Tx⟩: the gradient of their sum then holds all derivatives.
    rows = lambda values: ops.repeat(values, units, axis=0)
    entry = ops.tile(ops.eye(units, dtype="float32"), (batch, 1))
    states, keep = tree.map_structure(rows, states), None if mask is None else rows(counts)
    run = again(layer, return_sequences=False, return_state=False, stateful=False, zero_output_for_mask=False)

    def total(x):
        return ops.sum(ops.cast(run(x, initial_state=states, mask=keep), "float32") * entry)

    derivatives = to_numpy(_gradient(total, rows(x))).reshape(batch, units, *x.shape[1:])
    norms = np.sqrt(np.sum(derivatives**2, axis=(1, 3)))
    return np.where(counts, norms, np.nan)


def _gradient(total, x):
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(x)
            value = total(x)
        return tape.gradient(value, x)
    if keras.backend.backend() == "jax":
        import jax

        return jax.grad(total)(x)
    import torch

    x = x.detach().requires_grad_()
    return torch.autograd.grad(total(x), x)[0]
