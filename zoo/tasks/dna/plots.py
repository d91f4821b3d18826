"""Pictures of DNA: which bases stand where, and which of them a model reads."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from seqzoo.plots.text import text_is_text

if TYPE_CHECKING:
    from seqzoo.classifier import Classifier

BASES = "ACGT"


@text_is_text
def plot_bases(sequences: Sequence[str], labels: Sequence[int], names: Sequence[str]) -> Figure:
    """Draws how often each base stands at each place, for each kind of stretch.

    Args:
        sequences: list of strings of one length.
        labels: integers, the kind of each.
        names: the kinds' names.

    Returns:
        `matplotlib.figure.Figure`.

    Example:

    >>> len(plot_bases(["ACGT", "ACGA", "TTTT"], [0, 0, 1], ["one", "other"]).axes)
    3
    """
    letters = np.array([list(sequence.upper().replace("U", "T")) for sequence in sequences])
    labels = np.asarray(labels)
    size = (min(14, 2 + letters.shape[1] / 5), 1.1 * len(names) + 0.6)
    figure, axes = plt.subplots(len(names), figsize=size, layout="constrained", sharex=True, squeeze=False)
    for kind, axis in enumerate(axes[:, 0]):
        share = np.array([(letters[labels == kind] == base).mean(axis=0) for base in BASES])
        image = axis.imshow(share, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        axis.set_yticks(range(4), BASES)
        axis.set_ylabel(names[kind])
    _places(axis, letters.shape[1])
    figure.colorbar(image, ax=axes, label="share")
    plt.close(figure)
    return figure


@text_is_text
def plot_mutations(model: "Classifier", sequence: str, kind: int) -> Figure:
    """Draws how the probability of a kind changes when one base is replaced by another.

    Args:
        model: of the task.
        sequence: a string of letters.
        kind: the place of the kind in the model's labels.

    Returns:
        `matplotlib.figure.Figure`.

    Example:

    >>> from seqzoo.tasks.dna import create_model
    >>> figure = plot_mutations(create_model(cell="rnn", labels=["left", "right"], units=2), "ACGTAC", kind=0)
    """
    change = mutations(model, sequence)[..., kind]
    figure, axis = plt.subplots(figsize=(min(14, 2 + len(sequence) / 5), 2), layout="constrained")
    most = max(np.abs(change).max(), 1e-6)
    image = axis.imshow(change.T, cmap="RdBu", vmin=-most, vmax=most, aspect="auto")
    axis.set_yticks(range(4), BASES)
    axis.set_ylabel("instead")
    axis.set_xticks(range(len(sequence)), sequence, fontsize=8)
    figure.colorbar(image, ax=axis, label=f"change of P({model.labels[kind]})")
    plt.close(figure)
    return figure


def mutations(model: "Classifier", sequence: str) -> np.ndarray:
    """What every exchange of a single base does to the probabilities.

    Args:
        model: of the task.
        sequence: a string of n letters.

    Returns:
        float array of shape `(n, 4, kinds)`: probability with the base A, C, G or T there,
        minus that of the sequence as it is.
    """
    changed = [sequence[:i] + base + sequence[i + 1 :] for i in range(len(sequence)) for base in BASES]
    probability = model.predict([sequence, *changed], verbose=0)
    return (probability[1:] - probability[0]).reshape(len(sequence), 4, -1)


def _places(axis, length):
    """Numbers the places from the middle: … −2, −1 | +1, +2 …"""
    middle = length // 2
    places = [p for p in (*range(-middle, 0), *range(1, length - middle + 1))]
    shown = [i for i, p in enumerate(places) if p in (-1, 1) or p % 5 == 0]
    axis.set_xticks(shown, [f"{places[i]:+d}" for i in shown])
    axis.set_xlabel("place, counted from the middle")
