"""Wording that messages and tables share."""

import textwrap
from collections.abc import Iterable
from difflib import get_close_matches


def closest(word: object, words: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The one of `words` that somebody who wrote `word` most likely meant.

    Args:
        word: what was written, a string or not.
        words: what there is.
        cutoff: how alike they have to be, from 0 to 1; less is right for a few very
            different words.

    Returns:
        One of `words`; None when all of them are too different.

    Example:

    >>> closest("ltsm", ["rnn", "gru", "lstm"])
    'lstm'
    """
    return next(iter(get_close_matches(str(word), words, n=1, cutoff=cutoff)), None)


def did_you_mean(word: object, words: Iterable[str], cutoff: float = 0.6) -> str:
    """A question to end a message with, the space before it included; empty without a guess.

    >>> did_you_mean("ltsm", ["rnn", "gru", "lstm"])
    " Did you mean 'lstm'?"
    """
    close = closest(word, words, cutoff)
    return f" Did you mean {close!r}?" if close else ""


def shown(value: object) -> str:
    """A value with its type, which tells 3 from "3".

    >>> print(shown("3"))
    '3' (str)
    """
    return f"{value!r} ({type(value).__name__})"


def shorten(text: str, width: int) -> str:
    """Text on one line, cut between words to fit.

    >>> shorten("words, and more words", 12)
    'words, and…'
    """
    return textwrap.shorten(text, width, placeholder="…")


def is_number(text: str) -> bool:
    """Whether a text is a number as Python writes one.

    >>> is_number("-1e3"), is_number("one")
    (True, False)
    """
    try:
        float(text)
    except ValueError:
        return False
    return True


def clipped(text: str, width: int = 200) -> str:
    """Text of at most `width` characters, cut anywhere.

    >>> clipped("0123456789", 5)
    '0123…'
    """
    return text if len(text) <= width else text[: width - 1] + "…"


def table(rows: Iterable[Iterable[str]]) -> str:
    """Rows of text as aligned columns.

    >>> print(table([("loss", "0.4"), ("accuracy", "0.8")]))
    loss      0.4
    accuracy  0.8
    """
    rows = [list(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows)]
    return "\n".join("  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip() for row in rows)


def three_lines(expected: str, received: str, to_do: str) -> str:
    """The three lines of a refusal.

    >>> print(three_lines("1 or more", "0", "give for example 8"))
    Expected: 1 or more.
    Received: 0.
    To do: give for example 8.
    """
    received = " ".join(line.strip() for line in received.splitlines())  # an array's repr has many
    lines = (f"Expected: {expected}", f"Received: {received}", f"To do: {to_do}")
    return "\n".join(line if line.endswith((".", "?", "…")) else f"{line}." for line in lines)
