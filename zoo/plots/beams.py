"""The picture of a search: which beginnings were looked at, and which were kept."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from seqzoo.plots.series import COLOURS
from seqzoo.plots.text import text_is_text


@text_is_text
def plot_beams(searches: Mapping[str, Sequence[tuple[str, float, bool]]]) -> Figure:
    """Draws searches side by side, each as a tree that grows to the right.

    Args:
        searches: from a title to the beginnings that a search looked at, in any order: the
            symbols so far, a letter each; their probability together; and whether it kept them.

    Returns:
        `matplotlib.figure.Figure`: beginnings that were kept on coloured boxes and lines, those
        that were dropped on white ones with broken lines.

    Example:

    >>> figure = plot_beams({"width 1": [("A", 0.6, True), ("B", 0.4, False), ("AC", 0.33, True)]})
    >>> [text.get_text() for text in figure.axes[0].texts if text.get_text()]
    ['start', 'A\\n0.60', 'B\\n0.40', 'AC\\n0.33']
    """
    everywhere = sorted({y for steps in searches.values() for y, _, _ in steps})
    heights = _heights(everywhere)
    deepest = max(map(len, everywhere))
    figure, axes = plt.subplots(
        1, len(searches), figsize=(4.2 * len(searches), 0.7 + 0.62 * len(everywhere)), squeeze=False,
        layout="constrained",
    )  # fmt: skip
    for axis, (title, steps) in zip(axes[0], searches.items()):
        _node(axis, "start", 0, heights[""], True)
        for y, p, kept in steps:
            begin, end = (len(y) - 1, heights[y[:-1]]), (len(y), heights[y])
            style = dict(color=COLOURS[0], linewidth=2) if kept else dict(color="0.6", linestyle="--", linewidth=1)
            axis.annotate("", end, begin, arrowprops=dict(arrowstyle="-", **style), zorder=1)
            _node(axis, f"{y}\n{p:.2f}", *end, kept)
        axis.set(title=title, xlim=(-0.4, deepest + 0.4), ylim=(min(heights.values()) - 0.7, 0.7))
        axis.axis("off")
    plt.close(figure)
    return figure


def _heights(beginnings):
    """Leaves below each other; what goes on stands in the middle of what follows it."""
    leaves = [y for y in beginnings if not any(other != y and other.startswith(y) for other in beginnings)]
    found = {y: -float(place) for place, y in enumerate(leaves)}
    for y in sorted({"", *beginnings} - set(leaves), key=len, reverse=True):
        after = [height for other, height in found.items() if len(other) == len(y) + 1 and other.startswith(y)]
        found[y] = sum(after) / len(after)
    return found


def _node(axis, text, x, y, kept):
    box = dict(boxstyle="round,pad=0.3", fc="#cfe2f3" if kept else "white", ec="black" if kept else "0.6")
    axis.text(x, y, text, ha="center", va="center", bbox=box, color="black" if kept else "0.4", zorder=3)
