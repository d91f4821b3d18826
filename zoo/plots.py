"""The pictures that the notebooks share. Each function returns its matplotlib figure."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator


def plot_curves(history, metric="accuracy"):
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
        axis.plot(epochs, history[name], "o-", label="training")
        if f"val_{name}" in history:
            axis.plot(epochs, history[f"val_{name}"], "s--", label="validation")
        axis.set(xlabel="epoch", ylabel=name)
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
        axis.grid(alpha=0.3)
        axis.legend()
    plt.close(figure)
    return figure


def plot_confusion(truth, predicted, labels):
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
