"""What can be foretold of tunes without a network."""

import collections
from collections.abc import Iterable

import numpy as np

from seqzoo import door

END_OF_TUNE = "\x03"  # the control character "end of text"


def frequencies_only(train: Iterable, test: Iterable) -> float:
    """The figure of the characters' frequencies alone, the same whatever came before.

    Args:
        train: batches from which they are counted, one more for each than there is.
        test: batches that they are to foretell.

    Returns:
        Nats per character; infinite where `test` has a character that `train` lacks.

    Example:

    >>> pairs = [(["reel"], ["AB"])]
    >>> round(frequencies_only(pairs, pairs), 4)  # A, B and the end are equally frequent: ln 3
    1.0986
    """
    expected, counted = (_count(part) for part in (train, test))
    share = {c: (n + 1) / (expected.total() + len(expected)) for c, n in expected.items()}
    if not counted.keys() <= share.keys():
        return float("inf")
    surprise = sum(-n * np.log(share[c]) for c, n in counted.items())
    return float(surprise / counted.total())


def _count(batches):
    tunes = (tune for _, batch in batches for tune in door.texts(batch, "a tune"))
    return collections.Counter(c for tune in tunes for c in tune + END_OF_TUNE)
