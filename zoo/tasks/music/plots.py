"""The picture of the music task. It returns its matplotlib figure."""

import matplotlib.pyplot as plt
import numpy as np
from keras import ops
from matplotlib.figure import Figure

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
    names = np.array(["padding", "unknown", "end", *model.characters])
    names = np.array([{"\n": "↵", " ": "␣"}.get(name, name) for name in names])
    _, (wrote,) = model.preprocessor.training([rhythm], [tune])
    wrote = wrote[first : first + steps]
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
