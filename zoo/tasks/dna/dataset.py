"""The datasets of the DNA task."""

import tensorflow as tf

from seqzoo.datasets import sources
from seqzoo.datasets.ahead import ahead
from seqzoo.datasets.cached import in_memory
from seqzoo.datasets.sources import Source
from seqzoo.tasks.dna import splice_junctions
from seqzoo.tasks.dna.recipe import RECIPE

SPLICE_JUNCTIONS = Source(
    builder=splice_junctions.SpliceJunctions.name,
    features={"sequence": "sequence", "label": "label"},
)
GENOMICS_OOD = Source(
    builder="genomics_ood",
    features={"sequence": "seq", "label": "label"},
    urls=("https://storage.googleapis.com/tfds-data/downloads/genomics_ood/genomics_ood.zip",),
)
SOURCES = {"mini": SPLICE_JUNCTIONS, "full": GENOMICS_OOD, "genomics_ood": GENOMICS_OOD}

# The first ten of TFDS's 130 names: the bacteria that its training, validation and test splits hold.
BACTERIA = (
    "Bacillus",
    "Burkholderia",
    "Clostridium",
    "Escherichia",
    "Mycobacterium",
    "Pseudomonas",
    "Salmonella",
    "Staphylococcus",
    "Streptococcus",
    "Yersinia",
)
LABELS = {"mini": splice_junctions.LABELS, "full": BACTERIA, "genomics_ood": BACTERIA}


def batches(
    dataset: str = "mini",
    split: str = "train",
    batch_size: int = RECIPE.batch_size,
    seed: int = 0,
    limit: int | None = None,
    data_dir: str | None = None,
) -> tf.data.Dataset:
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
        `tf.data.Dataset` of pairs: strings of shape `(batch,)`; labels, int64 of shape
        `(batch,)`, places in `LABELS[dataset]`.

    Raises:
        Refused: no such dataset or split.

    Example:

    >>> for sequences, labels in batches("mini", "test").take(1):  # doctest: +SKIP
    ...     print(sequences[0].numpy().decode(), LABELS["mini"][labels[0]])
    """
    examples = in_memory(load(dataset, split, data_dir), split, seed, limit, buffer=100_000)
    return ahead(examples.batch(batch_size))


def load(dataset: str = "mini", split: str = "train", data_dir: str | None = None) -> tf.data.Dataset:
    """Loads labelled stretches of DNA.

    Args:
        dataset: `"mini"` (splice_junctions, 60 bases) or `"full"`, which is
            `"genomics_ood"` (250 bases; TFDS brings all of its 3 million stretches at once).
        split: `"train"`, `"validation"` or `"test"`.
        data_dir: where TFDS keeps its data; by default TFDS's own choice.

    Returns:
        `tf.data.Dataset` of pairs: sequence, a string of shape `()`; label, an int64 of
        shape `()`, an index of `LABELS[dataset]`. The order is fixed.

    Raises:
        ValueError: no such dataset or split.
        SourceUnreachable: the dataset is not on disk and its URL does not answer.
        PackageUnavailable, WrongDigest: the mini dataset's package cannot be had.

    Example:

    >>> for sequence, label in load("mini", "test").take(1):  # doctest: +SKIP
    ...     print(sequence.numpy().decode(), LABELS["mini"][label])
    """
    examples = sources.load(SOURCES, dataset, split, data_dir)
    return examples.map(lambda example: (example["sequence"], example["label"]))
