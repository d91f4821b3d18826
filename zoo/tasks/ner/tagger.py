import itertools

import keras
import numpy as np
import tensorflow as tf

from seqzoo.tasks.text_model import TextModel
from seqzoo.words import did_you_mean


@keras.saving.register_keras_serializable("seqzoo")
class Tagger(TextModel):
    """A functional Keras model from sentences to ŷ⟨1⟩ … ŷ⟨Tx⟩ that knows its labels' names.

    A token is what stands between whitespace. `fit` and `evaluate` take sentences with a
    list of label names for each, or batches: strings of shape `(batch,)` with integers of
    shape `(batch, tokens)`. `predict` takes sentences of any lengths and gives
    `(sentences, tokens, labels)`, zeros where a sentence has no more tokens.

    The labels' names are the attribute `labels`, saved with the model.

    Example:

    >>> sentence = keras.Input((), dtype="string")
    >>> ids = keras.layers.TextVectorization(vocabulary=["elm", "st"])(sentence)
    >>> model = Tagger(sentence, keras.layers.Embedding(4, 2, mask_zero=True)(ids))
    >>> model.labels = ("name", "type")
    >>> model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    >>> history = model.fit(["Elm St", "Oak"], [["name", "type"], ["name"]], verbose=0)
    >>> model.predict(["Elm St", "Oak"]).shape
    (2, 2, 2)
    """

    labels = ()

    def fit(self, x=None, y=None, batch_size=32, validation_data=None, **kwargs):
        if isinstance(validation_data, (list, tuple)):
            validation_data = self._batches(*validation_data, batch_size)
        if y is not None:
            x = self._batches(x, y, batch_size, shuffle=kwargs.pop("shuffle", True))
        return super().fit(x, validation_data=validation_data, **{"shuffle": False, **kwargs})

    def evaluate(self, x=None, y=None, batch_size=32, **kwargs):
        return super().evaluate(x if y is None else self._batches(x, y, batch_size), **kwargs)

    def predict(self, x, batch_size=32, **kwargs):
        if not isinstance(x, tf.data.Dataset):
            x = tf.data.Dataset.from_tensor_slices(_list(x)).batch(batch_size)
        # One batch at a time: Keras joins batches only where their sentences have one length.
        ŷ = [self._predict(batch[0] if isinstance(batch, tuple) else batch) for batch in x]
        most = max((part.shape[1] for part in ŷ), default=0)
        return np.concatenate([np.pad(part, ((0, 0), (0, most - part.shape[1]), (0, 0))) for part in ŷ])

    def tag(self, sentences):
        """The likeliest label of each token.

        Args:
            sentences: list of strings, or one string.

        Returns:
            A list for each sentence, of pairs of strings: a token and its label.
        """
        sentences = _list(sentences)
        if not sentences:
            return []
        best = self.predict(sentences).argmax(-1)
        return [
            [(token, self.labels[y]) for token, y in zip(_tokens(sentence), row)]
            for sentence, row in zip(sentences, best)
        ]

    def get_config(self):
        return {**super().get_config(), "labels": self.labels}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        config = dict(config)
        labels = config.pop("labels", ())
        model = super().from_config(config, custom_objects)
        model.labels = tuple(labels)
        return model

    def _predict(self, sentences):
        if not tf.strings.split(sentences).flat_values.shape[0]:  # no token at all: nothing to run over
            return np.zeros((len(sentences), 0, self.output_shape[-1]), "float32")
        return self.predict_on_batch(sentences)

    def _batches(self, sentences, tags, batch_size, shuffle=False):
        sentences, tags = _list(sentences), [list(each) for each in tags]
        self._check(sentences, tags)
        place = {label: i for i, label in enumerate(self.labels)}
        ids = tf.ragged.constant(
            [[place[tag] for tag in each] for each in tags], ragged_rank=1, dtype="int64"
        )
        examples = tf.data.Dataset.from_tensor_slices((sentences, ids))
        examples = examples.shuffle(len(sentences)) if shuffle else examples
        return examples.batch(batch_size).map(lambda x, y: (x, y.to_tensor()))

    def _check(self, sentences, tags):
        if len(sentences) != len(tags):
            raise ValueError(
                "Expected a list of labels for each sentence. "
                f"Received: {len(sentences)} sentences, {len(tags)} lists of labels."
            )
        for sentence, labels in zip(sentences, tags):
            if not labels or len(_tokens(sentence)) != len(labels):
                raise ValueError(
                    "Expected tokens, which whitespace divides, and a label for each. "
                    f"Received: {len(_tokens(sentence))} tokens, {len(labels)} labels: "
                    f"{sentence!r}, {labels}."
                )
        for label in itertools.chain.from_iterable(tags):
            if label not in self.labels:
                raise ValueError(
                    f"Expected labels of the model, {', '.join(map(repr, self.labels))}. "
                    f"Received: {label!r}.{did_you_mean(label, self.labels)} "
                    "Give the model its labels when you create it."
                )


def _list(sentences):
    return [sentences] if isinstance(sentences, (str, bytes)) else list(sentences)


def _tokens(sentence):
    # The model's own notion of whitespace, which is not Python's.
    return [token.decode("utf-8") for token in tf.strings.split(sentence).numpy()]
