"""One input, one output: which penguin is it? A standard network, as one step of a cell."""

import keras
import tensorflow as tf

from seqzoo.architectures import one_to_one
from seqzoo.datasets import one_to_one as data
from seqzoo.tasks.columns import encode
from seqzoo.tasks.reference import Reference
from seqzoo.tasks.table_model import TableModel
from seqzoo.words import did_you_mean

TITLE = "One input, one output"
ARCHITECTURE = "one-to-one"
LABELS = data.LABELS
REFERENCES = {
    "mini": Reference("accuracy", 1.0, "logistic regression on the same columns and split"),
}
SHAPES = {"full": (28, 28, 1), "mnist": (28, 28, 1), "penguins/processed": (4,)}


def create_model(
    cell="rnn",
    dataset="mini",
    columns=None,
    labels=None,
    units=32,
    layers=1,
    dropout=0.2,
    learning_rate=1e-2,
    averaging=0.0,
    data_dir=None,
):
    """Builds the one-to-one model, compiled: a row of named columns or an image in, P(label) out.

    Numbers are scaled to mean 0 and variance 1, words become one-hot vectors, all of it
    learned from the training split and part of the model; what is missing, nan or "", counts
    as 0. Together they are x, and ŷ = softmax(Wy a⟨1⟩ + by).

    Args:
        cell: `"rnn"`, `"gru"` or `"lstm"`.
        dataset: what the model is for when there are no `columns`: `"mini"` (columns),
            `"full"`, which is `"mnist"` (images of shape `(28, 28, 1)` from 0 to 255), or
            `"penguins/processed"` (four numbers).
        columns: training rows of your own, a dictionary from names to equally long lists of
            numbers or of strings, or a pandas data frame.
        labels: how many labels your own rows have.
        units: the size of a⟨1⟩.
        layers: how many recurrent layers.
        dropout: fraction of a⟨1⟩ to drop in training.
        learning_rate: of Adam.
        averaging: momentum of a moving average of the weights, 0 for none; see
            `seqzoo.tasks.sentiment.create_model`.
        data_dir: where TFDS keeps its data.

    Returns:
        A compiled `keras.Model` from dictionaries of columns, or from images, to
        probabilities of shape `(batch, labels)`.

    Raises:
        ValueError: an unknown cell or dataset, a wrong size, or columns without labels.

    Example:

    >>> birds = {"island": ["Dream", "Biscoe"], "body_mass_g": [3700, 5100]}
    >>> model = create_model(columns=birds, labels=2)
    >>> history = model.fit(birds, [0, 1], verbose=0)
    >>> model.predict({"island": "Biscoe", "body_mass_g": 5000}, verbose=0).shape
    (1, 2)
    """
    if (columns is None) != (labels is None):
        raise ValueError(
            "columns and labels belong together: training rows, and how many labels they have. "
            f"Received: columns={columns if columns is None else list(columns)}, labels={labels}. Give both or none."
        )
    if labels is None:
        labels = len(_labels(dataset))
    if columns is None and dataset in SHAPES:
        x = keras.Input(SHAPES[dataset], name="x")
        x = keras.layers.Rescaling(1 / 255)(x) if len(SHAPES[dataset]) > 1 else x
    else:
        x = encode(_training_columns(data_dir) if columns is None else columns)
    network = one_to_one(x, outputs=labels, cell=cell, units=units, layers=layers, dropout=dropout)
    model = TableModel(network.inputs, network.outputs, name="one_to_one")
    optimizer = keras.optimizers.Adam(learning_rate, use_ema=averaging > 0, ema_momentum=averaging)
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def batches(dataset="mini", split="train", batch_size=32, seed=0, limit=None, data_dir=None):
    """Loads a split as batches.

    The training split is shuffled anew for every epoch, the others keep their order.

    Args:
        dataset: `"mini"`, `"full"`, `"mnist"` or `"penguins/processed"`.
        split: `"train"`, `"validation"` or `"test"`.
        batch_size: examples in a batch.
        seed: of the shuffling.
        limit: how many examples to take, all when None.
        data_dir: where TFDS keeps its data.

    Returns:
        `tf.data.Dataset` of pairs: a dictionary of columns of shape `(batch, 1)`, or a tensor
        `(batch, ...)`; and labels int64 of shape `(batch,)`.

    Raises:
        ValueError: no such dataset or split.

    Example:

    >>> for birds, species in batches("mini", "test").take(1):  # doctest: +SKIP
    ...     print(birds["body_mass_g"][0, 0].numpy(), LABELS["mini"][species[0]])
    """
    examples = data.load(dataset, split, data_dir)
    examples = (examples.take(limit) if limit else examples).cache()
    examples = examples.shuffle(60_000, seed=seed) if split == "train" else examples
    as_columns = lambda x: {name: v[:, None] for name, v in x.items()} if isinstance(x, dict) else x
    return examples.batch(batch_size).map(lambda x, y: (as_columns(x), y)).prefetch(tf.data.AUTOTUNE)


def _training_columns(data_dir):
    rows = [row for row, _ in data.load("mini", "train", data_dir).as_numpy_iterator()]
    return {name: [row[name] for row in rows] for name in rows[0]}


def _labels(dataset):
    if dataset not in LABELS:
        raise ValueError(
            f"dataset must be one of {', '.join(map(repr, LABELS))}. Received: dataset={dataset!r}."
            f"{did_you_mean(dataset, LABELS) or ' For rows of your own give columns and labels.'}"
        )
    return LABELS[dataset]
