"""The datasets of the task named entity recognition."""

import tensorflow as tf

from seqzoo.datasets import sources, us_addresses
from seqzoo.datasets.sources import Source

US_ADDRESSES = Source(
    builder=us_addresses.UsAddresses.name,
    features={"tokens": "tokens", "labels": "labels"},
)
CONLL2003 = Source(
    builder="conll2003",
    features={"tokens": "tokens", "labels": "ner"},
    urls=("https://data.deepai.org/conll2003.zip",),
    splits={"train": "train", "validation": "dev", "test": "test"},
)

SOURCES = {
    "mini": US_ADDRESSES,
    "full": CONLL2003,
    "conll2003": CONLL2003,
}

_ENTITIES = tuple(f"{part}-{kind}" for kind in ("PER", "ORG", "LOC", "MISC") for part in "BI")
LABELS = {
    "mini": us_addresses.LABELS,
    "full": ("O", *_ENTITIES),
    "conll2003": ("O", *_ENTITIES),
}


def load(dataset="mini", split="train", data_dir=None):
    """Loads sentences whose every token has a label.

    Args:
        dataset: `"mini"` (us_addresses), `"full"` (the same as `"conll2003"`) or
            `"conll2003"`, whose dev split is our validation split.
        split: `"train"`, `"validation"` or `"test"`.
        data_dir: where TFDS keeps its data; by default TFDS's own choice.

    Returns:
        `tf.data.Dataset` of pairs: the sentence, a string of shape `()`, its tokens between
        single spaces; labels, int64 of shape `(tokens,)`, places in `LABELS[dataset]`. The
        order is fixed.

    Raises:
        ValueError: no such dataset or split.
        SourceUnreachable: the dataset is not on disk and its URL does not answer.
        PackageUnavailable, WrongDigest: the mini dataset's package cannot be had.

    Example:

    >>> for sentence, labels in load("mini", "test").take(1):  # doctest: +SKIP
    ...     print(sentence.numpy().decode(), [LABELS["mini"][y] for y in labels])
    """
    examples = sources.load(SOURCES, dataset, split, data_dir)
    return examples.map(lambda x: (tf.strings.reduce_join(x["tokens"], separator=" "), x["labels"]))
