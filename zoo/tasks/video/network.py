"""The model of the video task: tracks or frames in, the probability of each label out."""

from typing import Any

import keras
import numpy as np

from seqzoo import door
from seqzoo.architectures import many_to_one
from seqzoo.classifier import Classifier
from seqzoo.losses import crossentropy
from seqzoo.optimizer import adam
from seqzoo.precision import whole
from seqzoo.tasks.video import dataset as data
from seqzoo.tasks.video.frames import see
from seqzoo.tasks.video.preprocessor import ABSENT, FilmPreprocessor, FramePreprocessor, TrackPreprocessor
from seqzoo.tasks.video.recipe import RECIPE
from seqzoo.tasks.video.tracks import Motion, RandomWarp
from seqzoo.wording import clipped


def create_model(
    cell: Any = "gru",
    dataset: str = "mini",
    shape: tuple | None = None,
    labels: Any = None,
    units: int = 64,
    layers: int = 2,
    bidirectional: bool = True,
    dropout: float = 0.3,
    tempo: float = 0.2,
    turn: float = 0.1,
    stretch: float = 0.1,
    noise: float = 0.005,
    input_dropout: float = 0.0,
    recurrent_dropout: float = 0.0,
    label_smoothing: float = 0.0,
    learning_rate: float = 5e-3,
    ema_momentum: float | None = None,
    data_dir: str | None = None,
) -> Classifier:
    """Builds the video model, compiled: tracks or frames in, the probability of each label out.

    A track becomes place and velocity x⟨t⟩ (see `Motion`). A frame goes through a small
    convolutional network, the same for all frames, that tells what is there, where, and how
    that changes: x⟨t⟩ (see `seqzoo.tasks.video.frames`). A many-to-one network then gives
    ŷ = softmax(Wy [a→⟨Tx⟩, a←⟨1⟩] + by).

    Args:
        cell: `"rnn"`, `"gru"` or `"lstm"`; a class or an object of a cell.
        dataset: what the model is for when there is no `shape`: `"mini"` (tracks),
            `"mini/frames"`, `"full"` or `"ucf101"`.
        shape: of films of your own: `(None, 2)` for tracks with places from 0 to 1, or
            `(None, height, width, channels)` for frames from 0 to 255.
        labels: the names of the labels of your own films, or how many they are.
        units: the size of a⟨t⟩, in each direction.
        layers: how many recurrent layers.
        bidirectional: whether to read the film from both ends.
        dropout: fraction of each recurrent layer's output to drop in training.
        tempo, turn, stretch, noise: how much a film is changed in training, see `RandomWarp` for
            tracks and `RandomAffine`, which only turns, moves and stretches, for frames.
        input_dropout: fraction of what each recurrent layer reads to drop in training, the same at every step
            of a sequence.
        recurrent_dropout: the same of a⟨t−1⟩ (Gal and Ghahramani 2016).
        label_smoothing: ε of `seqzoo.losses.SmoothedCrossentropy`: how far from certain labels are in
            training, and in `val_loss`.
        learning_rate: of Adam.
        ema_momentum: momentum of a moving average of the weights, which the model holds once
            `fit` ends; 0 for none. By default the recipe's for a dataset of the zoo, and none
            for films of your own.
        data_dir: unused; nothing is learned from the data before training.

    Returns:
        A compiled `Classifier`. It takes tracks of shape `(time, 2)` or frames of shape
        `(time, height, width, channels)`: a list of films of different lengths, or one array
        of them, in which tracks are filled up with -1 and frames with black; `predict` gives
        probabilities of shape `(films, labels)`.

    Raises:
        Refused: an unknown cell or dataset, a shape of neither kind, or one without labels.

    Example:

    >>> model = create_model(shape=(None, 2), labels=["left", "right"], units=8)
    >>> history = model.fit(np.random.rand(6, 20, 2), ["left", "right"] * 3, verbose=0)
    >>> model.predict(np.random.rand(1, 12, 2), verbose=0).shape
    (1, 2)
    """
    door.choose("dataset", dataset, data.SOURCES)
    own = shape is not None or labels is not None
    if own and (shape is None or labels is None):
        raise door.Refused(
            "shape and labels together: of one film, and the names of the labels",
            clipped(f"shape={shape}, labels={labels}"),
            "give both, or none for a dataset of the zoo",
        )
    preprocessor = film_preprocessor(*((shape, labels) if own else (data.SHAPES[dataset], data.LABELS[dataset])))
    film = keras.Input(preprocessor.shape, name="film")
    tracks = isinstance(preprocessor, TrackPreprocessor)
    network = many_to_one(
        motion(film, tempo, turn, stretch, noise) if tracks else see(film, turn=turn, stretch=stretch),
        outputs=len(preprocessor.labels),
        cell=cell,
        units=units,
        layers=layers,
        bidirectional=bidirectional,
        dropout=dropout,
        input_dropout=input_dropout,
        recurrent_dropout=recurrent_dropout,
    )
    model = Classifier(network, preprocessor, name="video")
    model.compile(
        adam(learning_rate, RECIPE.momentum(ema_momentum, own)),
        loss=crossentropy(label_smoothing),
        metrics=["accuracy"],
    )
    return model


def film_preprocessor(shape: Any, labels: Any) -> FilmPreprocessor:
    """The preprocessor for films of a shape.

    Args:
        shape: `(None, 2)`, or `(None, height, width, channels)`.
        labels: the names of the labels.

    Raises:
        Refused: it is the shape of neither.

    Example:

    >>> film_preprocessor((None, 24, 24, 1), ["left", "right"]).padding
    0.0
    """
    sizes = tuple(shape)[1:] if isinstance(shape, (tuple, list)) else ()
    whole = all(isinstance(size, (int, np.integer)) and size > 0 for size in sizes)
    if whole and sizes == (2,):
        return TrackPreprocessor(labels)
    if whole and len(sizes) == 3:
        return FramePreprocessor([int(size) for size in sizes], labels)
    raise door.Refused(
        "shape (None, 2) of tracks, or (None, height, width, channels) of frames",
        clipped(f"shape={shape!r}"),
        "give one of these",
    )


def motion(track: keras.KerasTensor, tempo: float, turn: float, stretch: float, noise: float) -> keras.KerasTensor:
    """Place and velocity x⟨t⟩ of a track, each track a little different in training: `(batch, time, 4)`, masked."""
    x = keras.layers.Masking(ABSENT, name="padding")(track)
    return Motion(name="motion", dtype=whole())(RandomWarp(tempo, turn, stretch, noise, name="warp", dtype=whole())(x))
