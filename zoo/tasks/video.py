"""Video activity recognition, many-to-one: a film in, what is going on out."""

import keras
import tensorflow as tf

from seqzoo.architectures import many_to_one
from seqzoo.datasets import video as data
from seqzoo.tasks.frames import see
from seqzoo.tasks.reference import Reference
from seqzoo.tasks.tracks import ABSENT, Motion, Wander
from seqzoo.words import did_you_mean

TITLE = "Video activity recognition"
ARCHITECTURE = "many-to-one"
REFERENCES = {
    "mini": Reference("accuracy", 0.90, "an LSTM of 64 units on place and velocity, measured for this project"),
}
SHAPES = {"mini": (None, 2), "mini/frames": (None, 24, 24, 1)}
SHAPES["full"] = SHAPES["ucf101"] = (None, data.FRAME, data.FRAME, 3)


def create_model(
    cell="gru",
    dataset="mini",
    shape=None,
    labels=None,
    units=64,
    layers=2,
    bidirectional=True,
    dropout=0.3,
    tempo=0.2,
    turn=0.1,
    stretch=0.1,
    noise=0.005,
    learning_rate=5e-3,
    averaging=0.0,
    data_dir=None,
):
    """Builds the video model, compiled: tracks or frames in, the probability of each label out.

    A track becomes place and velocity x⟨t⟩ (see `Motion`). A frame goes through a small
    convolutional network, the same for all frames, that tells what is there, where, and how
    that changes: x⟨t⟩ (see `seqzoo.tasks.frames`). A many-to-one network then gives
    ŷ = softmax(Wy a⟨Tx⟩ + by).

    Args:
        cell: `"rnn"`, `"gru"` or `"lstm"`.
        dataset: what the model is for when there is no `shape`: `"mini"` (tracks),
            `"mini/frames"`, `"full"` or `"ucf101"`.
        shape: of films of your own: `(None, 2)` for tracks with places from 0 to 1, or
            `(None, height, width, channels)` for frames from 0 to 255.
        labels: how many labels films of your own have.
        units: the size of a⟨t⟩, in each direction.
        layers: how many recurrent layers.
        bidirectional: whether to read the film from both ends.
        dropout: fraction of a⟨Tx⟩ to drop in training.
        tempo, turn, stretch, noise: how much a film is changed in training, see `Wander` for tracks
            and `Shake`, which only turns and stretches, for frames.
        learning_rate: of Adam.
        averaging: momentum of a moving average of the weights, 0 for none; see
            `seqzoo.tasks.sentiment.create_model`.
        data_dir: unused; nothing is learned from the data before training.

    Returns:
        A compiled `keras.Model` from tracks of shape `(batch, time, 2)`, in which -1 is padding,
        or frames `(batch, time, height, width, channels)`, in which black is, to
        probabilities of shape `(batch, labels)`.

    Raises:
        ValueError: an unknown cell or dataset, a wrong size, or a shape without labels.

    Example:

    >>> import numpy as np
    >>> model = create_model(cell="gru", shape=(None, 2), labels=4, units=8)
    >>> history = model.fit(np.random.rand(6, 20, 2), np.arange(6) % 4, verbose=0)
    >>> model.predict(np.random.rand(1, 12, 2), verbose=0).shape
    (1, 4)
    """
    if (shape is None) != (labels is None):
        raise ValueError(
            "shape and labels belong together: of one film, and how many labels there are. "
            f"Received: shape={shape}, labels={labels}. Give both or none."
        )
    if shape is None:
        _require_known(dataset)
        shape, labels = SHAPES[dataset], len(data.labels(dataset))
    film = keras.Input(shape, name="film")
    x = _motion(film, turn, stretch, noise, tempo) if len(shape) == 2 else see(film, turn=turn, stretch=stretch)
    network = many_to_one(
        x, outputs=labels, cell=cell, units=units, layers=layers, bidirectional=bidirectional, dropout=dropout
    )
    model = keras.Model(network.inputs, network.outputs, name="video")
    optimizer = keras.optimizers.Adam(learning_rate, use_ema=averaging > 0, ema_momentum=averaging)
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def batches(dataset="mini", split="train", batch_size=32, seed=0, limit=None, data_dir=None, large=False):
    """Loads a split as batches of films.

    The training split is shuffled anew for every epoch, the others keep their order. Shorter
    tracks are filled up with -1.

    Args:
        dataset: `"mini"`, `"mini/frames"`, `"full"` or `"ucf101"`.
        split: `"train"`, `"validation"` or `"test"`.
        batch_size: films in a batch.
        seed: of the shuffling.
        limit: how many films to take, all when None.
        data_dir: where TFDS keeps its data.
        large: whether TFDS may download the 6.5 GB of ucf101.

    Returns:
        `tf.data.Dataset` of pairs: tracks or frames, and labels int64 of shape `(batch,)`.

    Raises:
        ValueError: no such dataset or split.

    Example:

    >>> for tracks, labels in batches("mini", "test").take(1):  # doctest: +SKIP
    ...     print(tracks.shape, labels.shape)
    """
    films = data.load(dataset, split, data_dir, large)
    films = films.take(limit) if limit else films
    films = films if data.SOURCES[dataset] is data.UCF101 else films.cache()
    films = films.shuffle(500, seed=seed) if split == "train" else films
    padding = tf.constant(ABSENT) if dataset == "mini" else tf.constant(0, tf.uint8)
    films = films.padded_batch(batch_size, padding_values=(padding, tf.constant(0, tf.int64)))
    return films.prefetch(tf.data.AUTOTUNE)


def _motion(track, *ways):
    x = keras.layers.Masking(ABSENT, name="padding")(track)
    return Motion(name="motion")(Wander(*ways, name="wander")(x))


def _require_known(dataset):
    if dataset not in SHAPES:
        raise ValueError(
            f"dataset must be one of {', '.join(map(repr, SHAPES))}. Received: dataset={dataset!r}."
            f"{did_you_mean(dataset, SHAPES) or ' For films of your own give shape and labels.'}"
        )
