"""The share of right answers."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from seqzoo import door
from seqzoo.pipeline import labelled

if TYPE_CHECKING:
    from seqzoo.classifier import Classifier


def truth_and_predicted(model: "Classifier", batches: Iterable) -> tuple[np.ndarray, np.ndarray]:
    """The true labels of batches and the likeliest ones, places of shape `(examples,)`.

    The batches are gone through once: what is shuffled comes in another order the next time.

    Args:
        model: with a label for each example.
        batches: pairs (x, y), in any stream that `fit` takes.

    Example:

    >>> import seqzoo
    >>> model = seqzoo.create_model("dna", labels=["left", "right"], units=2)
    >>> truth, predicted = truth_and_predicted(model, [(["ACGT", "TTT"], ["left", "right"])])
    >>> truth, predicted.shape
    (array([0, 1]), (2,))
    """
    pairs = labelled(batches)
    truth = np.concatenate([door.label_places(y, model.labels) for _, y in pairs])
    return truth, model.probabilities(iter(pairs)).argmax(axis=-1)


def accuracy(model: "Classifier", batches: Iterable) -> dict[str, float]:
    """The share of examples whose likeliest label is right.

    Args:
        model: with a label for each example.
        batches: pairs (x, y), in any stream that `fit` takes.

    Returns:
        Dictionary of `accuracy`.

    Example:

    >>> import seqzoo
    >>> model = seqzoo.create_model("dna", labels=["left", "right"], units=2)
    >>> accuracy(model, [(["ACGT", "TTT"], ["left", "right"])])["accuracy"] in (0.0, 0.5, 1.0)
    True
    """
    truth, predicted = truth_and_predicted(model, batches)
    return {"accuracy": float(np.mean(truth == predicted))}
