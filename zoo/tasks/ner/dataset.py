"""The datasets of the task named entity recognition."""

import tensorflow as tf

from seqzoo.datasets import sources
from seqzoo.datasets.ahead import ahead
from seqzoo.datasets.buckets import bucket
from seqzoo.datasets.cached import in_memory
from seqzoo.datasets.sources import Source
from seqzoo.tasks.ner import us_addresses
from seqzoo.tasks.ner.recipe import RECIPE

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

BUCKETS = (6, 8, 10, 13, 16, 24, 32, 48, 64)


def batches(
    dataset: str = "mini",
    split: str = "train",
    batch_size: int = RECIPE.batch_size,
    seed: int = 0,
    limit: int | None = None,
    data_dir: str | None = None,
) -> tf.data.Dataset:
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
        `(batch, tokens)`, places in `LABELS[dataset]`, -1 after a sentence's end.

    Raises:
        Refused: no such dataset or split.

    Example:

    >>> for sentences, labels in batches("mini", "test").take(1):  # doctest: +SKIP
    ...     print(sentences[0].numpy().decode(), labels[0].numpy())
    """
    ordered = in_memory(load(dataset, split, data_dir), split, seed, limit, buffer=25_000)
    # Padding is 0 here, so that labels go in one higher, and come out with -1.
    higher = ordered.map(lambda sentence, labels: (sentence, labels + 1))
    padded = bucket(higher, lambda sentence, labels: tf.size(labels), batch_size, BUCKETS)
    return ahead(padded.map(lambda sentences, labels: (sentences, labels - 1)))


def load(dataset: str = "mini", split: str = "train", data_dir: str | None = None) -> tf.data.Dataset:
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
