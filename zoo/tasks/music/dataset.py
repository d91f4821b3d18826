"""The datasets of the music task."""

import tensorflow as tf

from seqzoo.datasets import sources
from seqzoo.datasets.ahead import ahead
from seqzoo.datasets.buckets import bucket
from seqzoo.datasets.cached import in_memory
from seqzoo.datasets.sources import Source
from seqzoo.tasks.music import drums, oneills
from seqzoo.tasks.music.recipe import RECIPE

STYLES = (
    *("afrobeat", "afrocuban", "blues", "country", "dance", "funk", "gospel", "highlife", "hiphop"),
    *("jazz", "latin", "middleeastern", "neworleans", "pop", "punk", "reggae", "rock", "soul"),
)
SIXTEENTHS = (12, 16, 20, 10, 12)  # in a bar of 3-4, 4-4, 5-4, 5-8 and 6-8

ONEILLS = Source(
    builder=oneills.Oneills.name,
    features={"rhythm": "rhythm", "tune": "tune"},
)
GROOVE = Source(
    builder="groove/full-midionly",
    features={"style": "style", "metre": "time_signature", "midi": "midi"},
    urls=("https://storage.googleapis.com/magentadata/datasets/groove/groove-v1.0.0-midionly.zip",),
)

SOURCES = {
    "mini": ONEILLS,
    "full": GROOVE,
    "groove/full-midionly": GROOVE,
}
RHYTHMS = {
    "mini": oneills.RHYTHMS,
    "full": STYLES,
    "groove/full-midionly": STYLES,
}

BUCKETS = (150, 175, 200, 225, 250, 275, 300, 350, 400, 500, 700, 1000)


def batches(
    dataset: str = "mini",
    split: str = "train",
    batch_size: int = RECIPE.batch_size,
    seed: int = 0,
    limit: int | None = None,
    data_dir: str | None = None,
) -> tf.data.Dataset:
    """Loads a split as batches of tunes of about the same length.

    The training split is shuffled anew for every epoch, the others keep their order within
    each length. No tune is cut.

    Args:
        dataset: `"mini"`, `"full"` or `"groove/full-midionly"`.
        split: `"train"`, `"validation"` or `"test"`.
        batch_size: tunes in a batch.
        seed: of the shuffling.
        limit: how many tunes to take, all when None.
        data_dir: where TFDS keeps its data.

    Returns:
        `tf.data.Dataset` of pairs: rhythms and tunes, strings of shape `(batch,)`.

    Raises:
        Refused: no such dataset or split.

    Example:

    >>> for rhythms, tunes in batches("mini", "test").take(1):  # doctest: +SKIP
    ...     print(rhythms[0].numpy().decode(), tunes[0].numpy().decode(), sep="\\n")
    """
    ordered = in_memory(load(dataset, split, data_dir), split, seed, limit, buffer=5_000)
    grouped = bucket(ordered, lambda rhythm, tune: tf.strings.length(tune), batch_size, BUCKETS)
    # bucket gives full batches first, the rests of each length last: an epoch is to end on all.
    grouped = grouped.shuffle(128, seed=seed) if split == "train" else grouped
    return ahead(grouped)


def load(dataset="mini", split="train", data_dir=None):
    """Loads tunes with their rhythm, or drum performances with their style.

    Args:
        dataset: `"mini"` (oneills: Irish tunes in ABC notation), or `"full"`, the same as
            `"groove/full-midionly"` (drum performances, written as `seqzoo.tasks.music.drums`
            does, the first 32 bars). The splits of groove are its own.
        split: `"train"`, `"validation"` or `"test"`.
        data_dir: where TFDS keeps its data; by default TFDS's own choice.

    Returns:
        `tf.data.Dataset` of pairs: rhythm, a string of shape `()`; tune, a string of shape
        `()`. The order is fixed.

    Raises:
        ValueError: no such dataset or split.
        SourceUnreachable: the dataset is not on disk and its URL does not answer.
        PackageUnavailable, WrongDigest: the mini dataset's package cannot be had.

    Example:

    >>> for rhythm, tune in load("mini", "test").take(1):  # doctest: +SKIP
    ...     print(rhythm.numpy().decode(), tune.numpy().decode(), sep="\\n")
    """
    examples = sources.load(SOURCES, dataset, split, data_dir)
    if SOURCES[dataset] is ONEILLS:
        return examples.map(lambda example: (example["rhythm"], example["tune"]))
    performances = examples.map(_performance)
    return performances.filter(lambda style, text: tf.strings.length(text) > 0)


def _performance(example):
    steps = tf.gather(SIXTEENTHS, example["metre"])
    text = tf.numpy_function(drums.from_midi, [example["midi"], steps], tf.string, stateful=False)
    return tf.gather(STYLES, example["style"]["primary"]), tf.ensure_shape(text, ())
