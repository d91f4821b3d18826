"""The datasets of the speech task."""

import numpy as np
import tensorflow as tf

from seqzoo.datasets import sources
from seqzoo.datasets.ahead import ahead
from seqzoo.datasets.cached import cached, limited
from seqzoo.datasets.sources import Source
from seqzoo.tasks.speech import spoken_digit_frames
from seqzoo.tasks.speech.recipe import RECIPE
from seqzoo.tasks.speech.spoken_digit_frames import COEFFICIENTS, DIGITS

SPOKEN_DIGIT_FRAMES = Source(
    builder=spoken_digit_frames.SpokenDigitFrames.name,
    features={"sound": "frames", "label": "label"},
)
# TFDS has one split; the dataset's own rule is in `_of_split`.
SPOKEN_DIGIT = Source(
    builder="spoken_digit",
    features={"sound": "audio", "label": "label", "file": "audio/filename"},
    urls=("https://github.com/Jakobovski/free-spoken-digit-dataset/archive/v1.0.9.tar.gz",),
    splits={"train": "train", "validation": "train", "test": "train"},
)
SPEECH_COMMANDS = Source(
    builder="speech_commands",
    features={"sound": "audio", "label": "label"},
    urls=(
        "http://download.tensorflow.org/data/speech_commands_v0.02.tar.gz",
        "http://download.tensorflow.org/data/speech_commands_test_set_v0.02.tar.gz",
    ),
    gigabytes=2.4,
)
SOURCES = {
    "mini": SPOKEN_DIGIT_FRAMES,
    "mini/digits": SPOKEN_DIGIT_FRAMES,
    "full": SPOKEN_DIGIT,
    "spoken_digit": SPOKEN_DIGIT,
    "spoken_digit/strings": SPOKEN_DIGIT,
    "speech_commands": SPEECH_COMMANDS,
}
STRINGS = ("mini", "spoken_digit/strings")
COMMANDS = ("down", "go", "left", "no", "off", "on", "right", "stop", "up", "yes", "(silence)", "(unknown)")
LABELS = {name: COMMANDS if source is SPEECH_COMMANDS else DIGITS for name, source in SOURCES.items()}
# Samples in a second; none where the sound comes as frames.
RATES = {"full": 8_000, "spoken_digit": 8_000, "spoken_digit/strings": 8_000, "speech_commands": 16_000}
FEWEST, MOST = 2, 4  # recordings in a string


def batches(
    dataset: str = "mini",
    split: str = "train",
    batch_size: int = RECIPE.batch_size,
    seed: int = 0,
    limit: int | None = None,
    data_dir: str | None = None,
    manual_dir: str | None = None,
    large: bool = False,
) -> tf.data.Dataset:
    """Loads a split as batches of sounds and what is said in them.

    The training split is shuffled, and of joined recordings others are joined, anew for every
    epoch; the others keep their order.

    Args:
        dataset: a name of `SOURCES`, see `load`.
        split: `"train"`, `"validation"` or `"test"`.
        batch_size: sounds in a batch.
        seed: of the shuffling and joining.
        limit: how many sounds to take, all when None.
        data_dir: where TFDS keeps its data.
        manual_dir, large: see `load`.

    Returns:
        `tf.data.Dataset` of pairs: sounds of shape `(batch, time, 13)` or `(batch, samples)`,
        zeros after their ends; and transcripts, strings of shape `(batch,)`.

    Raises:
        Refused: no such dataset or split.

    Example:

    >>> for sounds, transcripts in batches("mini", "test").take(1):  # doctest: +SKIP
    ...     print(sounds.shape, transcripts[0].numpy().decode())
    """
    examples = load(dataset, split, data_dir, manual_dir, large, seed)
    examples = limited(examples, limit)
    if split == "train" and dataset not in STRINGS:
        examples = cached(examples) if SOURCES[dataset] is not SPEECH_COMMANDS else examples
        examples = examples.shuffle(5_000, seed=seed)
    elif split != "train":
        examples = cached(examples)
    return ahead(examples.padded_batch(batch_size))


def load(dataset="mini", split="train", data_dir=None, manual_dir=None, large=False, seed=0):
    """Loads sounds and what is said in them.

    Args:
        dataset: `"mini"` (strings of 2 to 4 recordings of spoken_digit_frames, joined),
            `"mini/digits"` (its single recordings), `"full"`, which is `"spoken_digit"` (the
            sound of single digits), `"spoken_digit/strings"` (joined), or `"speech_commands"`
            (the sound of single words).
        split: `"train"`, `"validation"` or `"test"`.
        data_dir: where TFDS keeps its data; by default TFDS's own choice.
        manual_dir: a folder with archives downloaded by hand, as in
            `tfds.download.DownloadConfig`.
        large: whether TFDS may download the 2.4 GB of speech_commands.
        seed: which recordings are joined in training, anew for each pass. Validation and test
            are always the same.

    Returns:
        `tf.data.Dataset` of pairs: sound, float32 of shape `(time, 13)` where there are frames
        or `(samples,)`, from -1 to 1, where there is sound; and the transcript, a string of
        words of `LABELS[dataset]` between spaces. Of n recordings there are n strings.

    Raises:
        ValueError: no such dataset or split.
        SourceUnreachable, SourceTooLarge: the dataset cannot be had.
        PackageUnavailable, WrongDigest: the mini dataset's package cannot be had.

    Example:

    >>> for sound, transcript in load("mini", "test").take(1):  # doctest: +SKIP
    ...     print(sound.shape, transcript.numpy().decode())
    """
    examples = sources.load(SOURCES, dataset, split, data_dir, manual_dir, large)
    source = SOURCES[dataset]
    if source is SPOKEN_DIGIT:
        examples = examples.filter(lambda example: _of_split(example["file"], split))
    words = tf.constant(LABELS[dataset])
    examples = examples.map(lambda example: (_sound(example["sound"], dataset), words[example["label"]]))
    if dataset not in STRINGS:
        return examples
    joined = join_anew(examples, seed) if split == "train" else join_once(examples)
    return joined.map(lambda sound, words: (sound, tf.strings.reduce_join(words, separator=" ")))


def join_anew(recordings: tf.data.Dataset, seed: int = 0) -> tf.data.Dataset:
    """Joins recordings of words to strings of 2 to 4, in each pass others.

    Args:
        recordings: pairs, finite, to be kept in memory: sound of shape `(time, ...)`, and its word, of shape `()`.
        seed: which are joined; TensorFlow's own seed has a part in it too.

    Returns:
        Pairs: sound, one after the other, and words `(words,)`. As many as there are
        recordings; each recording is in about three of them.

    Example:

    >>> recordings = tf.data.Dataset.from_tensor_slices(([[1.0], [2.0], [3.0]], [1, 2, 3]))
    >>> all(sound.numpy().astype(int).tolist() == words.numpy().tolist()
    ...     for sound, words in join_anew(recordings))
    True
    """
    recordings = cached(recordings)
    size = len(recordings)
    shuffled = recordings.repeat(MOST).shuffle(MOST * size, seed=seed)
    groups = shuffled.ragged_batch(MOST, drop_remainder=True)
    draws = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True)

    def first(draw, group):
        sounds, words = group
        if not isinstance(sounds, tf.RaggedTensor):  # all of one length
            sounds = tf.RaggedTensor.from_tensor(sounds)
        some = FEWEST + tf.cast(draw % (MOST - FEWEST + 1), tf.int32)
        return sounds[:some].values, words[:some]

    joined = tf.data.Dataset.zip(draws, groups).map(first)
    return joined.apply(tf.data.experimental.assert_cardinality(size))


def join_once(recordings: tf.data.Dataset) -> tf.data.Dataset:
    """As `join_anew`, always the same strings, whatever TensorFlow's own seed is.

    >>> recordings = tf.data.Dataset.from_tensor_slices(([[1.0], [2.0], [3.0]], [1, 2, 3]))
    >>> [words.numpy().tolist() for _, words in join_once(recordings)]
    [[...], [...], [...]]
    """
    parts = list(recordings.as_numpy_iterator())
    draw = np.random.default_rng(0)
    groups = draw.permutation(np.tile(np.arange(len(parts)), MOST)).reshape(-1, MOST)
    counts = draw.integers(FEWEST, MOST, len(parts), endpoint=True)

    def joined():
        for group, count in zip(groups, counts):
            sounds, words = zip(*(parts[i] for i in group[:count]))
            yield np.concatenate(sounds), np.array(words)

    sound, word = recordings.element_spec
    signature = (tf.TensorSpec((None, *sound.shape[1:]), sound.dtype), tf.TensorSpec((None,), word.dtype))
    strings = tf.data.Dataset.from_generator(joined, output_signature=signature)
    return strings.apply(tf.data.experimental.assert_cardinality(len(parts)))


def _of_split(file, split):
    """The dataset's own rule: recordings 0 to 4 of each speaker and digit are the test; 5 to 9 validate."""
    number = tf.strings.to_number(tf.strings.regex_replace(file, r".*_(\d+)\.wav", r"\1"), tf.int32)
    first, last = {"test": (0, 4), "validation": (5, 9), "train": (10, 1000)}[split]
    return (first <= number) & (number <= last)


def _sound(sound, dataset):
    if dataset not in RATES:
        return tf.ensure_shape(sound, (None, COEFFICIENTS))
    return tf.cast(sound, tf.float32) / 2**15
