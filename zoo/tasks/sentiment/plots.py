"""Pictures of the task sentiment."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqzoo.plots.series import COLOURS
from seqzoo.plots.text import text_is_text

if TYPE_CHECKING:
    from seqzoo.classifier import Classifier


@text_is_text
def plot_word_by_word(model: "Classifier", sentences: Sequence[str]) -> Figure:
    """Draws what a model answers after each word of sentences: what would it say if they ended there?

    Args:
        model: of the task.
        sentences: to read, whose words stand between spaces.

    Returns:
        `matplotlib.figure.Figure`, a row for each sentence.

    Example:

    >>> import seqzoo
    >>> model = seqzoo.create_model("sentiment", texts=["so good", "so bad", "good"], labels=["bad", "good"], units=4)
    >>> figure = plot_word_by_word(model, ["so good", "good"])
    >>> [label.get_text() for label in figure.axes[0].get_xticklabels()]
    ['so', 'good']
    """
    longest = max(len(sentence.split()) for sentence in sentences)
    size = (max(5.0, 1.5 + 0.55 * longest), 1.7 * len(sentences))
    figure, axes = plt.subplots(len(sentences), figsize=size, squeeze=False, sharey=True, layout="constrained")
    for axis, sentence in zip(axes[:, 0], sentences):
        draw_word_by_word(axis, model, sentence)
        axis.set_xlim(-0.6, longest - 0.4)
    plt.close(figure)
    return figure


def draw_word_by_word(axis: Axes, model: "Classifier", sentence: str) -> None:
    """Draws one sentence of `plot_word_by_word`: a bar for each word, blue above one half and red below."""
    words = sentence.split()
    p = model.probabilities([" ".join(words[: t + 1]) for t in range(len(words))])[:, -1]
    axis.bar(range(len(words)), p, color=np.where(p > 0.5, COLOURS[0], COLOURS[1]))
    axis.axhline(0.5, color="grey", linewidth=0.8)
    axis.set_xticks(range(len(words)), words)
    axis.set(ylim=(0, 1), yticks=(0, 0.5, 1), ylabel=f"P({model.labels[-1]})", xlim=(-0.6, len(words) - 0.4))
