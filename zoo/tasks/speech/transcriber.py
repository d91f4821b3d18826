"""Models that write down what is said: by CTC, or with an encoder-decoder."""

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from seqzoo import door
from seqzoo.decoding import beam_search, compiled, ctc_decode
from seqzoo.pipeline import Pipeline
from seqzoo.task_model import TaskModel


class Transcriber(TaskModel):
    """From sounds to transcripts: what both ways of writing have in common.

    `fit` and `evaluate` take sounds, see `seqzoo.tasks.speech.sounds`, and transcripts: strings of
    the model's words between spaces, or lists of words.

    Example:

    >>> import seqzoo
    >>> model = seqzoo.create_model("speech", sounds=[np.ones((9, 4))], labels=["yes", "no"], units=4)
    >>> model.predict(np.ones((9, 4))).shape
    (1,)
    """

    default_max_length = math.inf  # words in a transcript, unless told otherwise

    @property
    def listener(self) -> keras.Model:
        """The part of the network that takes frames."""
        return self.network

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        beam_width: int = 1,
        max_length: int | None = None,
        verbose: Any = "auto",
    ) -> np.ndarray:
        """Writes down what is said.

        Args:
            x: sounds, a single one, or a stream of batches, with transcripts or without.
            batch_size: sounds at a time, 32 by default.
            beam_width: of the search for the likeliest words; 1 takes what is likeliest at each step.
            max_length: words in a transcript, at most; with attention 32 by default, with CTC as
                many as are heard. A warning says how many transcripts were cut.
            verbose: as in `keras.Model.predict`, without an effect.

        Returns:
            Array of strings, a transcript for each sound. Of silence, an empty one.

        Raises:
            Refused: something is no sound, or a limit is below 1.
        """
        limit = self.default_max_length if max_length is None else max_length
        for name, value in (("beam_width", beam_width), ("max_length", max_length)):
            if value is not None:
                door.natural(name, value, 8)
        pipeline = Pipeline(self.listener, self.preprocessor)
        rows = pipeline.each(lambda frames: self._written(frames, beam_width, limit), x, batch_size)
        cut = sum(len(row) > limit for row in rows)
        if cut:
            door.warn(
                f"transcripts of at most max_length={limit} words",
                f"{cut} of {len(rows)} that go on, and are cut there",
                "give a larger max_length, or train the model longer",
                stacklevel=2,
            )
        return self.preprocessor.transcripts(row[:limit] if len(row) > limit else row for row in rows)

    def answer(
        self, x: Any, beam_width: int = 8, max_length: int | None = None, batch_size: int | None = None
    ) -> list[str]:
        """The transcript of each sound; arguments as in `predict`."""
        return self.predict(x, batch_size, beam_width, max_length).tolist()

    def symbols(self, frames: Any, beam_width: int, max_length: int) -> Any:
        """Symbols of shape `(batch, time)` for frames of shape `(batch, time, features)`."""
        raise NotImplementedError

    def _written(self, frames, beam_width, max_length):
        """The symbols of words of each row, one more than `max_length` where it goes on."""
        symbols = ops.convert_to_numpy(self.symbols(frames, beam_width=beam_width, max_length=max_length))
        return [row[(row > 0) & (row <= len(self.labels))] for row in symbols]


@keras.saving.register_keras_serializable("seqzoo")
class CTCTranscriber(Transcriber):
    """A many-to-many network whose outputs are words or blanks, trained with CTC.

    Example:

    >>> import seqzoo
    >>> sounds = [np.ones((9, 4)), np.ones((7, 4))]
    >>> model = seqzoo.create_model("speech", sounds=sounds, labels=["yes", "no"], units=4)
    >>> history = model.fit(sounds, ["yes no", "no"], verbose=0)
    >>> len(model.answer(sounds))
    2
    """

    @compiled
    def symbols(self, frames, beam_width=1, max_length=math.inf):
        return ctc_decode(self.network(frames, training=False), beam_width)[0]


@keras.saving.register_keras_serializable("seqzoo")
class AttentionTranscriber(Transcriber):
    """An encoder-decoder that writes one word after the other, and an end.

    Example:

    >>> import seqzoo
    >>> sounds = [np.ones((9, 4)), np.ones((7, 4))]
    >>> options = dict(sounds=sounds, labels=["yes", "no"], decoder="attention", units=4)
    >>> model = seqzoo.create_model("speech", **options)
    >>> history = model.fit(sounds, ["yes no", "no"], verbose=0)
    >>> α, words = model.alignment(sounds[0], "yes no")
    >>> α.shape, words
    ((3, 9), ['yes', 'no', 'end'])
    """

    default_max_length = 32

    @property
    def listener(self) -> keras.Model:
        return self.network.encoder

    @compiled
    def symbols(self, frames, beam_width=1, max_length=default_max_length):
        states, end = self.network.start(frames), self.preprocessor.end
        tokens = beam_search(self.network.step, states, end, end, max_length + 1, beam_width)[0][:, 0]
        heard = ops.any(states[1], axis=1, keepdims=True)  # the steps that count
        return ops.where(heard, tokens, 0)

    def alignment(self, sound: Any, transcript: Any = None) -> tuple[np.ndarray, list[str]]:
        """Where the decoder listens while it writes: α of shape `(Ty, Tx)`, and its Ty words.

        Args:
            sound: a single one.
            transcript: what is said in it; what `predict` gives when None.
        """
        transcript = self.predict(sound) if transcript is None else [transcript]
        rows = self.preprocessor.rows(sound)
        targets = self.preprocessor.target_rows(transcript, rows)
        inputs, _ = self.preprocessor.training(rows, targets)
        α = self.network.attention([inputs["frames"], inputs["before"]])[0]
        words, (steps,) = [*targets[0], "end"], self.preprocessor.lengths(rows)
        return ops.convert_to_numpy(α)[: len(words), :steps], words
