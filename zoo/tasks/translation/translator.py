import keras
import numpy as np
import tensorflow as tf

from seqzoo.architectures.encoder_decoder import EncoderDecoder, shift
from seqzoo.decoding import beam_search
from seqzoo.tasks.pieces import END, START
from seqzoo.tasks.text_model import TextModel

MOST_PIECES = 128


@keras.saving.register_keras_serializable("seqzoo")
class BeforeTarget(keras.layers.Layer):
    """What the decoder is given in training: the pieces of the target, one step later.

    >>> BeforeTarget()(np.array([[7, 8, 3], [9, 3, 0]])).numpy()
    array([[2, 7, 8], [2, 9, 0]])
    """

    def call(self, targets):
        return shift(targets, START)


@keras.saving.register_keras_serializable("seqzoo")
class Translator(TextModel, EncoderDecoder):
    """An encoder-decoder from strings to strings.

    `fit` and `evaluate` take sources and targets, both strings; the decoder is then given the
    target up to the piece that it has to write next. `predict` takes sources and gives the
    translations, the likeliest piece one after the other; `search` gives those of a beam
    search. Its layers: `encoder`, with `source_pieces` in it, `target_pieces` and `decoder`.

    Example:

    >>> from seqzoo.tasks.translation import create_model
    >>> model = create_model(pairs=[("hand", "main"), ("hand", "main")], units=4)
    >>> model.predict(["hand"], verbose=0).shape
    (1,)
    """

    def fit(self, x=None, y=None, validation_data=None, **kwargs):
        if isinstance(validation_data, tuple):
            validation_data = tuple(map(_as_array, validation_data))
        return super().fit(x, _as_array(y), validation_data=validation_data, **kwargs)

    def evaluate(self, x=None, y=None, **kwargs):
        return super().evaluate(x, _as_array(y), **kwargs)

    def predict(self, x, **kwargs):
        return np.array([text.decode("utf-8") for text in super().predict(x, **kwargs)], dtype=object)

    def train_step(self, data):
        return super().train_step(self._teach(data))

    def test_step(self, data):
        return super().test_step(self._teach(data))

    def predict_step(self, data):
        source, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        return self.search(source, width=1)[:, 0]

    def _teach(self, data):
        source, target, weight = keras.utils.unpack_x_y_sample_weight(data)
        return [source, target], self.get_layer("target_pieces")(target), weight

    @tf.function(reduce_retracing=True)
    def search(self, sources, width=4, length_penalty=0.6, max_length=MOST_PIECES):
        """The best translations by beam search, in the graph.

        Args:
            sources: strings of shape `(batch,)`.
            width, length_penalty: see `seqzoo.decoding.beam_search`.
            max_length: how many pieces a translation has at most.

        Returns:
            Strings of shape `(batch, width)`, the best first.
        """
        tokens, _, _ = beam_search(
            self.step, self.start(sources), START, END, max_length, width, length_penalty
        )
        texts = self.get_layer("target_pieces").texts(tf.reshape(tokens, (-1, max_length)))
        return tf.reshape(texts, (-1, width))

    def alignment(self, sentence, translation=None):
        """Where the decoder looks while it writes a translation.

        Args:
            sentence: the source, a string.
            translation: the target; what `predict` gives when None.

        Returns:
            α of shape `(Ty, Tx)`; the Tx pieces of the source and the Ty of the target, both
            lists of strings that close with "end".

        Raises:
            ValueError: the model was built without attention.
        """
        if translation is None:
            translation = self.predict([sentence], verbose=0)[0]
        source, target = tf.constant([sentence]), tf.constant([translation])
        target_pieces = self.get_layer("target_pieces")
        α = self.attention([source, self.get_layer("before")(target_pieces(target))])[0].numpy()
        parts = (self.encoder.get_layer("source_pieces").split(source), target_pieces.split(target))
        return α, *([part.decode("utf-8") for part in parts[i][0].numpy()] + ["end"] for i in (0, 1))


def _as_array(texts):
    return np.array(texts, dtype=object) if isinstance(texts, (list, tuple)) else texts
