"""Keras models that take sound and write words: by CTC, or with an encoder-decoder."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from seqzoo.architectures.encoder_decoder import EncoderDecoder, shift
from seqzoo.decoding import beam_search, ctc_decode
from seqzoo.words import did_you_mean


@keras.saving.register_keras_serializable("seqzoo")
class Transcriber(keras.Model):
    """What both ways have in common: sounds in, words out.

    `fit` and `evaluate` take batches of sounds and symbols, as
    `seqzoo.tasks.speech.batches` gives them; or a list of sounds, of any lengths, and a list
    of transcripts, words between spaces. `predict` gives transcripts.

    A sound is an array of shape `(time, ...)`; shorter ones are filled up with zeros, which are
    padding. Symbol k is the word `labels[k - 1]`, 0 is padding. `labels` is saved with the
    model.
    """

    labels = ()
    longest = 32  # words in a transcript, at most

    def fit(self, x=None, y=None, validation_data=None, **kwargs):
        if isinstance(validation_data, (list, tuple)):
            sounds, transcripts, *weights = validation_data
            validation_data = (pad(sounds), self.symbols(transcripts), *weights)
        return super().fit(pad(x), self.symbols(y), validation_data=validation_data, **kwargs)

    def evaluate(self, x=None, y=None, **kwargs):
        return super().evaluate(pad(x), self.symbols(y), **kwargs)

    def predict(self, x, batch_size=32, width=1, verbose=0):
        """Writes down what is said.

        Args:
            x: list or array of sounds, or batches, with symbols or without.
            batch_size: sounds at a time, where they are not in batches already.
            width: beams of the search for the likeliest words; 1 takes what is likeliest at
                each step.
            verbose: unused.

        Returns:
            Array of strings, shape `(sounds,)`.
        """
        # One batch at a time: Keras joins batches only where their sounds have one length.
        if isinstance(x, tf.data.Dataset):
            batches = (batch[0] if isinstance(batch, tuple) else batch for batch in x)
        else:
            batches = (pad(x[i : i + batch_size]) for i in range(0, len(x), batch_size))
        written = [self.transcribe(tf.cast(batch, "float32"), width).numpy() for batch in batches]
        return np.array([self.words(row) for part in written for row in part], dtype=object)

    def words(self, symbols):
        """A transcript from symbols: integers of shape `(time,)`."""
        return " ".join(self.labels[symbol - 1] for symbol in np.asarray(symbols) if symbol > 0)

    def symbols(self, transcripts):
        """Symbols from transcripts: int32 of shape `(batch, Ty)`; what are symbols already stays."""
        if transcripts is None or getattr(transcripts, "dtype", np.dtype(object)) != object:
            return transcripts
        rows = [transcript.split() for transcript in transcripts]
        unknown = [word for row in rows for word in row if word not in self.labels]
        if unknown:
            raise ValueError(
                f"Expected transcripts of the model's words, {', '.join(map(repr, self.labels))}. "
                f"Received: {unknown[0]!r}.{did_you_mean(unknown[0], self.labels)} Give the model its "
                "labels when you create it."
            )
        place = {word: k for k, word in enumerate(self.labels, 1)}
        return pad([np.array([place[word] for word in row], "int32") for row in rows])

    def get_config(self):
        return {**super().get_config(), "labels": self.labels}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        config = dict(config)
        labels = config.pop("labels", ())
        model = super().from_config(config, custom_objects)
        model.labels = tuple(labels)
        return model


@keras.saving.register_keras_serializable("seqzoo")
class CTCTranscriber(Transcriber):
    """A many-to-many network whose outputs are words or blanks, trained with CTC.

    Example:

    >>> from seqzoo.tasks.speech import create_model
    >>> model = create_model(sounds=[np.ones((9, 4)), np.zeros((7, 4))], labels=["yes", "no"], units=4)
    >>> history = model.fit([np.ones((9, 4)), np.zeros((7, 4))], ["yes no", "no"], verbose=0)
    >>> model.predict([np.ones((9, 4))]).shape
    (1,)
    """

    @tf.function(reduce_retracing=True)
    def transcribe(self, sounds, width=1):
        """Symbols of shape `(batch, Tx)`, from sounds of shape `(batch, time, ...)`."""
        return ctc_decode(self(sounds, training=False), width)[0]


@keras.saving.register_keras_serializable("seqzoo")
class AttentionTranscriber(Transcriber, EncoderDecoder):
    """An encoder-decoder that writes one word after the other, and an end.

    Example:

    >>> from seqzoo.tasks.speech import create_model
    >>> sounds = [np.ones((9, 4)), np.ones((7, 4))]
    >>> model = create_model(sounds=sounds, labels=["yes", "no"], decoder="attention", units=4)
    >>> history = model.fit(sounds, ["yes no", "no"], verbose=0)
    >>> model.predict(sounds[:1]).shape
    (1,)
    """

    @property
    def end(self):
        """The symbol that ends a transcript; before it stands the same as y⟨0⟩."""
        return len(self.labels) + 1

    def train_step(self, data):
        return super().train_step(self._teach(data))

    def test_step(self, data):
        return super().test_step(self._teach(data))

    @tf.function(reduce_retracing=True)
    def transcribe(self, sounds, width=1):
        """Symbols of shape `(batch, longest)`, from sounds of shape `(batch, time, ...)`."""
        tokens, _, _ = beam_search(self.step, self.start(sounds), self.end, self.end, self.longest, width)
        return tf.where(tokens[:, 0] == self.end, 0, tokens[:, 0])

    def alignment(self, sound, transcript=None):
        """Where the decoder listens while it writes: α of shape `(Ty, Tx)`, and its Ty words.

        Args:
            sound: one, shape `(time, ...)`.
            transcript: words; what `predict` gives when None.
        """
        transcript = self.predict([sound])[0] if transcript is None else transcript
        target = with_end(self.symbols([transcript]), self.end)
        α = self.attention([tf.convert_to_tensor(sound)[None], shift(target, self.end)])[0].numpy()
        return α, [*transcript.split(), "end"]

    def _teach(self, data):
        sounds, symbols, weight = keras.utils.unpack_x_y_sample_weight(data)
        target = with_end(symbols, self.end)
        return [sounds, shift(target, self.end)], target, weight


def with_end(symbols, end):
    """Writes the end after each row.

    >>> with_end(np.array([[4, 2], [3, 0]]), end=9).numpy()
    array([[4, 2, 9],
           [3, 9, 0]], dtype=int32)
    """
    symbols = ops.pad(ops.cast(symbols, "int32"), [[0, 0], [0, 1]])
    length = ops.sum(ops.cast(symbols > 0, "int32"), axis=1)
    return ops.where(ops.arange(ops.shape(symbols)[1]) == length[:, None], end, symbols)


@keras.saving.register_keras_serializable("seqzoo")
class BlankPadding(keras.layers.Layer):
    """Logits in which padding says the blank, 0, for certain: CTC then needs no mask.

    Example:

    >>> logits = np.ones((1, 3, 2), "float32")
    >>> BlankPadding()(logits, mask=np.array([[True, True, False]])).numpy()[0]
    array([[ 1.e+00,  1.e+00],
           [ 1.e+00,  1.e+00],
           [ 0.e+00, -1.e+09]], dtype=float32)
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, logits, mask=None):
        if mask is None:
            return logits
        blank = ops.where(ops.arange(logits.shape[-1]) == 0, 0.0, -1e9)
        return ops.where(mask[..., None], logits, ops.cast(blank, logits.dtype))

    def compute_mask(self, logits, mask=None):
        return None

    def compute_output_shape(self, shape):
        return shape


def pad(rows):
    """One array of arrays of different lengths, zeros after their ends; anything else as it is.

    >>> pad([np.ones(1), np.ones(3)])
    array([[1., 0., 0.],
           [1., 1., 1.]], dtype=float32)
    """
    if not isinstance(rows, (list, tuple)):
        return rows
    rows = [np.asarray(row) for row in rows]
    time = max(len(row) for row in rows)
    padded = np.stack([np.pad(row, [(0, time - len(row)), *[(0, 0)] * (row.ndim - 1)]) for row in rows])
    return padded.astype("int32" if padded.dtype.kind in "iu" else "float32")


def trim(sound):
    """A sound without the padding after its end.

    >>> trim(np.array([0.0, 3.0, 0.0, 0.0]))
    array([0., 3.])
    """
    heard = np.flatnonzero(np.reshape(sound, (len(sound), -1)).any(axis=1))
    return sound[: heard[-1] + 1] if len(heard) else sound[:0]
