"""The model of the translation task."""

from typing import Any

import keras
import numpy as np
from keras import ops

from seqzoo.decoding import beam_search, compiled
from seqzoo.writer import Writer


@keras.saving.register_keras_serializable("seqzoo")
class Translator(Writer):
    """From sentences to sentences, by an encoder-decoder.

    `fit` and `evaluate` take sources and targets, both strings; the decoder is then given the
    target up to the token that it has to write next. `predict` writes the likeliest token one
    after the other; `answer` and `search` search with beams. `network` has the `encoder` and
    the `decoder`.

    Example:

    >>> import seqzoo
    >>> model = seqzoo.create_model("translation", pairs=[("hand", "main")], units=4)
    >>> len(model.answer(["hand", "a hand"], beam_width=2, max_length=20))
    2
    """

    @property
    def reader(self) -> keras.Model:
        return self.network.encoder

    def answer(
        self,
        x: Any,
        beam_width: int = 4,
        length_penalty: float = 0.6,
        max_length: int = 128,
        batch_size: int = 128,
    ) -> list[str]:
        """Translates sentences: the best of a beam search.

        Args:
            x: sources, a single one, or a stream of batches.
            beam_width: how many beams; 1 writes the likeliest token each time.
            length_penalty: 0 prefers short translations, 1 much less so.
            max_length: how many tokens a translation has at most. A warning says how many were
                cut.
            batch_size: how many sentences to search for at a time.

        Returns:
            List of strings, a translation for each source.

        Raises:
            Refused: a source is no string, or a limit is no limit.
        """
        beams = self._beams(x, beam_width, length_penalty, max_length, batch_size)
        best = [rows[0] for rows in beams]
        self._warn_of_cut(best, max_length)
        return self._spelled(best, max_length).tolist()

    def search(
        self,
        x: Any,
        beam_width: int = 4,
        length_penalty: float = 0.6,
        max_length: int = 128,
        batch_size: int = 128,
    ) -> np.ndarray:
        """All beams of the search of `answer`.

        Args:
            x, beam_width, length_penalty, max_length, batch_size: as in `answer`.

        Returns:
            Array of strings, shape `(sources, beam_width)`, the best first.

        Raises:
            Refused: a source is no string, or a limit is no limit.
        """
        beams = self._beams(x, beam_width, length_penalty, max_length, batch_size)
        self._warn_of_cut([rows[0] for rows in beams], max_length)
        texts = self._spelled([row for rows in beams for row in rows], max_length)
        return texts.reshape(len(beams), beam_width)

    def alignment(self, source: str, translation: str | None = None) -> tuple[np.ndarray, list[str], list[str]]:
        """Where the decoder looks while it writes a translation.

        Args:
            source: a sentence.
            translation: the target; what `predict` gives when None.

        Returns:
            α of shape `(Ty, Tx)`; the Tx tokens of the source and the Ty of the target, both
            lists of strings that close with "end".

        Raises:
            ValueError: the model was built without attention.
        """
        preprocessor = self.preprocessor
        rows = preprocessor.rows(source)
        targets = preprocessor.target_rows(self.predict(rows) if translation is None else translation, rows)
        inputs, _ = preprocessor.training(rows, targets)
        α = self.network.attention([inputs["source"], inputs["before"]])
        sides = ((preprocessor.source, rows), (preprocessor.target, targets))
        read, written = ([*tokenizer.split(texts)[0], "end"] for tokenizer, texts in sides)
        return ops.convert_to_numpy(α)[0, : len(written), : len(read)], read, written

    def _beams(self, x, beam_width, length_penalty, max_length, batch_size):
        settings = dict(beam_width=beam_width, length_penalty=length_penalty, max_length=self._at_most(max_length))
        return self._written(x, lambda source: self._search(source, **settings), batch_size)

    @compiled
    def _search(self, source: Any, beam_width: int, length_penalty: float, max_length: int) -> Any:
        """Ids of shape `(sources, beam_width, max_length + 1)`, the end included."""
        start, end = self.preprocessor.start, self.preprocessor.end
        states = self.network.start(source)
        return beam_search(self._step, states, start, end, max_length + 1, beam_width, length_penalty=length_penalty)[0]
