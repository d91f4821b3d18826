"""A model with a label for each token of a sentence."""

from typing import Any

import keras
import numpy as np
from keras import ops

from seqzoo import door
from seqzoo.decoding import crf_decode, crf_marginals
from seqzoo.metrics.token_accuracy import TokenAccuracy
from seqzoo.preprocessing.preprocessor import lengths_of, pad
from seqzoo.preprocessing.vocabulary import PADDING
from seqzoo.task_model import TaskModel
from seqzoo.tasks.ner.crf import CRFAccuracy
from seqzoo.tasks.ner.preprocessor import NO_LABEL

CROSSENTROPIES = (keras.losses.SparseCategoricalCrossentropy, keras.losses.CategoricalCrossentropy)


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

    def compile(
        self, optimizer: Any = "rmsprop", loss: Any = None, loss_weights: Any = None, metrics: Any = None, **kwargs: Any
    ) -> None:
        """As `keras.Model.compile`; cross-entropy and "accuracy" leave out what stands after a sentence's end."""
        if isinstance(metrics, (list, tuple)):
            metrics = [self.accuracy() if each in ("accuracy", "acc") else each for each in metrics]
        super().compile(optimizer, self._of_tokens(loss), loss_weights, metrics, **kwargs)

    accuracy = TokenAccuracy

    def _of_tokens(self, loss):
        loss = _of_labels(loss)
        if type(loss) is keras.losses.SparseCategoricalCrossentropy and loss.ignore_class is None:
            return type(loss)(**{**loss.get_config(), "ignore_class": NO_LABEL})
        return loss

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
        return pad(ŷ)[:, : lengths_of(ŷ).max()] if ŷ else self._no_outputs()

    def answer(self, x: Any, **kwargs: Any) -> list[list[tuple[str, str]]]:
        """The likeliest label of each token.

        Args:
            x: sentences, or a single one.
            **kwargs: as `predict`.

        Returns:
            A list for each sentence, of pairs of strings: a token and its label.
        """
        rows = self._pipeline.rows(x)
        best = self._best(rows, **kwargs)
        return [[(token, self.labels[y]) for token, y in zip(tokens, row)] for tokens, row in zip(rows, best)]

    def _best(self, rows, **kwargs):
        """The places of the likeliest labels, for each sentence."""
        return self.predict(rows, **kwargs).argmax(axis=-1)

    def _predict_batch(self, inputs):
        lengths = _lengths(inputs)
        return self._probabilities(self.predict_on_batch(inputs), lengths)[:, : lengths.max(initial=0)]

    def _probabilities(self, ŷ, lengths):
        return ŷ * (np.arange(ŷ.shape[1]) < lengths[:, None])[..., None]

    def _no_outputs(self):
        return np.zeros((0, 0, len(self.labels)), "float32")


@keras.saving.register_keras_serializable("seqzoo")
class CRFTagger(Tagger):
    """A `Tagger` whose network scores each label after each other: a linear-chain CRF.

    `predict` gives P(y⟨t⟩ | x), added up over all sequences of labels; `answer` the likeliest
    sequence, which need not have the likeliest label at each token.

    Example:

    >>> import seqzoo
    >>> texts, labels = ["12 Elm St"], ["number", "name"]
    >>> model = seqzoo.create_model("ner", texts=texts, labels=labels, units=4, crf=True)
    >>> model.predict(texts).sum(axis=-1).round(3)
    array([[1., 1., 1.]], dtype=float32)
    """

    accuracy = CRFAccuracy

    def _of_tokens(self, loss):
        if isinstance(_of_labels(loss), CROSSENTROPIES):
            raise door.Refused("the loss of a CRF", "a cross-entropy of single labels", "keep it: loss=model.loss")
        return loss

    def _probabilities(self, scores, lengths):
        return ops.convert_to_numpy(crf_marginals(scores, lengths))

    def _best(self, rows, batch_size=None, verbose=0):
        return self._pipeline.each(self._best_of_batch, rows, batch_size)

    def _best_of_batch(self, inputs):
        return ops.convert_to_numpy(crf_decode(self.predict_on_batch(inputs), _lengths(inputs)))


def _lengths(inputs):
    return (inputs[0] != PADDING).sum(axis=1).astype("int32")


def _of_labels(loss):
    """Keras's cross-entropy as an object, by whatever name it was given."""
    (loss,) = loss if isinstance(loss, (list, tuple)) and len(loss) == 1 else (loss,)
    named = keras.losses.get(loss) if isinstance(loss, str) else loss
    functions = (keras.losses.sparse_categorical_crossentropy, keras.losses.categorical_crossentropy)
    return next((kind() for kind, function in zip(CROSSENTROPIES, functions) if named is function), named)
