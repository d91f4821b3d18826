"""The datasets of the sentiment task."""

from collections.abc import Sequence

import tensorflow as tf
import tensorflow_datasets as tfds

from seqzoo import door
from seqzoo.datasets import package_index, sources
from seqzoo.datasets.ahead import ahead
from seqzoo.datasets.buckets import bucket
from seqzoo.datasets.cached import in_memory
from seqzoo.datasets.sources import Source
from seqzoo.preprocessing import text
from seqzoo.tasks.sentiment import movie_snippets
from seqzoo.tasks.sentiment.recipe import RECIPE

LABELS = ("negative", "positive")

MOVIE_SNIPPETS = Source(
    builder=movie_snippets.MovieSnippets.name,
    features={"text": "text", "label": "label"},
)
# The labels of GLUE's own test split are not public: its validation split is our test.
SST2 = Source(
    builder="glue/sst2",
    features={"text": "sentence", "label": "label"},
    urls=("https://dl.fbaipublicfiles.com/glue/data/SST-2.zip",),
    splits={"train": "train[:90%]", "validation": "train[90%:]", "test": "validation"},
)
IMDB_REVIEWS = Source(
    builder="imdb_reviews",
    features={"text": "text", "label": "label"},
    urls=("http://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",),
    splits={"train": "train[:90%]", "validation": "train[90%:]", "test": "test"},
)

SOURCES = {
    "mini": MOVIE_SNIPPETS,
    "full": SST2,
    "glue/sst2": SST2,
    "imdb_reviews": IMDB_REVIEWS,
}

BUCKETS = (8, 16, 24, 32, 48, 64, 96, 128, 160, 192, 224, 256, 320, 384, 512, 640, 800, 1024)


def batches(
    dataset: str = "mini",
    split: str = "train",
    batch_size: int = RECIPE.batch_size,
    seed: int = 0,
    limit: int | None = None,
    data_dir: str | None = None,
    max_tokens: int | None = None,
    keep: str = "last",
    buckets: Sequence[int] = BUCKETS,
) -> tf.data.Dataset:
    """Loads a split as batches of sentences of about the same length.

    The training split is shuffled anew for every epoch, the others keep their order within
    each length.

    Args:
        dataset: `"mini"`, `"full"`, `"glue/sst2"` or `"imdb_reviews"`.
        split: `"train"`, `"validation"` or `"test"`.
        batch_size: sentences in a batch.
        seed: of the shuffling.
        limit: how many sentences to take, all when None.
        data_dir: where TFDS keeps its data.
        max_tokens: how many words of a text to keep; all when None. A warning says how many texts
            were cut.
        keep: which end of a text that is cut stays, `"first"` or `"last"`; the verdict of a review
            stands at its end.
        buckets: increasing numbers of words at which another batch begins.

    Returns:
        `tf.data.Dataset` of pairs: strings of shape `(batch,)`; labels, int64 of shape
        `(batch,)`, places in `LABELS`.

    Raises:
        Refused: no such dataset or split, or a limit below 1.

    Example:

    >>> for sentences, labels in batches("mini", "test").take(1):  # doctest: +SKIP
    ...     print(sentences[0].numpy().decode(), LABELS[labels[0]])
    """
    door.choose("keep", keep, ("first", "last"))
    if max_tokens is not None and max_tokens < 1:
        raise door.Refused("max_tokens of 1 or more, or None", repr(max_tokens), "give for example max_tokens=256")
    examples = load(dataset, split, data_dir)
    # Words are counted once, before the examples are kept in memory.
    counted = examples.map(lambda sentence, label: (sentence, label, text.count_words(sentence)))
    ordered = in_memory(counted, split, seed, limit, buffer=25_000)
    if max_tokens is not None:
        _warn_of_cut(ordered, split, max_tokens, keep)
        ordered = ordered.map(lambda s, label, n: (text.cut(s, max_tokens, keep), label, tf.minimum(n, max_tokens)))
    batches = bucket(ordered, lambda sentence, label, words: words, batch_size, buckets)
    return ahead(batches.map(lambda sentences, labels, words: (sentences, labels)))


def _warn_of_cut(counted, split, max_tokens, keep):
    lengths = [int(words) for _, _, words in counted]
    cut = sum(words > max_tokens for words in lengths)
    if cut:
        door.warn(
            f"texts of at most max_tokens={max_tokens} words",
            f"{cut} of {len(lengths)} in {split} that are longer, and keep their {keep} words",
            "give a larger max_tokens, or None for whole texts",
            stacklevel=3,
        )


def load(dataset="mini", split="train", data_dir=None):
    """Loads labelled sentences.

    Args:
        dataset: `"mini"` (movie_snippets), `"full"` (the same as `"glue/sst2"`),
            `"glue/sst2"` or `"imdb_reviews"`. SST-2 and IMDB give the last tenth of their
            training split to validation; the phrases of SST-2 overlap, so its validation
            accuracy is optimistic. The test split of SST-2 is GLUE's validation split.
        split: `"train"`, `"validation"` or `"test"`.
        data_dir: where TFDS keeps its data; by default TFDS's own choice.

    Returns:
        `tf.data.Dataset` of pairs: text, a string of shape `()`; label, an int64 of
        shape `()`, 0 negative and 1 positive. The order is fixed.

    Raises:
        ValueError: no such dataset or split.
        SourceUnreachable: the dataset is not on disk and its URL does not answer.
        PackageUnavailable, WrongDigest: the mini dataset's package cannot be had.

    Example:

    >>> for text, label in load("mini", "test").take(1):  # doctest: +SKIP
    ...     print(text.numpy().decode(), LABELS[label])
    """
    examples = sources.load(SOURCES, dataset, split, data_dir)
    return examples.map(lambda example: (example["text"], example["label"]))


def word_ratings(data_dir=None):
    """Loads how people rate single words: VADER's lexicon, from the package that brings `mini`.

    Args:
        data_dir: where TFDS keeps its data; by default TFDS's own choice.

    Returns:
        Dictionary from 7,000 words or so to ratings from -1 (extremely negative) to 1.

    Raises:
        PackageUnavailable, WrongDigest: the package cannot be had.

    Example:

    >>> word_ratings()["wonderful"]  # doctest: +SKIP
    0.675
    """
    builder = tfds.builder(MOVIE_SNIPPETS.builder, data_dir=data_dir)
    archive = package_index.fetch(movie_snippets.PACKAGE, builder.data_dir_root / "downloads")
    table = package_index.read(archive, movie_snippets.LEXICON).decode("utf-8")
    return movie_snippets.parse_lexicon(table)
