"""A model that writes texts."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from seqzoo import door
from seqzoo.decoding import compiled, generate, greedy
from seqzoo.pipeline import Pipeline
from seqzoo.preprocessing.preprocessor import pad
from seqzoo.task_model import TaskModel


class Writer(TaskModel):
    """From raw examples to texts, one token after the other: the model of translation and music.

    Its network reads an example by `start` and writes a token by `step`, see `seqzoo.decoding`.
    Its preprocessor has the ids `start` and `end` of a text, those `never_written`, and `texts`
    to spell what was written.

    Example:

    >>> import seqzoo
    >>> model = seqzoo.create_model("translation", pairs=[("hand", "main")], units=4)
    >>> model.predict(["hand", "a hand"], max_length=5).shape
    (2,)
    """

    default_max_length = 128  # tokens of a text, unless told otherwise

    @property
    def reader(self) -> keras.Model:
        """The part of the network that reads an example, whose input `start` takes."""
        raise NotImplementedError

    def predict(
        self, x: Any, batch_size: int = 128, max_length: int | None = None, verbose: Any = "auto"
    ) -> np.ndarray:
        """Writes texts, the likeliest token one after the other.

        Args:
            x: raw examples, a single one, or a stream of batches.
            batch_size: how many texts to write at a time.
            max_length: how many tokens a text has at most. A warning says how many were cut.
                128 by default; 1500 characters for music.
            verbose: as in `keras.Model.predict`, without an effect.

        Returns:
            Array of strings, a text for each example.

        Raises:
            Refused: an example is not what the task takes.
        """
        max_length = self._at_most(self.default_max_length if max_length is None else max_length)
        rows = self._written(x, lambda inputs: self._texts(inputs, max_length=max_length, sampler=greedy), batch_size)
        self._warn_of_cut(rows, max_length)
        return self._spelled(rows, max_length)

    def logits(self, x: Any, y: Any = None, batch_size: int = 32) -> np.ndarray:
        """What the network thinks of each next token of texts that are given.

        Args:
            x: raw examples, or a stream of batches (x, y).
            y: their texts.
            batch_size: how many to read at a time.

        Returns:
            Shape `(texts, steps, ids)`; after a text's end, numbers without a meaning.

        Raises:
            Refused: an example or a text is not what the task takes.
        """
        pipeline = self._pipeline
        batches = pipeline.batches(x, y, batch_size=batch_size)
        rows, longest = [], 1
        with pipeline.plain_errors():
            for inputs, targets, *_ in batches.as_numpy_iterator():
                rows += list(self.predict_on_batch(inputs))
                longest = max(longest, *np.count_nonzero(targets, axis=1))
        return pad(rows)[:, :longest]  # on JAX batches are padded further

    def _written(self, x: Any, write: Callable, batch_size: int) -> list[np.ndarray]:
        """The ids of each example's text, or texts, by a function from the reader's inputs."""
        ids = lambda inputs: ops.convert_to_numpy(write(inputs))
        return Pipeline(self.reader, self.preprocessor).each(ids, x, batch_size)

    @compiled
    def _texts(self, inputs: Any, max_length: int, sampler: Callable) -> Any:
        """Ids of shape `(texts, max_length + 1)`, the end included."""
        start, end = self.preprocessor.start, self.preprocessor.end
        return generate(self._step, self.network.start(inputs), start, end, max_length + 1, sampler)[0]

    def _step(self, tokens, states):
        logits, states = self.network.step(tokens, states)
        never = np.isin(np.arange(logits.shape[-1]), self.preprocessor.never_written)
        return ops.where(never, -float("inf"), logits), states

    def _at_most(self, max_length):
        return door.natural("max_length", max_length, self.default_max_length)

    def _spelled(self, rows, max_length):
        """The texts of ids; the one beyond max_length was to tell whether a text ends there."""
        return self.preprocessor.texts([row[:max_length] for row in rows])

    def _ended(self, rows: Sequence[np.ndarray]) -> np.ndarray:
        return np.array([self.preprocessor.end in row for row in rows], bool)

    def _warn_of_cut(self, rows, max_length):
        cut = int((~self._ended(rows)).sum())
        if cut:
            door.warn(
                f"texts that come to an end within max_length={max_length} tokens",
                f"{cut} of {len(rows)} that do not, and are cut there",
                "give a larger max_length, or train the model longer",
                stacklevel=3,
            )
