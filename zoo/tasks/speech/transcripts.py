"""Transcripts as people have them, as lists of words."""

from typing import Any

import numpy as np

from seqzoo import door
from seqzoo.wording import clipped


def split(transcripts: Any) -> list[list[str]]:
    """The words of transcripts.

    Args:
        transcripts: a list, array, tensor or pandas Series of strings, words between spaces, or
            of lists of words; or a single string.

    Raises:
        Refused: a row is no transcript.

    Example:

    >>> split(["4 0", b"7", [1, 2], ""])
    [['4', '0'], ['7'], ['1', '2'], []]
    """
    return [_words(value, row) for row, value in enumerate(_listed(transcripts))]


def _listed(transcripts):
    if hasattr(transcripts, "to_numpy"):  # pandas
        transcripts = transcripts.to_numpy(dtype=object)
    transcripts = door.from_tensor(transcripts)
    if isinstance(transcripts, np.ndarray):
        transcripts = transcripts.tolist()
    return list(transcripts) if isinstance(transcripts, (list, tuple)) else [transcripts]


def _words(value, row):
    value = door.from_tensor(value)
    if isinstance(value, (str, bytes)):
        return door.texts([value], "a transcript")[0].split()
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool):
        return [str(value)]
    if isinstance(value, (list, tuple, np.ndarray)):
        return [word for part in value for word in _words(part, row)]
    raise door.Refused(
        "a transcript in every row, words between spaces",
        f"{clipped(repr(value), 60)} ({type(value).__name__}) in row {row}",
        'leave the row out, or write "" where nothing is said',
    )
