import keras
import numpy as np


@keras.saving.register_keras_serializable("seqzoo")
class TextModel(keras.Model):
    """A functional Keras model that takes plain Python strings too.

    `keras.Model` takes string tensors and arrays; this one also takes a string or a list of
    strings in `fit`, `evaluate` and `predict`.

    Example:

    >>> sentence = keras.Input((), dtype="string")
    >>> ids = keras.layers.TextVectorization(vocabulary=["good", "film"])(sentence)
    >>> model = TextModel(sentence, ids)
    >>> model.predict("a good film", verbose=0)
    array([[1, 2, 3]])
    """

    def fit(self, x=None, y=None, **kwargs):
        return super().fit(_as_array(x), y if y is None else _labels(y), **kwargs)

    def evaluate(self, x=None, y=None, **kwargs):
        return super().evaluate(_as_array(x), y if y is None else _labels(y), **kwargs)

    def predict(self, x, **kwargs):
        return super().predict(_as_array(x), **kwargs)


def _as_array(texts):
    if isinstance(texts, str):
        texts = [texts]
    if isinstance(texts, (list, tuple)) and all(isinstance(text, str) for text in texts):
        return np.array(texts, dtype=object)
    return texts


def _labels(y):
    return np.asarray(y) if isinstance(y, (list, tuple)) else y
