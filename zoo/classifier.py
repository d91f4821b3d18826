"""A model with one label for each example."""

from typing import Any

import keras
import numpy as np

from seqzoo.task_model import TaskModel


@keras.saving.register_keras_serializable("seqzoo")
class Classifier(TaskModel):
    """From raw examples to one label each: the model of sentiment, dna, video and one_to_one.

    `predict` gives probabilities of shape `(examples, labels)`; of two labels that the network
    tells apart by one σ it gives that of the second, shape `(examples, 1)`.

    Example:

    >>> import seqzoo
    >>> model = seqzoo.create_model("dna", labels=["left", "right"], units=4)
    >>> (label, probability), = model.answer("ACGT")
    >>> label in ("left", "right"), 0 <= probability <= 1
    (True, True)
    """

    def probabilities(self, x: Any, **kwargs: Any) -> np.ndarray:
        """The probability of each label: shape `(examples, labels)`, whatever the network's output is."""
        ŷ = self.predict(x, **{"verbose": 0, **kwargs})
        return np.concatenate([1 - ŷ, ŷ], axis=1) if ŷ.shape[1] == 1 else ŷ

    def answer(self, x: Any, **kwargs: Any) -> list[tuple[str, float]]:
        """The likeliest label of each example, with its probability.

        Args:
            x: raw examples, or a single one.
            **kwargs: as `predict`.

        Returns:
            A pair for each example.
        """
        p = self.probabilities(x, **kwargs)
        return [(self.labels[row.argmax()], float(row.max())) for row in p]
