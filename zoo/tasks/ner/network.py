"""Named entity recognition, many-to-many with Tx = Ty: a sentence in, a label for each token out."""

import keras
import tensorflow as tf

from seqzoo.architectures import many_to_many
from seqzoo.datasets import ner as data
from seqzoo.tasks.buckets import bucket
from seqzoo.tasks.reference import Reference
from seqzoo.tasks.spans import span_scores
from seqzoo.tasks.tagger import Tagger
from seqzoo.tasks.token_accuracy import TokenAccuracy
from seqzoo.tasks.word_features import feature_vectors

TITLE = "Named entity recognition"
ARCHITECTURE = "many-to-many, Tx = Ty"
LABELS = data.LABELS
REFERENCES = {
    "mini": Reference("span_f1", 0.891, "the CRF of usaddress 0.5.16, trained on the same split"),
    "conll2003": Reference("span_f1", 0.9094, "LSTM-CRF with pre-trained vectors, Lample et al. 2016"),
}
REFERENCES["full"] = REFERENCES["conll2003"]
BUCKETS = (6, 8, 10, 13, 16, 24, 32, 48, 64)


def create_model(
    cell="gru",
    dataset="mini",
    texts=None,
    labels=None,
    embedding=64,
    units=128,
    layers=1,
    bidirectional=True,
    dropout=0.5,
    word_dropout=0.2,
    learning_rate=3e-3,
    averaging=0.0,
    data_dir=None,
):
    """Builds the tagger, compiled: raw sentences in, the labels' probabilities at each token out.

    What a word looks like becomes x⟨t⟩, and a many-to-many network gives
    ŷ⟨t⟩ = softmax(Wy a⟨t⟩ + by). A token is what stands between whitespace.

    Args:
        cell: `"rnn"`, `"gru"` or `"lstm"`.
        dataset: whose training split the words are learned from when there are no `texts`,
            and whose labels the tokens get when there are no `labels`: `"mini"`, `"full"` or
            `"conll2003"`.
        texts: training sentences of your own, from which the words are learned.
        labels: the names of your own labels.
        embedding: the size of each of the six vectors that make up x⟨t⟩: of a token's word,
            its beginning, its ending, its shape, its punctuation and its letters.
        units: the size of a⟨t⟩, in each direction.
        layers: how many recurrent layers.
        bidirectional: whether to read the sentence from both ends.
        dropout: fraction of the vectors and of a⟨t⟩ to drop in training.
        word_dropout: fraction of the words to hide in training; their looks stay.
        learning_rate: of Adam.
        averaging: momentum of a moving average of the weights, which the model holds once
            `fit` ends; 0 for none, 0.997 where there are some thousands of steps. To validate
            with the averaged weights too, give `fit` a `keras.callbacks.SwapEMAWeights`.
        data_dir: where TFDS keeps its data.

    Returns:
        A compiled `Tagger` from strings of shape `(batch,)` to probabilities of shape
        `(batch, tokens, labels)`. Its `fit` takes batches, or sentences with a list of
        label names for each.

    Raises:
        ValueError: an unknown cell or dataset, or a wrong size.

    Example:

    >>> addresses = ["12 Elm St", "9 Main St"]
    >>> tags = [["number", "name", "type"], ["number", "name", "type"]]
    >>> model = create_model(cell="rnn", texts=addresses, labels=["number", "name", "type"])
    >>> history = model.fit(addresses, tags, verbose=0)
    >>> model.predict(["7 Oak Tree St"]).shape
    (1, 4, 3)
    """
    labels = _labels(dataset) if labels is None else tuple(labels)
    if texts is None:
        texts = data.load(dataset, "train", data_dir).map(lambda sentence, labels: sentence)
    sentence = keras.Input((), dtype="string", name="sentence")
    x = feature_vectors(sentence, texts, embedding, word_dropout)
    x = keras.layers.Dropout(dropout)(x)
    network = many_to_many(
        x,
        outputs=len(labels),
        cell=cell,
        units=units,
        layers=layers,
        bidirectional=bidirectional,
        dropout=dropout,
    )
    model = Tagger(network.inputs, network.outputs, name="ner")
    model.labels = labels
    optimizer = keras.optimizers.Adam(learning_rate, use_ema=averaging > 0, ema_momentum=averaging)
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=[TokenAccuracy()])
    return model


def batches(dataset="mini", split="train", batch_size=32, seed=0, limit=None, data_dir=None):
    """Loads a split as batches of sentences of about the same length.

    The training split is shuffled anew for every epoch, the others keep their order within
    each length.

    Args:
        dataset: `"mini"`, `"full"` or `"conll2003"`.
        split: `"train"`, `"validation"` or `"test"`.
        batch_size: sentences in a batch.
        seed: of the shuffling.
        limit: how many sentences to take, all when None.
        data_dir: where TFDS keeps its data.

    Returns:
        `tf.data.Dataset` of pairs: strings of shape `(batch,)`; labels, int64 of shape
        `(batch, tokens)`, places in `LABELS[dataset]`, 0 after a sentence's end, where the
        model's mask leaves them out.

    Raises:
        ValueError: no such dataset or split.

    Example:

    >>> for sentences, labels in batches("mini", "test").take(1):  # doctest: +SKIP
    ...     print(sentences[0].numpy().decode(), labels[0].numpy())
    """
    examples = data.load(dataset, split, data_dir)
    examples = examples.take(limit) if limit else examples
    examples = examples.cache()
    ordered = examples.shuffle(25_000, seed=seed) if split == "train" else examples
    length = lambda sentence, labels: tf.size(labels)
    return bucket(ordered, length, batch_size, BUCKETS).prefetch(tf.data.AUTOTUNE)


def tag(model, sentences):
    """Labels the tokens of raw text.

    Args:
        model: from `create_model`, fitted or loaded.
        sentences: list of strings, or one string.

    Returns:
        A list for each sentence, of pairs of strings: a token and its label.

    Example:

    >>> model = create_model(texts=["12 Elm St"], labels=["number", "name"])
    >>> [token for token, label in tag(model, "7 Oak  St")[0]]
    ['7', 'Oak', 'St']
    """
    return model.tag(sentences)


def predict_tags(model, examples):
    """The labels of whole batches, true and predicted, each sentence at its own length.

    Args:
        model: a `Tagger`.
        examples: batches, as `batches` gives them.

    Returns:
        Pair of lists of sentences, each a list of label names: the true and the predicted.

    Example:

    >>> model = create_model(texts=["12 Elm St"], labels=["number", "name"])
    >>> examples = tf.data.Dataset.from_tensors((["12 Elm", "7"], [[0, 1], [0, 0]]))
    >>> truth, predicted = predict_tags(model, examples)
    >>> truth
    [['number', 'name'], ['number']]
    """
    truth, predicted = [], []
    for sentences, ids in examples:
        tagged = model.tag(sentences.numpy().tolist())
        predicted += [[label for _, label in each] for each in tagged]
        truth += [[model.labels[y] for y in row[: len(each)]] for row, each in zip(ids.numpy(), tagged)]
    return truth, predicted


def score(truth, predicted):
    """The task's figures.

    Args:
        truth: list of sentences, each the list of its tokens' labels.
        predicted: the same, of the same lengths.

    Returns:
        Dictionary: `span_f1`, see `seqzoo.tasks.spans`, and `token_accuracy`.

    Example:

    >>> score([["O", "B-PER", "B-LOC"]], [["O", "B-PER", "O"]])
    {'span_f1': 0.6666666666666666, 'token_accuracy': 0.6666666666666666}
    """
    whole, _ = span_scores(truth, predicted)
    pairs = [pair for each in zip(truth, predicted) for pair in zip(*each)]
    return {"span_f1": whole["f1"], "token_accuracy": sum(a == b for a, b in pairs) / max(len(pairs), 1)}


def _labels(dataset):
    data.sources._choose("dataset", dataset, LABELS)
    return LABELS[dataset]
