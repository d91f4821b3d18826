"""Gradients of long sequences in half precision are those in single precision, as far as half goes."""

import numpy as np
import pytest
from keras import ops

from seqzoo.layers import RNN, GRUCell, LSTMCell, RNNCell
from tools import BACKEND, gradients, normal, randomise

CASES = [
    (RNNCell, {}, {}),
    (GRUCell, {}, {}),
    (LSTMCell, {}, {}),
    (LSTMCell, {"activation": "gelu"}, {}),  # on TensorFlow another way
    (GRUCell, {}, {"recompute": True}),
]


def of_weights(cell, dtype, cell_options, options, x):
    layer = RNN(cell(8, **cell_options, dtype=dtype), return_sequences=True, dtype=dtype, **options)
    randomise(layer.cell, np.random.default_rng(0), features=3)

    def total():
        outputs = ops.cast(layer(x, training=True), "float32")
        return ops.mean(outputs**2 * ops.arange(1.0, 9.0) + outputs) * 256

    if BACKEND == "tensorflow":
        import tensorflow as tf

        graph = tf.function(lambda: _by_tape(total, layer), autograph=False)
        return [np.asarray(value) for value in graph()]
    return gradients(total, layer.trainable_weights)


def _by_tape(total, layer):
    import tensorflow as tf

    with tf.GradientTape() as tape:
        value = total()
    return tape.gradient(value, [weight.value for weight in layer.trainable_weights])


@pytest.mark.parametrize("length_is_known", [True, False] if BACKEND == "tensorflow" else [True])
@pytest.mark.parametrize("dtype", ["mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize(("cell", "cell_options", "options"), CASES)
def test_gradients_of_many_steps(cell, cell_options, options, dtype, length_is_known):
    rng, steps = np.random.default_rng(0), 400 if length_is_known else 2000
    x = normal(rng, 64, steps, 3)
    if not length_is_known:
        import tensorflow as tf

        x = tf.Variable(x, shape=(64, None, 3))
    found, expected = (of_weights(cell, each, cell_options, options, x) for each in (dtype, "float32"))
    for half, single in zip(found, expected, strict=True):
        assert np.abs(half - single).max() < 0.05 * np.abs(single).max()
