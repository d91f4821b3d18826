import keras
import numpy as np
import tensorflow as tf


@keras.saving.register_keras_serializable("seqzoo")
class TableModel(keras.Model):
    """A functional Keras model that takes a table: a dictionary of named columns.

    `keras.Model` takes columns that are arrays; this one also takes lists, of strings too, in
    `fit`, `evaluate` and `predict`, and a single row, whose columns are single values.

    Example:

    >>> size = keras.Input((1,), name="size")
    >>> model = TableModel([size], keras.layers.Rescaling(2.0)(size))
    >>> model.predict({"size": [1.5, 2.0]}, verbose=0)
    array([[3.],
           [4.]], dtype=float32)
    """

    def fit(self, x=None, y=None, **kwargs):
        return super().fit(_columns(x), y if y is None else np.asarray(y), **kwargs)

    def evaluate(self, x=None, y=None, **kwargs):
        return super().evaluate(_columns(x), y if y is None else np.asarray(y), **kwargs)

    def predict(self, x, **kwargs):
        return super().predict(_columns(x), **kwargs)


def _columns(table):
    if not isinstance(table, dict):
        return table
    return {name: _column(values) for name, values in table.items()}


def _column(values):
    """Shape `(rows, 1)`, of strings or numbers."""
    values = tf.convert_to_tensor(values if hasattr(values, "shape") else np.atleast_1d(values))
    return tf.reshape(values, (-1, 1)) if values.shape.rank < 2 else values
