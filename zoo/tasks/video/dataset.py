"""The datasets of the video task."""

import tensorflow as tf

from seqzoo.datasets import sources
from seqzoo.datasets.ahead import ahead
from seqzoo.datasets.cached import cached, limited
from seqzoo.datasets.sources import Source
from seqzoo.tasks.video import films, libras_movements
from seqzoo.tasks.video.libras_movements import MOVEMENTS
from seqzoo.tasks.video.preprocessor import ABSENT
from seqzoo.tasks.video.recipe import RECIPE
from seqzoo.tasks.video.ucf101_labels import ACTIVITIES

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

LABELS = {"mini": MOVEMENTS, "mini/frames": MOVEMENTS, "full": ACTIVITIES, "ucf101": ACTIVITIES}
SHAPES = {"mini": (None, 2), "mini/frames": (None, 24, 24, 1)}
SHAPES["full"] = SHAPES["ucf101"] = (None, FRAME, FRAME, 3)


def batches(
    dataset: str = "mini",
    split: str = "train",
    batch_size: int = RECIPE.batch_size,
    seed: int = 0,
    limit: int | None = None,
    data_dir: str | None = None,
    large: bool = False,
) -> tf.data.Dataset:
    """Loads a split as batches of films.

    The training split is shuffled anew for every epoch, the others keep their order. Shorter
    tracks are filled up with -1, shorter films with black frames.

    Args:
        dataset: `"mini"`, `"mini/frames"`, `"full"` or `"ucf101"`.
        split: `"train"`, `"validation"` or `"test"`.
        batch_size: films in a batch.
        seed: of the shuffling.
        limit: how many films to take, all when None.
        data_dir: where TFDS keeps its data.
        large: whether TFDS may download the 6.5 GB of ucf101.

    Returns:
        `tf.data.Dataset` of pairs: tracks or frames; labels, int64 of shape `(batch,)`, places
        in `LABELS[dataset]`.

    Raises:
        Refused: no such dataset or split.
        SourceTooLarge: ucf101 is not on disk, and `large` is not set.

    Example:

    >>> for tracks, labels in batches("mini", "test").take(1):  # doctest: +SKIP
    ...     print(tracks.shape, labels.shape)
    """
    examples = load(dataset, split, data_dir, large)
    examples = limited(examples, limit)
    examples = examples if SOURCES[dataset] is UCF101 else cached(examples)
    examples = examples.shuffle(500, seed=seed) if split == "train" else examples
    padding = tf.constant(ABSENT) if dataset == "mini" else tf.constant(0, tf.uint8)
    examples = examples.padded_batch(batch_size, padding_values=(padding, tf.constant(0, tf.int64)))
    return ahead(examples)


def load(
    dataset: str = "mini", split: str = "train", data_dir: str | None = None, large: bool = False
) -> tf.data.Dataset:
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
        of shape `(frames, height, width, channels)`; and the label, int64 of shape `()`, a
        place in `LABELS[dataset]`. The order is fixed.

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


def _drawn(track, label):
    frames = tf.numpy_function(films.draw, [track], tf.uint8)
    return tf.ensure_shape(frames, (None, 24, 24, 1)), label


def _small(video, label):
    frames = tf.image.resize(video[::EVERY], (FRAME, FRAME), antialias=True)
    return tf.cast(tf.round(frames), tf.uint8), label
