"""How often a model is right, by what its examples are like."""

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from seqzoo.door import finite
from seqzoo.plots.series import COLOURS
from seqzoo.plots.text import text_is_text


@text_is_text
def plot_right_by(right: Any, by: Mapping[str, Any], most: int = 5) -> Figure:
    """Draws the share of answers that are right, in groups of like examples.

    The bars are 95 % intervals (Wilson 1927): where they are wide or overlap, the examples are too few to say.

    Args:
        right: whether each answer is right, shape `(examples,)`.
        by: what examples are like: names, each with numbers of shape `(examples,)`, such as lengths.
        most: how many groups, of about as many examples each.

    Returns:
        `matplotlib.figure.Figure`.

    Example:

    >>> figure = plot_right_by([True, True, False, True], {"words": [3, 3, 9, 4]}, most=2)
    >>> [label.get_text() for label in figure.axes[0].get_xticklabels()]
    ['3\\nof 2', '4 to 9\\nof 2']
    """
    right = np.asarray(right, bool)
    figure, axes = plt.subplots(
        1, len(by), figsize=(4.5 * len(by), 3), sharey=True, squeeze=False, layout="constrained"
    )
    for axis, (name, values) in zip(axes[0], by.items()):
        names, shares, lower, upper = zip(*(_group(*group) for group in groups(right, values, most)))
        below, above = np.subtract(shares, lower), np.subtract(upper, shares)
        axis.errorbar(range(len(names)), shares, [below, above], fmt="o", capsize=4, color=COLOURS[0])
        axis.axhline(right.mean(), color=COLOURS[1], linestyle="--", linewidth=1)
        axis.set_xticks(range(len(names)), names)
        axis.set(xlabel=name, xlim=(-0.5, len(names) - 0.5))
    axes[0, 0].set_ylabel("share that is right")
    plt.close(figure)
    return figure


def groups(right: Any, values: Any, most: int = 5) -> list[tuple[np.ndarray, np.ndarray]]:
    """Examples of like values together: (right, values) of each group, the lowest first; equal values are never apart.

    Raises:
        Refused: a value is nan or infinity.

    Example:

    >>> [values.tolist() for _, values in groups([1, 1, 0, 1], [0, 0, 0, 7], most=4)]
    [[0, 0, 0], [7]]
    """
    right, values = np.asarray(right, bool), finite(np.asarray(values), "what examples are like")
    inner = np.unique(np.quantile(values, np.linspace(0, 1, most + 1)[1:-1], method="higher"))
    place = np.searchsorted(inner[inner > values.min()], values, side="right")
    return [(right[place == group], values[place == group]) for group in np.unique(place)]


def interval(right: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's interval of a share: where the share of all such examples lies, 95 times of a hundred.

    Example:

    >>> [round(float(end), 3) for end in interval(9, 10)]
    [0.596, 0.982]
    """
    p, n = right / of, of
    middle, half = p + z**2 / (2 * n), z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return (middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n)


def _group(right, values):
    short = lambda value: f"{value:,.0f}" if value == round(value) else f"{value:.3g}"
    least, most = short(float(values.min())), short(float(values.max()))
    name = least if least == most else f"{least} to {most}"
    return f"{name}\nof {len(right)}", right.mean(), *interval(right.sum(), len(right))
