"""From sentences in any form to lists of tokens."""

from typing import Any

import numpy as np

from seqzoo import door
from seqzoo.wording import clipped


def tokens_of(sentences: Any) -> list[list[str]]:
    """The tokens of sentences: what stands between white space, Unicode's.

    Args:
        sentences: a string, or a list, array, tensor or pandas Series of strings; a sentence
            may be a list of its tokens too.

    Raises:
        Refused: something is no sentence, or a token is empty or holds white space.

    Example:

    >>> tokens_of(["12  Elm St", ["St.", "Louis"], ""])
    [['12', 'Elm', 'St'], ['St.', 'Louis'], []]
    >>> tokens_of([["St. Louis"]])
    Traceback (most recent call last):
    seqzoo.door.Refused: Expected: tokens without white space, and none empty.
    Received: 'St. Louis' in row 0, token 0.
    To do: split it, or join its parts; or give the sentence as one string.
    """
    if hasattr(sentences, "to_list"):  # a pandas Series, or a ragged tensor
        sentences = sentences.to_list()
    sentences = door.from_tensor(sentences)
    if isinstance(sentences, np.ndarray) and sentences.ndim == 2 and sentences.shape[1] != 1:
        sentences = list(sentences)  # of their tokens, as many in each
    return [_tokens(sentence, row) for row, sentence in enumerate(door.column(sentences))]


def _tokens(sentence, row):
    if not isinstance(sentence, (list, tuple, np.ndarray)):
        if not isinstance(sentence, (str, bytes)):
            raise door.Refused(
                "a sentence in every row, a string or a list of tokens",
                f"{clipped(repr(sentence))} ({type(sentence).__name__}) in row {row}",
                'leave the row out, or write "" for an empty sentence',
            )
        return door.texts([sentence])[0].split()
    tokens = [door.texts([token])[0] if isinstance(token, (str, bytes)) else token for token in sentence]
    for place, token in enumerate(tokens):
        if not isinstance(token, str) or token.split() != [token]:
            raise door.Refused(
                "tokens without white space, and none empty",
                f"{clipped(repr(token))} in row {row}, token {place}",
                "split it, or join its parts; or give the sentence as one string",
            )
    return tokens
