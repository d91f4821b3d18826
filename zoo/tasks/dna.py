"""DNA sequence analysis, many-to-one: a stretch of bases in, what kind it is out."""

import keras
import tensorflow as tf

from seqzoo.architectures import many_to_one
from seqzoo.datasets import dna as data
from seqzoo.tasks.bases import Fold, base_vectors
from seqzoo.tasks.reference import Reference
from seqzoo.tasks.text_model import TextModel
from seqzoo.words import did_you_mean

TITLE = "DNA sequence analysis"
ARCHITECTURE = "many-to-one"
LABELS = data.LABELS
REFERENCES = {
    "mini": Reference("accuracy", 0.96, "both flanks read inwards, measured for this project on a random split"),
}
TOWARDS = ("middle", "end")


def create_model(
    cell="gru",
    dataset="mini",
    labels=None,
    towards="middle",
    units=64,
    layers=1,
    bidirectional=False,
    dropout=0.2,
    base_dropout=0.2,
    learning_rate=3e-3,
    averaging=0.0,
    data_dir=None,
):
    """Builds the DNA model, compiled: strings of letters in, the probability of each kind out.

    Bases become vectors x⟨t⟩, and a many-to-one network gives ŷ = softmax(Wy a⟨Tx⟩ + by).

    Towards the middle, the network reads the pairs [x⟨t⟩, x⟨Tx+1−t⟩] from the two ends
    inwards: what lies in the middle comes last, when a⟨t⟩ knows what surrounds it. That is
    where the junction lies in `mini`. Towards the end it reads x⟨1⟩ … x⟨Tx⟩ as they stand.

    Args:
        cell: `"rnn"`, `"gru"` or `"lstm"`.
        dataset: whose labels ŷ has when there are no `labels`: `"mini"`, `"full"` or
            `"genomics_ood"`.
        labels: how many kinds there are in data of your own.
        towards: `"middle"` or `"end"`.
        units: the size of a⟨t⟩, in each direction.
        layers: how many recurrent layers.
        bidirectional: whether to read in both directions; with `towards="middle"` from the
            ends to the middle and back.
        dropout: fraction of a⟨Tx⟩ to drop in training.
        base_dropout: fraction of the steps that are blank in training.
        learning_rate: of Adam.
        averaging: momentum of a moving average of the weights, 0 for none; see
            `seqzoo.tasks.sentiment.create_model`.
        data_dir: unused; nothing is learned from the data before training.

    Returns:
        A compiled `keras.Model` from strings of shape `(batch,)` to probabilities of shape
        `(batch, labels)`. It takes letters of the IUPAC, large or small; those that stand for
        several bases count as a share of each.

    Raises:
        ValueError: an unknown cell, dataset or direction, or a wrong size.

    Example:

    >>> model = create_model(cell="rnn", labels=2)
    >>> history = model.fit(["ACGTAC", "GGTT"], [0, 1], verbose=0)
    >>> model.predict("acgtn", verbose=0).shape
    (1, 2)
    """
    if towards not in TOWARDS:
        raise ValueError(f"towards must be 'middle' or 'end'. Received: towards={towards!r}. Choose one of these.")
    if labels is None:
        labels = len(_labels(dataset))
    sequence = keras.Input((), dtype="string", name="sequence")
    x = base_vectors(sequence)
    x = Fold(name="fold")(x) if towards == "middle" else x
    x = keras.layers.Dropout(base_dropout, noise_shape=(None, None, 1))(x) if base_dropout else x
    network = many_to_one(
        x, outputs=labels, cell=cell, units=units, layers=layers, bidirectional=bidirectional, dropout=dropout
    )
    model = TextModel(network.inputs, network.outputs, name="dna")
    optimizer = keras.optimizers.Adam(learning_rate, use_ema=averaging > 0, ema_momentum=averaging)
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def batches(dataset="mini", split="train", batch_size=32, seed=0, limit=None, data_dir=None):
    """Loads a split as batches of stretches.

    The training split is shuffled anew for every epoch, the others keep their order.

    Args:
        dataset: `"mini"`, `"full"` or `"genomics_ood"`.
        split: `"train"`, `"validation"` or `"test"`.
        batch_size: stretches in a batch.
        seed: of the shuffling.
        limit: how many stretches to take, all when None.
        data_dir: where TFDS keeps its data.

    Returns:
        `tf.data.Dataset` of pairs: strings of shape `(batch,)`, labels int64 of shape
        `(batch,)`.

    Raises:
        ValueError: no such dataset or split.

    Example:

    >>> for sequences, labels in batches("mini", "test").take(1):  # doctest: +SKIP
    ...     print(sequences[0].numpy().decode(), LABELS["mini"][labels[0]])
    """
    examples = data.load(dataset, split, data_dir)
    examples = (examples.take(limit) if limit else examples).cache()
    examples = examples.shuffle(100_000, seed=seed) if split == "train" else examples
    return examples.batch(batch_size).prefetch(tf.data.AUTOTUNE)


def _labels(dataset):
    if dataset not in LABELS:
        raise ValueError(
            f"dataset must be one of {', '.join(map(repr, LABELS))}. Received: dataset={dataset!r}."
            f"{did_you_mean(dataset, LABELS) or ' For data of your own give labels, their number.'}"
        )
    return LABELS[dataset]
