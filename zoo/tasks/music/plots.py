"""The picture of the music task. It returns its matplotlib figure."""

import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf


def plot_next(model, rhythm, tune, first=0, steps=48, most=18):
    """Draws over time how probable the model holds each next character of a tune.

    Args:
        model: a `TuneModel`.
        rhythm: the one input.
        tune: string, the outputs.
        first: the character to begin with.
        steps: how many characters to show.
        most: how many different characters to show, those that are most probable in all.

    Returns:
        `matplotlib.figure.Figure`: a column for each moment, a row for each character, and a
        ring around the one that came.

    Example:

    >>> from seqzoo.tasks.music import create_model
    >>> model = create_model(texts=["GABd|"], rhythms=["reel"], units=4)
    >>> len(plot_next(model, "reel", "GABd|").axes[0].get_xticks())
    6
    """
    logits = model.predict((np.array([rhythm], object), np.array([tune], object)), verbose=0)[0]
    p = tf.nn.softmax(logits[first : first + steps]).numpy()
    names = np.array(["padding", "unknown", "end", *model.characters])
    names = np.array([{"\n": "↵", " ": "␣"}.get(name, name) for name in names])
    wrote = model.get_layer("characters")([tune]).numpy()[0, first : first + steps]
    shown = np.unique([*np.argsort(-p.sum(axis=0))[:most], *wrote])
    figure, axis = plt.subplots(figsize=(0.24 * len(p) + 1.5, 0.24 * len(shown) + 1), layout="constrained")
    image = axis.imshow(p[:, shown].T, cmap="magma_r", vmin=0, vmax=1, aspect="auto")
    axis.scatter(range(len(p)), np.searchsorted(shown, wrote), s=60, facecolors="none", edgecolors="tab:cyan")
    axis.set_xticks(range(len(p)), names[wrote])
    axis.set_yticks(range(len(shown)), names[shown])
    axis.set(xlabel="what came", ylabel="what may come next")
    figure.colorbar(image, ax=axis, label="P(next)")
    plt.close(figure)
    return figure
