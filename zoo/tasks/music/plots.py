"""The pictures of the music task. Each function returns its matplotlib figure."""

import matplotlib.pyplot as plt
import numpy as np
from keras import ops
from matplotlib.figure import Figure

from seqzoo.plots.series import COLOURS
from seqzoo.plots.text import text_is_text
from seqzoo.tasks.music.composer import Composer


@text_is_text
def plot_next(model: Composer, rhythm: str, tune: str, first: int = 0, steps: int = 48, most: int = 18) -> Figure:
    """Draws over time how probable the model holds each next character of a tune.

    Args:
        model: a `Composer`.
        rhythm: the one input.
        tune: string, the outputs.
        first: the character to begin with.
        steps: how many characters to show.
        most: how many different characters to show, those that are most probable in all.

    Returns:
        `matplotlib.figure.Figure`: a column for each moment, a row for each character, and a
        ring around the one that came.

    Example:

    >>> import seqzoo
    >>> model = seqzoo.create_model("music", texts=["GABd|"], rhythms=["reel"], units=4)
    >>> len(plot_next(model, "reel", "GABd|").axes[0].get_xticks())
    6
    """
    p = ops.convert_to_numpy(ops.softmax(model.logits(rhythm, tune)[0, first : first + steps]))
    names = _names(model)
    _, (wrote,) = model.preprocessor.training([rhythm], [tune])
    wrote = wrote[first : first + len(p)]
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


@text_is_text
def plot_temperature(
    model: Composer, rhythm: str, tune: str, at: int, temperature: float = 1.0, most: int = 12
) -> Figure:
    """Draws how probable each next character is at a temperature, beside what it is at 1.

    Args:
        model: a `Composer`.
        rhythm: the one input.
        tune: what came before, and more.
        at: the place in the tune of the character that is to come.
        temperature: above 0.
        most: how many characters to show, the most probable.

    Returns:
        `matplotlib.figure.Figure`.

    Example:

    >>> import seqzoo
    >>> model = seqzoo.create_model("music", texts=["GABd|"], rhythms=["reel"], units=4)
    >>> plot_temperature(model, "reel", "GABd|", at=2, temperature=0.5).axes[0].get_title()
    'temperature 0.50'
    """
    logits = model.logits(rhythm, tune)[0, at]
    at_one, heated = (ops.convert_to_numpy(ops.softmax(logits / heat)) for heat in (1.0, temperature))
    shown = np.argsort(-at_one)[:most]
    figure, axis = plt.subplots(figsize=(7, 2.6), layout="constrained")
    places = np.arange(len(shown))
    axis.bar(places - 0.2, at_one[shown], 0.4, color="0.75", label="temperature 1")
    axis.bar(places + 0.2, heated[shown], 0.4, color=COLOURS[0], label="this temperature")
    axis.set_xticks(places, _names(model)[shown])
    axis.set(ylim=(0, 1), ylabel="P(next)", title=f"temperature {temperature:.2f}")
    axis.legend()
    plt.close(figure)
    return figure


def _names(model):
    names = ["padding", "unknown", "end", *model.characters]
    return np.array([{"\n": "↵", " ": "␣"}.get(name, name) for name in names])
