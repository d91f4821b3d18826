"""Activations whose slope is a function of their value, for a gradient by hand: from y = g(z) and x to g'(z) ∗ x."""

import keras
from keras import activations, ops


def _tanh(y, x):
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.raw_ops.TanhGrad(y=y, dy=x)  # one pass in place of three
    return (1 - y * y) * x


def _sigmoid(y, x):
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.raw_ops.SigmoidGrad(y=y, dy=x)
    return y * (1 - y) * x


SLOPES = {
    activations.tanh: _tanh,
    activations.sigmoid: _sigmoid,
    activations.hard_sigmoid: lambda y, x: ops.cast((y > 0) & (y < 1), y.dtype) / 6 * x,
    activations.relu: lambda y, x: ops.cast(y > 0, y.dtype) * x,
    activations.linear: lambda y, x: x,
}
