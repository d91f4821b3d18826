"""The datasets of the music task."""

import tensorflow as tf

from seqzoo.datasets import drums, oneills, sources
from seqzoo.datasets.sources import Source

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


def load(dataset="mini", split="train", data_dir=None):
    """Loads tunes with their rhythm, or drum performances with their style.

    Args:
        dataset: `"mini"` (oneills: Irish tunes in ABC notation), or `"full"`, the same as
            `"groove/full-midionly"` (drum performances, written as `seqzoo.datasets.drums`
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
