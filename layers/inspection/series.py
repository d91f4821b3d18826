"""Colours, marks and lines that tell series apart, for colour-blind readers and on paper too."""

from typing import Any

# Okabe and Ito (2008), without the yellow, which is too pale for lines.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9", "#000000")
MARKS = ("o", "s", "^", "D", "v", "P", "X")
LINES = ("-", "--", "-.", ":")


def series(place: int) -> dict[str, Any]:
    """The colour, the mark and the line of a series, as matplotlib's `plot` takes them.

    Args:
        place: of the series among all of them, from 0.

    Example:

    >>> series(0)
    {'color': '#0072B2', 'marker': 'o', 'linestyle': '-'}
    """
    return {
        "color": COLOURS[place % len(COLOURS)],
        "marker": MARKS[place % len(MARKS)],
        "linestyle": LINES[place % len(LINES)],
    }
