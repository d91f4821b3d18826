"""The datasets of the video task."""

import tensorflow as tf
import tensorflow_datasets as tfds

from seqzoo.datasets import films, libras_movements, sources
from seqzoo.datasets.libras_movements import MOVEMENTS
from seqzoo.datasets.sources import Source

LIBRAS_MOVEMENTS = Source(
    builder=libras_movements.LibrasMovements.name,
    features={"x": "track", "label": "label"},
)
# To prepare it TFDS needs the program ffmpeg besides the room.
UCF101 = Source(
    builder="ucf101/ucf101_1",
    features={"x": "video", "label": "label"},
    urls=("https://storage.googleapis.com/thumos14_files/UCF101_videos.zip",),
    splits={"train": "train[:90%]", "validation": "train[90%:]", "test": "test"},
    gigabytes=6.5,
)
SOURCES = {"mini": LIBRAS_MOVEMENTS, "mini/frames": LIBRAS_MOVEMENTS, "full": UCF101, "ucf101": UCF101}
FRAME = 64  # pixels along each side of a frame of ucf101
EVERY = 8  # of its frames, one in so many


def load(dataset="mini", split="train", data_dir=None, large=False):
    """Loads labelled films.

    Args:
        dataset: `"mini"` (libras_movements: where a hand is in each frame), `"mini/frames"`
            (the same tracks drawn as films) or `"full"`, which is `"ucf101"` (people at sport
            and play; every eighth frame, 64 by 64; the last tenth of the training split is
            validation, and holds films of the same scenes).
        split: `"train"`, `"validation"` or `"test"`.
        data_dir: where TFDS keeps its data; by default TFDS's own choice.
        large: whether TFDS may download the 6.5 GB of ucf101, which it needs ffmpeg for.

    Returns:
        `tf.data.Dataset` of pairs: a track, float32 of shape `(frames, 2)`, or frames, uint8
        of shape `(frames, height, width, channels)`; and the label, int64 of shape `()`. The
        order is fixed.

    Raises:
        ValueError: no such dataset or split.
        SourceTooLarge: ucf101 is not on disk, and `large` is not set.
        SourceUnreachable: the dataset is not on disk and its URL does not answer.
        PackageUnavailable, WrongDigest: the mini dataset's package cannot be had.

    Example:

    >>> for track, label in load("mini", "test").take(1):  # doctest: +SKIP
    ...     print(track.shape, MOVEMENTS[label])
    """
    examples = sources.load(SOURCES, dataset, split, data_dir, large=large)
    examples = examples.map(lambda film: (film["x"], film["label"]))
    if dataset == "mini/frames":
        return examples.map(_drawn)
    return examples.map(_small) if SOURCES[dataset] is UCF101 else examples


def labels(dataset="mini"):
    """The labels' names, of `SOURCES[dataset]`.

    Example:

    >>> labels("mini")[5]
    'circle'
    """
    if SOURCES[dataset] is LIBRAS_MOVEMENTS:
        return MOVEMENTS
    return tuple(tfds.builder(SOURCES[dataset].builder).info.features["label"].names)


def _drawn(track, label):
    frames = tf.numpy_function(films.draw, [track], tf.uint8)
    return tf.ensure_shape(frames, (None, 24, 24, 1)), label


def _small(video, label):
    frames = tf.image.resize(video[::EVERY], (FRAME, FRAME), antialias=True)
    return tf.cast(tf.round(frames), tf.uint8), label
