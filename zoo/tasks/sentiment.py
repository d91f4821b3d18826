"""Sentiment classification, many-to-one: a sentence in, positive or negative out."""

import keras
import tensorflow as tf

from seqzoo.architectures import many_to_one
from seqzoo.datasets import sentiment as data
from seqzoo.tasks import text
from seqzoo.tasks.buckets import bucket
from seqzoo.tasks.reference import Reference
from seqzoo.tasks.text_model import TextModel

TITLE = "Sentiment classification"
ARCHITECTURE = "many-to-one"
LABELS = data.LABELS
REFERENCES = {
    "mini": Reference("accuracy", 0.767, "a plain GRU of 32 units, measured for this project"),
    "glue/sst2": Reference("accuracy", 0.849, "LSTM, Tai et al. 2015"),
    "imdb_reviews": Reference("accuracy", 0.865, "LSTM with tuning and dropout, Dai and Le 2015"),
}
REFERENCES["full"] = REFERENCES["glue/sst2"]
BUCKETS = (8, 16, 24, 32, 48, 64, 96, 128, 192)
MOST_WORDS = 256


def create_model(
    cell="gru",
    dataset="mini",
    texts=None,
    ratings=None,
    embedding=64,
    units=32,
    layers=1,
    bidirectional=True,
    dropout=0.5,
    learning_rate=2e-3,
    averaging=0.0,
    data_dir=None,
):
    """Builds the sentiment model, compiled: raw sentences in, P(positive) out.

    Words become vectors x⟨t⟩, and a many-to-one network gives ŷ = σ(Wy a⟨Tx⟩ + by).

    Args:
        cell: `"rnn"`, `"gru"` or `"lstm"`.
        dataset: whose training split the words are learned from when there are no `texts`:
            `"mini"`, `"full"`, `"glue/sst2"` or `"imdb_reviews"`.
        texts: training sentences of your own, from which the words are learned.
        ratings: dictionary from words to how people rate them, from -1 to 1, which x⟨t⟩ then
            tells too; so a word is not a blank because the training split lacks it. By
            default VADER's lexicon for `"mini"`, and none for other texts; `{}` for none.
        embedding: the size of a word's vector x⟨t⟩.
        units: the size of a⟨t⟩, in each direction.
        layers: how many recurrent layers.
        bidirectional: whether to read the sentence from both ends.
        dropout: fraction of the words' vectors and of a⟨Tx⟩ to drop in training.
        learning_rate: of Adam.
        averaging: momentum of a moving average of the weights, which the model holds once
            `fit` ends; 0 for none, 0.99 where there are some hundreds of steps. To validate
            with the averaged weights too, give `fit` a `keras.callbacks.SwapEMAWeights`.
        data_dir: where TFDS keeps its data.

    Returns:
        A compiled `keras.Model` from strings of shape `(batch,)` to probabilities of shape
        `(batch, 1)`, with labels 0 and 1 in `fit`.

    Raises:
        ValueError: an unknown cell or dataset, or a wrong size.

    Example:

    >>> sentences, labels = ["a good film", "a bad film"], [1, 0]
    >>> model = create_model(cell="rnn", texts=sentences)
    >>> history = model.fit(sentences, labels, verbose=0)
    >>> model.predict("good!", verbose=0).shape
    (1, 1)
    """
    if texts is None:
        texts = data.load(dataset, "train", data_dir).map(lambda sentence, label: sentence)
        ratings = data.word_ratings(data_dir) if ratings is None and dataset == "mini" else ratings
    sentence = keras.Input((), dtype="string", name="sentence")
    x = text.word_vectors(sentence, texts, embedding, ratings)
    x = keras.layers.Dropout(dropout)(x)
    network = many_to_one(
        x,
        outputs=1,
        activation="sigmoid",
        cell=cell,
        units=units,
        layers=layers,
        bidirectional=bidirectional,
        dropout=dropout,
    )
    model = TextModel(network.inputs, network.outputs, name="sentiment")
    optimizer = keras.optimizers.Adam(learning_rate, use_ema=averaging > 0, ema_momentum=averaging)
    model.compile(optimizer, loss="binary_crossentropy", metrics=["accuracy"])
    return model


def batches(dataset="mini", split="train", batch_size=64, seed=0, limit=None, data_dir=None):
    """Loads a split as batches of sentences of about the same length.

    Texts are cut after 256 words. The training split is shuffled anew for every epoch, the
    others keep their order within each length.

    Args:
        dataset: `"mini"`, `"full"`, `"glue/sst2"` or `"imdb_reviews"`.
        split: `"train"`, `"validation"` or `"test"`.
        batch_size: sentences in a batch.
        seed: of the shuffling.
        limit: how many sentences to take, all when None.
        data_dir: where TFDS keeps its data.

    Returns:
        `tf.data.Dataset` of pairs: strings of shape `(batch,)`, labels int64 of shape
        `(batch,)`.

    Raises:
        ValueError: no such dataset or split.

    Example:

    >>> for sentences, labels in batches("mini", "test").take(1):  # doctest: +SKIP
    ...     print(sentences[0].numpy().decode(), LABELS[labels[0]])
    """
    examples = data.load(dataset, split, data_dir)
    examples = examples.take(limit) if limit else examples
    examples = examples.map(lambda sentence, label: (text.first_words(sentence, MOST_WORDS), label))
    examples = examples.cache()
    ordered = examples.shuffle(25_000, seed=seed) if split == "train" else examples
    length = lambda sentence, label: text.count_words(sentence)
    return bucket(ordered, length, batch_size, BUCKETS).prefetch(tf.data.AUTOTUNE)
