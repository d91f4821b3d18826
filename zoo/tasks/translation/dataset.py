"""The datasets of the translation task."""

import tensorflow as tf

from seqzoo.datasets import sources
from seqzoo.datasets.ahead import ahead
from seqzoo.datasets.buckets import bucket
from seqzoo.datasets.cached import in_memory
from seqzoo.datasets.sources import Source
from seqzoo.tasks.translation import emoji_names
from seqzoo.tasks.translation.recipe import RECIPE

EMOJI_PHRASES = Source(
    builder=f"{emoji_names.EmojiNames.name}/phrases",
    features={"source": "en", "target": "fr"},
)
EMOJI_NAMES = Source(
    builder=f"{emoji_names.EmojiNames.name}/names",
    features={"source": "en", "target": "fr"},
)
TED = Source(
    builder="ted_hrlr_translate/pt_to_en",
    features={"source": "pt", "target": "en"},
    urls=("http://www.phontron.com/data/qi18naacl-dataset.tar.gz",),
)
# TFDS has a training split only, and calls the French sentence the source.
TATOEBA = Source(
    builder="tatoeba/tatoeba_fr",
    features={"source": "source_sentence", "target": "target_sentence"},
    urls=tuple(
        f"https://raw.githubusercontent.com/facebookresearch/LASER/main/data/tatoeba/v1/tatoeba.fra-eng.{language}"
        for language in ("fra", "eng")
    ),
    splits={"train": "train[:80%]", "validation": "train[80%:90%]", "test": "train[90%:]"},
)

SOURCES = {
    "mini": EMOJI_NAMES,
    "mini/phrases": EMOJI_PHRASES,
    "full": TED,
    "ted_hrlr_translate/pt_to_en": TED,
    "tatoeba/tatoeba_fr": TATOEBA,
}

BUCKETS = (4, 6, 8, 10, 12, 16, 24, 32, 48)


def batches(
    dataset: str = "mini",
    split: str = "train",
    batch_size: int = RECIPE.batch_size,
    seed: int = 0,
    limit: int | None = None,
    data_dir: str | None = None,
    max_words: int = 64,
) -> tf.data.Dataset:
    """Loads a split as batches of pairs of about the same length.

    The training split is shuffled anew for every epoch, the others keep their order within
    each length. No sentence is cut.

    Args:
        dataset: `"mini"`, `"mini/phrases"`, `"full"`, `"ted_hrlr_translate/pt_to_en"` or
            `"tatoeba/tatoeba_fr"`.
        split: `"train"`, `"validation"` or `"test"`.
        batch_size: pairs in a batch.
        seed: of the shuffling.
        limit: how many pairs to take, all when None.
        data_dir: where TFDS keeps its data.
        max_words: training pairs with more words on a side are left out.

    Returns:
        `tf.data.Dataset` of pairs: sources and targets, strings of shape `(batch,)`.

    Raises:
        Refused: no such dataset or split.

    Example:

    >>> for sources, targets in batches("mini", "test").take(1):  # doctest: +SKIP
    ...     print(sources[0].numpy().decode(), "→", targets[0].numpy().decode())
    """
    examples = load(dataset, split, data_dir)
    if split == "train":
        examples = examples.filter(lambda *pair: count_words(*pair) <= max_words)
    ordered = in_memory(examples, split, seed, limit, buffer=60_000)
    return ahead(bucket(ordered, count_words, batch_size, BUCKETS))


def count_words(source, target):
    """The words of the longer of two texts, int32; words are what stands between spaces.

    >>> int(count_words(tf.constant("a hand"), tf.constant("une main levée")))
    3
    """
    return tf.maximum(tf.size(tf.strings.split(source)), tf.size(tf.strings.split(target)))


def load(dataset="mini", split="train", data_dir=None):
    """Loads pairs of sentences.

    Args:
        dataset: `"mini"` (emoji_names/names, English to French), `"mini/phrases"`
            (emoji_names/phrases, those with a skin tone), `"full"` (the same as `"ted_hrlr_translate/pt_to_en"`,
            Portuguese to English, 52,000 sentences of talks) or `"tatoeba/tatoeba_fr"` (French
            to English, 1,000 sentences). TED has its own three splits. Tatoeba has one, whose
            last two tenths are our validation and test.
        split: `"train"`, `"validation"` or `"test"`.
        data_dir: where TFDS keeps its data; by default TFDS's own choice.

    Returns:
        `tf.data.Dataset` of pairs: source and target, strings of shape `()`, without spaces
        or line ends around them. The order is fixed.

    Raises:
        ValueError: no such dataset or split.
        SourceUnreachable: the dataset is not on disk and its URL does not answer.
        PackageUnavailable, WrongDigest: the mini dataset's package cannot be had.

    Example:

    >>> for source, target in load("mini", "test").take(1):  # doctest: +SKIP
    ...     print(source.numpy().decode(), "→", target.numpy().decode())
    """
    examples = sources.load(SOURCES, dataset, split, data_dir)
    return examples.map(lambda x: (tf.strings.strip(x["source"]), tf.strings.strip(x["target"])))
