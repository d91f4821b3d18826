"""The datasets of the one-to-one task."""

import numpy as np
import tensorflow as tf

from seqzoo.datasets import sources
from seqzoo.datasets.ahead import ahead
from seqzoo.datasets.cached import in_memory
from seqzoo.datasets.sources import Source
from seqzoo.tasks.one_to_one import palmer_penguins
from seqzoo.tasks.one_to_one.palmer_penguins import MEASURES, SPECIES, WORDS
from seqzoo.tasks.one_to_one.recipe import RECIPE

PALMER_PENGUINS = Source(
    builder=palmer_penguins.PalmerPenguins.name,
    features={**{name: name for name in (*WORDS, *MEASURES)}, "label": "species"},
)
PROCESSED = Source(
    builder="penguins/processed",
    features={"x": "features", "label": "species"},
    urls=("https://storage.googleapis.com/download.tensorflow.org/data/palmer_penguins/penguins_processed.csv",),
    splits={"train": "train[:70%]", "validation": "train[70%:85%]", "test": "train[85%:]"},
)
MNIST = Source(
    builder="mnist",
    features={"x": "image", "label": "label"},
    urls=tuple(
        f"https://storage.googleapis.com/cvdf-datasets/mnist/{part}-ubyte.gz"
        for part in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
    ),
    splits={"train": "train[:90%]", "validation": "train[90%:]", "test": "test"},
)
SOURCES = {"mini": PALMER_PENGUINS, "full": MNIST, "mnist": MNIST, "penguins/processed": PROCESSED}
DIGITS = tuple("0123456789")
# TFDS numbers the species of penguins/processed without naming them.
LABELS = {"mini": SPECIES, "full": DIGITS, "mnist": DIGITS, "penguins/processed": ("0", "1", "2")}
# Of one input; mini has named columns instead.
SHAPES = {"full": (28, 28, 1), "mnist": (28, 28, 1), "penguins/processed": (4,)}


def batches(
    dataset: str = "mini",
    split: str = "train",
    batch_size: int = RECIPE.batch_size,
    seed: int = 0,
    limit: int | None = None,
    data_dir: str | None = None,
) -> tf.data.Dataset:
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
        `tf.data.Dataset` of pairs: a dictionary of columns of shape `(batch,)`, or a tensor
        `(batch, ...)`; and labels, int64 of shape `(batch,)`, places in `LABELS[dataset]`.

    Raises:
        Refused: no such dataset or split.

    Example:

    >>> for birds, species in batches("mini", "test").take(1):  # doctest: +SKIP
    ...     print(birds["body_mass_g"][0].numpy(), LABELS["mini"][species[0]])
    """
    examples = in_memory(load(dataset, split, data_dir), split, seed, limit, buffer=60_000)
    return ahead(examples.batch(batch_size))


def training_columns(data_dir: str | None = None) -> dict[str, np.ndarray]:
    """The columns of mini's training split, arrays of shape `(birds,)`."""
    (columns,) = (columns for columns, _ in load("mini", "train", data_dir).batch(1_000))
    return {name: column.numpy() for name, column in columns.items()}


def load(dataset: str = "mini", split: str = "train", data_dir: str | None = None) -> tf.data.Dataset:
    """Loads labelled examples of one input each.

    Args:
        dataset: `"mini"` (palmer_penguins, named columns), `"full"`, which is `"mnist"`
            (images; the last tenth of its training split is validation), or
            `"penguins/processed"` (four scaled measures; TFDS has one split, cut 70 : 15 : 15).
        split: `"train"`, `"validation"` or `"test"`.
        data_dir: where TFDS keeps its data; by default TFDS's own choice.

    Returns:
        `tf.data.Dataset` of pairs: the input, a dictionary of columns or a tensor; and the
        label, an int64 of shape `()`. The order is fixed.

    Raises:
        ValueError: no such dataset or split.
        SourceUnreachable: the dataset is not on disk and its URL does not answer.
        PackageUnavailable, WrongDigest: the mini dataset's package cannot be had.

    Example:

    >>> for bird, species in load("mini", "test").take(1):  # doctest: +SKIP
    ...     print(bird["island"].numpy().decode(), SPECIES[species])
    """

    def pair(example):
        label = example.pop("label")
        return example.get("x", example), label

    return sources.load(SOURCES, dataset, split, data_dir).map(pair)
