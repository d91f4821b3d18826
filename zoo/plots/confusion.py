"""What was taken for what."""

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from seqzoo.plots.text import text_is_text


@text_is_text
def plot_confusion(truth: Any, predicted: Any, labels: Sequence[str]) -> Figure:
    """Draws how often each true label was taken for each label.

    Args:
        truth: integers of shape `(examples,)`.
        predicted: integers of shape `(examples,)`.
        labels: the labels' names.

    Returns:
        `matplotlib.figure.Figure`.

    Example:

    >>> len(plot_confusion([0, 1, 1], [0, 1, 0], ["negative", "positive"]).axes[0].texts)
    4
    """
    counts = np.zeros((len(labels), len(labels)), int)
    np.add.at(counts, (np.asarray(truth, int), np.asarray(predicted, int)), 1)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    size = 2.4 + 0.7 * len(labels)
    figure, axis = plt.subplots(figsize=(size, size), layout="constrained")
    axis.imshow(share, cmap="Blues", vmin=0, vmax=1)
    many = len(labels) > 5  # then the names would run into each other
    axis.set_xticks(range(len(labels)), labels, rotation=90 if many else 0)
    axis.set_yticks(range(len(labels)), labels, rotation=0 if many else 90, va="center")
    axis.set(xlabel="predicted", ylabel="true")
    for (row, column), count in np.ndenumerate(counts):
        if many and not count:
            continue
        colour = "white" if share[row, column] > 0.5 else "black"
        axis.text(column, row, f"{count}\n{share[row, column]:.0%}", ha="center", va="center", color=colour)
    plt.close(figure)
    return figure
