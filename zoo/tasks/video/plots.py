"""Pictures of films and of the tracks of a hand."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import FuncAnimation
from matplotlib.figure import Figure

from seqzoo.plots.series import series
from seqzoo.plots.text import text_is_text


@text_is_text
def plot_tracks(tracks: Sequence[np.ndarray], labels: Sequence[int], names: Sequence[str], columns: int = 5) -> Figure:
    """Draws the tracks of each label into a picture of its own; a dot marks each beginning.

    Args:
        tracks: list of arrays of shape `(time, 2)`: across and down, from 0 to 1.
        labels: integers, the label of each.
        names: the labels' names.
        columns: pictures in a row.

    Returns:
        `matplotlib.figure.Figure`.

    Example:

    >>> figure = plot_tracks(np.random.rand(4, 9, 2), [0, 1, 0, 1], ["one", "other"])
    """
    rows = -(-len(names) // columns)
    size = (2 * columns, 2 * rows)
    figure, axes = plt.subplots(rows, columns, figsize=size, layout="constrained", squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for label, (name, axis) in enumerate(zip(names, axes.flat)):
        axis.set_title(name, fontsize=9)
        axis.set(xlim=(-0.05, 1.05), ylim=(1.05, -0.05), aspect="equal")
        for track in (track for track, y in zip(tracks, labels) if y == label):
            axis.plot(*np.transpose(track), linewidth=0.8, alpha=0.7)
            axis.plot(*track[0], "k.", markersize=4)
    plt.close(figure)
    return figure


@text_is_text
def plot_strip(film: np.ndarray, frames: int = 9) -> Figure:
    """Draws some frames of a film side by side.

    Args:
        film: array of shape `(time, height, width, channels)`.
        frames: how many of them to show, as far apart as they can be.

    Returns:
        `matplotlib.figure.Figure`.

    Example:

    >>> len(plot_strip(np.zeros((45, 8, 8, 1)), frames=5).axes)
    5
    """
    figure, axes = plt.subplots(1, frames, figsize=(1.3 * frames, 1.6), layout="constrained", squeeze=False)
    for axis, t in zip(axes[0], np.linspace(0, len(film) - 1, frames).astype(int)):
        axis.imshow(film[t].squeeze(), cmap="gray", vmin=0, vmax=255)
        axis.set_title(f"t = {t + 1}", fontsize=8)
        axis.axis("off")
    plt.close(figure)
    return figure


def animate(film: np.ndarray, interval: int = 70) -> str:
    """Makes a film that plays in a notebook, without a network.

    Args:
        film: array of shape `(time, height, width, channels)`.
        interval: milliseconds between frames.

    Returns:
        String of HTML, for `IPython.display.HTML`.

    Example:

    >>> "<script" in animate(np.zeros((2, 8, 8, 1)))
    True
    """
    figure, axis = plt.subplots(figsize=(2.2, 2.2), layout="constrained")
    axis.axis("off")
    image = axis.imshow(film[0].squeeze(), cmap="gray", vmin=0, vmax=255)
    frames = FuncAnimation(figure, lambda t: image.set_data(film[t].squeeze()), frames=len(film), interval=interval)
    html = frames.to_jshtml(default_mode="loop")
    plt.close(figure)
    return html


@text_is_text
def plot_as_it_goes(probabilities: np.ndarray, names: Sequence[str], most: int = 4) -> Figure:
    """Draws the probability of the likeliest labels after each frame.

    Args:
        probabilities: shape `(time, labels)`: row t is what the model answers after t frames.
        names: the labels' names.
        most: how many labels to draw.

    Returns:
        `matplotlib.figure.Figure`.

    Example:

    >>> figure = plot_as_it_goes(np.full((9, 3), 1 / 3), ["a", "b", "c"])
    """
    probabilities = np.asarray(probabilities)
    figure, axis = plt.subplots(figsize=(7, 3), layout="constrained")
    seen = range(1, len(probabilities) + 1)
    for place, label in enumerate(np.argsort(-probabilities.max(axis=0))[:most]):
        axis.plot(seen, probabilities[:, label], **series(place), markevery=4, label=names[label])
    axis.set(xlabel="frames seen", ylabel="probability", ylim=(-0.02, 1.02))
    axis.grid(alpha=0.3)
    axis.legend()
    plt.close(figure)
    return figure
