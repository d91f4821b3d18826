"""The pictures that the notebooks share. Each function returns its matplotlib figure."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator


def plot_curves(history, metric="accuracy"):
    """Draws loss and metric over the epochs, training beside validation.

    Args:
        history: the dictionary of a Keras `History`, `model.fit(...).history`.
        metric: the metric's name in it.

    Returns:
        `matplotlib.figure.Figure`.

    Example:

    >>> history = {k: [0.6, 0.5] for k in ("loss", "val_loss", "accuracy", "val_accuracy")}
    >>> len(plot_curves(history).axes)
    2
    """
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
    for axis, name in zip(axes, ("loss", metric)):
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
    axis.set_xticks(range(len(labels)), labels)
    axis.set_yticks(range(len(labels)), labels, rotation=90, va="center")
    axis.set(xlabel="predicted", ylabel="true")
    for (row, column), count in np.ndenumerate(counts):
        colour = "white" if share[row, column] > 0.5 else "black"
        axis.text(column, row, f"{count}\n{share[row, column]:.0%}", ha="center", va="center", color=colour)
    plt.close(figure)
    return figure


# Which steps of the unrolled picture have an input, and which an output.
UNROLLED = {
    "one-to-one": (["x"], ["ŷ"]),
    "one-to-many": (["x", "ŷ⟨1⟩", "ŷ⟨2⟩", "…", "ŷ⟨Ty−1⟩"], ["ŷ⟨1⟩", "ŷ⟨2⟩", "ŷ⟨3⟩", "…", "ŷ⟨Ty⟩"]),
    "many-to-one": (["x⟨1⟩", "x⟨2⟩", "x⟨3⟩", "…", "x⟨Tx⟩"], ["", "", "", "", "ŷ"]),
    "many-to-many, Tx = Ty": (["x⟨1⟩", "x⟨2⟩", "x⟨3⟩", "…", "x⟨Tx⟩"], ["ŷ⟨1⟩", "ŷ⟨2⟩", "ŷ⟨3⟩", "…", "ŷ⟨Ty⟩"]),
    "many-to-many, Tx ≠ Ty": (["x⟨1⟩", "…", "x⟨Tx⟩", "", "", ""], ["", "", "", "ŷ⟨1⟩", "…", "ŷ⟨Ty⟩"]),
}


def plot_architecture(architecture):
    """Draws a network of the notes unrolled over time.

    Args:
        architecture: `"one-to-one"`, `"one-to-many"`, `"many-to-one"`,
            `"many-to-many, Tx = Ty"` or `"many-to-many, Tx ≠ Ty"`.

    Returns:
        `matplotlib.figure.Figure`.

    Raises:
        ValueError: there is no picture of this architecture.

    Example:

    >>> figure = plot_architecture("many-to-one")
    """
    if architecture not in UNROLLED:
        raise ValueError(
            f"architecture must be one of {', '.join(map(repr, UNROLLED))}. "
            f"Received: {architecture!r}. Choose one of these."
        )
    inputs, outputs = UNROLLED[architecture]
    figure, axis = plt.subplots(figsize=(1.4 * len(inputs) + 1.2, 2.8), layout="constrained")
    arrow = dict(arrowstyle="-|>", color="black", shrinkA=0, shrinkB=0)
    axis.text(-1, 1, "a⟨0⟩", ha="center", va="center")
    axis.annotate("", (-0.3, 1), (-0.7, 1), arrowprops=arrow)
    for x, (below, above) in enumerate(zip(inputs, outputs)):
        dots = "…" in (below, above)
        axis.text(x, 1, "…" if dots else "a", ha="center", va="center",
                  bbox=None if dots else dict(boxstyle="round,pad=0.6", fc="#cfe2f3", ec="black"))
        if x + 1 < len(inputs):
            axis.annotate("", (x + 0.7, 1), (x + 0.3, 1), arrowprops=arrow)
        if below and not dots:
            axis.text(x, 0, below, ha="center", va="center")
            axis.annotate("", (x, 0.7), (x, 0.18), arrowprops=arrow)
        if above and not dots:
            axis.text(x, 2, above, ha="center", va="center")
            axis.annotate("", (x, 1.82), (x, 1.3), arrowprops=arrow)
    axis.set(xlim=(-1.4, len(inputs) - 0.4), ylim=(-0.3, 2.3))
    axis.axis("off")
    plt.close(figure)
    return figure
