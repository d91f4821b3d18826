"""From sounds to frames, and from words to symbols and back."""

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import keras
import numpy as np

from seqzoo import door
from seqzoo.preprocessing.preprocessor import Preprocessor, lengths_of, pad
from seqzoo.tasks.speech import sounds, transcripts
from seqzoo.tasks.speech.log_mel import LogMel
from seqzoo.wording import clipped, did_you_mean

# A frame of nothing but this is padding. No sound has it: frames have mean 0 and variance 1 over
# the training sounds. A real frame of zeros is an average one, and counts.
PADDING = -1e4
DECODERS = ("ctc", "attention")


@keras.saving.register_keras_serializable("seqzoo")
class SpeechPreprocessor(Preprocessor):
    """Sounds → frames of mean 0 and variance 1; transcripts ↔ symbols.

    Symbol k is the word `labels[k - 1]`, 0 is the blank or padding, and with attention the one
    after the last word is the end, which also stands before the first word.

    Args:
        labels: the words, one or more.
        mean, variance: of each feature of the training frames.
        rate: samples in a second; None where sounds come as frames.
        decoder: `"ctc"` or `"attention"`, whose targets it makes.

    Example:

    >>> preprocessor = SpeechPreprocessor(["yes", "no"], mean=[1.0], variance=[4.0])
    >>> preprocessor.inputs(preprocessor.rows([[[5.0], [1.0]], [[3.0]]]))["frames"][:, :, 0]
    array([[ 2.e+00,  0.e+00],
           [ 1.e+00, -1.e+04]], dtype=float32)
    """

    target_rank = 2

    def __init__(
        self,
        labels: Any,
        mean: Sequence[float],
        variance: Sequence[float],
        rate: int | None = None,
        decoder: str = "ctc",
    ):
        super().__init__()
        self.labels = _word_names(labels)
        self.mean, self.variance = np.array(mean, "float32"), np.array(variance, "float32")
        self.rate, self.decoder = rate, decoder
        self.weighs_steps = decoder == "attention"
        self._log_mel = None if rate is None else LogMel(rate)
        self._symbols = {word: k for k, word in enumerate(self.labels, 1)}

    @classmethod
    def learn(cls, x: Any, labels: Any, rate: int | None = None, decoder: str = "ctc") -> "SpeechPreprocessor":
        """Learns mean and variance of the frames of training sounds.

        Raises:
            Refused: there is nothing to hear in them, or they are no sounds.
        """
        rate = _whole_rate(sounds.rate_of(x) if rate is None else rate)
        rows = sounds.frames(x) if rate is None else sounds.samples(x, rate)
        if not any(map(len, rows)):
            raise door.Refused(
                "training sounds to learn mean and variance from",
                f"{len(rows)} sounds without any",
                "give the sounds that the model will be trained on",
            )
        if rate is not None:
            log_mel = LogMel(rate)
            rows = [log_mel([row])[0] for row in rows]
        known = np.concatenate(rows, dtype="float64")
        variance = known.var(axis=0)
        return cls(labels, known.mean(axis=0).tolist(), np.where(variance > 0, variance, 1.0).tolist(), rate, decoder)

    @property
    def features(self) -> int:
        """How many numbers a frame has."""
        return len(self.mean)

    @property
    def end(self) -> int:
        """The symbol that ends a transcript with attention; before it stands the same as y⟨0⟩."""
        return len(self.labels) + 1

    def rows(self, x: Any) -> list[np.ndarray]:
        return sounds.frames(x, self.features) if self.rate is None else sounds.samples(x, self.rate)

    def target_rows(self, y: Any, rows: Sequence[np.ndarray]) -> list[list[str]]:
        """Transcripts in any form as lists of words, see `seqzoo.tasks.speech.transcripts`."""
        targets = transcripts.split(y)
        door.same_length(sounds=len(rows), transcripts=len(targets))
        for place, (words, sound) in enumerate(zip(targets, rows)):
            self._require_known(words, place)
            if self.decoder == "ctc":
                self._require_room(words, sound, place)
        return targets

    def inputs(self, rows: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
        frames = rows if self._log_mel is None else self._log_mel(rows)
        spread = np.sqrt(self.variance)
        return {"frames": pad([(x - self.mean) / spread for x in frames], PADDING, "float32")}

    def lengths(self, rows: Sequence[np.ndarray], targets: Any = None) -> np.ndarray:
        return lengths_of(rows)

    def training(
        self, rows: Sequence[np.ndarray], targets: Sequence[Sequence[str]]
    ) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Frames and symbols; with attention, symbols and the end, and the inputs hold what stands before each."""
        symbols = [[self._symbols[word] for word in words] for words in targets]
        if self.decoder == "ctc":
            return self.inputs(rows), pad(symbols, dtype="int64")
        before = pad([[self.end, *row] for row in symbols], dtype="int32")
        return {**self.inputs(rows), "before": before}, pad([[*row, self.end] for row in symbols], dtype="int64")

    def transcripts(self, symbols: Iterable[np.ndarray]) -> np.ndarray:
        """The transcripts that rows of symbols spell, an array of strings.

        >>> SpeechPreprocessor(["yes", "no"], [0.0], [1.0]).transcripts([[2, 1], []])
        array(['no yes', ''], dtype=object)
        """
        return np.array([" ".join(self.labels[symbol - 1] for symbol in row) for row in symbols], dtype=object)

    def get_config(self) -> dict:
        learned = {"mean": self.mean.tolist(), "variance": self.variance.tolist()}
        return {**super().get_config(), **learned, "rate": self.rate, "decoder": self.decoder}

    def _require_known(self, words, place):
        unknown = next((word for word in words if word not in self._symbols), None)
        if unknown is not None:
            raise door.Refused(
                f"the model's words, {clipped(', '.join(map(repr, self.labels)))}",
                f"{clipped(repr(unknown), 60)} in row {place}, {clipped(repr(' '.join(words)), 60)}",
                "give one of these, or name your words when you create the model: labels=[...]"
                + did_you_mean(unknown, self.labels),
            )

    def _require_room(self, words, sound, place):
        """Refuses what no path of CTC spells: a frame for each word, and a blank between two that are the same."""
        frames = len(sound) if self._log_mel is None else self._log_mel.count(len(sound))
        needed = len(words) + sum(a == b for a, b in itertools.pairwise(words))
        if needed > frames:
            raise door.Refused(
                f"sounds long enough for CTC to spell what is said in them, {needed} frames in row {place}",
                f"{frames} frames for {len(words)} words",
                'leave the row out, or create the model with decoder="attention"',
            )


def _word_names(labels):
    labels = door.label_names(labels, at_least=1)
    spaced = next((label for label in labels if label.split() != [label]), None)
    if spaced is not None:
        raise door.Refused(
            "words without spaces as labels, since spaces part the words of a transcript",
            clipped(repr(spaced)),
            'join its parts: "turn_left"',
        )
    return labels


def _whole_rate(rate):
    if rate is None:
        return None
    if not door.is_whole(rate) or rate < sounds.SLOWEST:
        raise door.Refused(
            f"rate to be samples in a second, a whole number from {sounds.SLOWEST}",
            clipped(repr(rate)),
            "give for example rate=16000; none where sounds come as frames",
        )
    return int(rate)
