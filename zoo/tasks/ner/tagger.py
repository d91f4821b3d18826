"""A model with a label for each token of a sentence."""

from typing import Any

import keras
import numpy as np

from seqzoo.preprocessing.preprocessor import pad
from seqzoo.preprocessing.vocabulary import PADDING
from seqzoo.task_model import TaskModel


@keras.saving.register_keras_serializable("seqzoo")
class Tagger(TaskModel):
    """From sentences to ŷ⟨1⟩ … ŷ⟨Tx⟩, a probability of each label at each token.

    A token is what stands between white space; a sentence may be a list of tokens too. `fit`
    and `evaluate` take, for each sentence, a list of labels: names, or places. The first of the
    network's inputs is 0 where there is no token.

    Example:

    >>> import seqzoo
    >>> model = seqzoo.create_model("ner", texts=["12 Elm St"], labels=["number", "name"], units=4)
    >>> (tagged,) = model.answer("7 Oak  St")
    >>> [token for token, label in tagged]
    ['7', 'Oak', 'St']
    """

    def predict(self, x: Any, batch_size: int | None = None, verbose: Any = 0) -> np.ndarray:
        """The labels' probabilities at each token.

        Args:
            x: sentences, or a stream of batches.
            batch_size: sentences in a batch, 32 by default.
            verbose: without effect; `keras.Model.predict` has it.

        Returns:
            Array of shape `(sentences, tokens, labels)`, zeros where a sentence has no more tokens.
        """
        ŷ = self._pipeline.each(self._predict_batch, x, batch_size)
        return pad(ŷ, at_least=0) if ŷ else self._no_outputs()

    def answer(self, x: Any, **kwargs: Any) -> list[list[tuple[str, str]]]:
        """The likeliest label of each token.

        Args:
            x: sentences, or a single one.
            **kwargs: as `predict`.

        Returns:
            A list for each sentence, of pairs of strings: a token and its label.
        """
        rows = self._pipeline.rows(x)
        best = self.predict(rows, **kwargs).argmax(axis=-1)
        return [[(token, self.labels[y]) for token, y in zip(tokens, row)] for tokens, row in zip(rows, best)]

    def _predict_batch(self, inputs):
        token = inputs[0] != PADDING
        longest = token.sum(axis=1).max(initial=0)
        return (self.predict_on_batch(inputs) * token[..., None])[:, :longest]
