"""The datasets of the one-to-one task."""

from seqzoo.datasets import palmer_penguins, sources
from seqzoo.datasets.palmer_penguins import MEASURES, SPECIES, WORDS
from seqzoo.datasets.sources import Source

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


def load(dataset="mini", split="train", data_dir=None):
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
