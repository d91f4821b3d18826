"""How training went."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from seqzoo.plots.series import series


def plot_curves(history: Mapping[str, Sequence[float]], metric: str = "accuracy") -> Figure:
    """Draws loss and metric over the epochs, training beside validation.

    Args:
        history: the dictionary of a Keras `History`, `model.fit(...).history`.
        metric: the metric's name in it; left out where the model has none of this name.

    Returns:
        `matplotlib.figure.Figure`.

    Example:

    >>> history = {k: [0.6, 0.5] for k in ("loss", "val_loss", "accuracy", "val_accuracy")}
    >>> len(plot_curves(history).axes)
    2
    """
    names = [name for name in ("loss", metric) if name in history]
    size = (4.5 * len(names), 3.2)
    figure, axes = plt.subplots(1, len(names), figsize=size, squeeze=False, layout="constrained")
    for axis, name in zip(axes[0], names):
        epochs = np.arange(1, len(history[name]) + 1)
        axis.plot(epochs, history[name], **series(0), label="training")
        if f"val_{name}" in history:
            axis.plot(epochs, history[f"val_{name}"], **series(1), label="validation")
        axis.set(xlabel="epoch", ylabel=name)
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
        axis.grid(alpha=0.3)
        axis.legend()
    plt.close(figure)
    return figure
