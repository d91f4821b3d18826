"""How good transcripts are."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from seqzoo import door
from seqzoo.extras import import_extra
from seqzoo.pipeline import labelled
from seqzoo.tasks.speech.transcripts import split

if TYPE_CHECKING:
    from seqzoo.tasks.speech.transcriber import Transcriber


def score(model: "Transcriber", batches: Iterable, beam_width: int = 8) -> dict[str, float]:
    """How good a model's transcripts are.

    Args:
        model: a `Transcriber`.
        batches: pairs (sounds, transcripts), gone through once.
        beam_width: see `Transcriber.predict`.

    Returns:
        Dictionary of `exact` and `word_error_rate`, see `compare`.

    Raises:
        MissingExtraError: jiwer is not installed; it comes with `seqzoo[notebooks]`.

    Example:

    >>> import numpy as np, seqzoo
    >>> model = seqzoo.create_model("speech", sounds=[np.ones((9, 4))], labels=["yes", "no"], units=2)
    >>> sorted(score(model, [([np.ones((9, 4))], ["yes"])]))
    ['exact', 'word_error_rate']
    """
    pairs = labelled(batches)
    return compare(model.predict(iter(pairs), beam_width=beam_width), transcripts(pairs))


def transcripts(batches: Iterable) -> list[str]:
    """The true transcripts of batches.

    >>> transcripts([(None, ["yes no", "no"]), (None, [b"yes"])])
    ['yes no', 'no', 'yes']
    """
    return [" ".join(words) for _, batch in batches for words in split(batch)]


def compare(written: Sequence[str], truth: Sequence[str]) -> dict[str, float]:
    """Compares transcripts with what was said.

    Args:
        written: transcripts.
        truth: what was said, one for each.

    Returns:
        Dictionary of `exact`, the share that is right as a whole, and `word_error_rate`: how
        many words must be replaced, left out or added, for each word that was said (jiwer's).

    Raises:
        Refused: there are none, or of different lengths, or nothing was said.
        MissingExtraError: jiwer is not installed; it comes with `seqzoo[notebooks]`.

    Example:

    >>> compare(["4 0 7", "1 1"], ["4 0 7", "1 2"])
    {'exact': 0.5, 'word_error_rate': 0.2}
    """
    written, truth = list(written), list(truth)
    door.same_length(transcripts=len(written), truths=len(truth))
    if not any(line.split() for line in truth):
        raise door.Refused("words that were said", f"{len(truth)} transcripts without any", "give the true transcripts")
    jiwer = import_extra("jiwer")
    return {
        "exact": sum(w == t for w, t in zip(written, truth)) / len(truth),
        "word_error_rate": float(jiwer.wer(truth, written)),
    }
