"""From a film to vectors x⟨t⟩: what each frame shows, where, and what changes."""

import math
from typing import Any

import keras
from keras import ops

from seqzoo.precision import whole


def see(film: keras.KerasTensor, maps: int = 8, turn: float = 0.0, stretch: float = 0.0) -> keras.KerasTensor:
    """Adds the layers that look at a film.

    Args:
        film: Keras tensor of frames from 0 to 255, shape `(batch, time, height, width, channels)`;
            black frames are padding.
        maps: how many things the small convolutional network, the same for all frames, looks for.
        turn, stretch: of `RandomAffine`, in training only.

    Returns:
        Keras tensor of shape `(batch, time, 6 maps)`, masked where the film is padding.

    Example:

    >>> see(keras.Input((None, 24, 24, 1))).shape
    (None, None, 48)
    """
    last = dict(data_format="channels_last")  # whatever Keras is set to
    frame = keras.Input(film.shape[2:])
    x = keras.layers.Rescaling(1 / 255)(frame)
    x = keras.layers.Conv2D(2 * maps, 5, strides=2, padding="same", activation="relu", **last)(x)
    x = keras.layers.Conv2D(maps, 3, padding="same", **last)(x)
    what, where = keras.layers.GlobalMaxPooling2D(**last)(x), Places(name="places")(x)
    look = keras.Model(frame, keras.layers.Concatenate()([what, where]), name="frame")
    filmed = RandomAffine(turn, stretch, name="affine", dtype=whole())(MaskBlack(name="padding", dtype=whole())(film))
    return Changes(name="changes")(EachFrame(look, name="frames")(filmed))


@keras.saving.register_keras_serializable("seqzoo")
class Places(keras.layers.Layer):
    """Where each map is high: the mean place under softmax(4 map), both coordinates from -1 to 1.

    Reference: Finn et al. (2016), "Deep Spatial Autoencoders for Visuomotor Learning".

    Call arguments:
        x: maps of shape `(batch, height, width, maps)`.

    Output shape:
        `(batch, 2 maps)`: how far to the right each is, then how far down.

    Example:

    >>> map = ops.reshape(ops.array([[0.0, 0.0, 90.0], [0.0, 0.0, 0.0]]), (1, 2, 3, 1))
    >>> ops.convert_to_numpy(Places()(map))
    array([[ 1., -1.]], dtype=float32)
    """

    def call(self, x: Any) -> Any:
        _, height, width, maps = x.shape
        p = ops.softmax(ops.reshape(4.0 * x, (-1, height * width, maps)), axis=1)
        p = ops.reshape(p, (-1, height, width, maps))
        to_the_right, downwards = (ops.linspace(-1.0, 1.0, size, dtype=p.dtype) for size in (width, height))
        right = ops.sum(p * to_the_right[:, None], axis=(1, 2))  # products and sums: LiteRT has no Einsum
        down = ops.sum(p * downwards[:, None, None], axis=(1, 2))
        return ops.concatenate([right, down], axis=-1)

    def compute_output_shape(self, shape: tuple) -> tuple:
        return (shape[0], 2 * shape[-1])


@keras.saving.register_keras_serializable("seqzoo")
class Changes(keras.layers.Layer):
    """[x⟨t⟩, 5 (x⟨t⟩ − x⟨t−1⟩)]: what is seen, and how it changes, scaled to about the same size.

    Example:

    >>> ops.convert_to_numpy(Changes()(ops.array([[[1.0], [3.0]]]))).tolist()
    [[[1.0, 0.0], [3.0, 10.0]]]
    """

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, x: Any) -> Any:
        before = ops.concatenate([x[:, :1], x[:, :-1]], axis=1)
        return ops.concatenate([x, 5.0 * (x - before)], axis=-1)

    def compute_output_shape(self, shape: tuple) -> tuple:
        return (*shape[:-1], 2 * shape[-1])


@keras.saving.register_keras_serializable("seqzoo")
class MaskBlack(keras.layers.Layer):
    """The film as it is, with a mask that leaves black frames out: padding.

    Example:

    >>> film = ops.stack([ops.ones((4, 4, 1)), ops.zeros((4, 4, 1))])[None]
    >>> ops.convert_to_numpy(MaskBlack().compute_mask(film))
    array([[ True, False]])
    """

    def call(self, film: Any) -> Any:
        return film

    def compute_mask(self, film: Any, mask: Any = None) -> Any:
        return ops.any(ops.not_equal(film, 0), axis=tuple(range(2, len(film.shape))))

    def compute_output_shape(self, shape: tuple) -> tuple:
        return shape


@keras.saving.register_keras_serializable("seqzoo")
class RandomAffine(keras.layers.Layer):
    """Turns, stretches and moves each film a little, all its frames alike, in training only.

    Args:
        turn: the largest angle, in radians; a film is also moved, by up to half of it, of a
            picture's side.
        stretch: the largest change of a side's length, as a fraction of it.
        seed: of the random numbers.

    Call arguments:
        film: shape `(batch, time, height, width, channels)`.

    Example:

    >>> film = keras.random.uniform((2, 5, 8, 8, 1))
    >>> affine = RandomAffine(0.2, 0.2)
    >>> bool(ops.all(affine(film) == film)), bool(ops.all(affine(film, training=True) == film))
    (True, False)
    """

    def __init__(self, turn: float = 0.1, stretch: float = 0.1, seed: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.turn, self.stretch, self.seed = turn, stretch, seed
        self.supports_masking = True
        black = dict(fill_mode="constant", data_format="channels_last", seed=seed)
        self.ways = [
            keras.layers.RandomRotation(turn / (2 * math.pi), **black),
            keras.layers.RandomTranslation(turn / 2, turn / 2, **black),
            keras.layers.RandomZoom((-stretch, stretch), (-stretch, stretch), **black),
        ]

    def build(self, shape: tuple) -> None:
        for way in self.ways:
            way.build((None, *shape[2:]))
        self.built = True

    def call(self, film: Any, training: bool = False) -> Any:
        if not training or not (self.turn or self.stretch):
            return film
        # Keras's layers move pictures: a film is one whose channels are those of all its frames.
        batch, time, *frame = ops.shape(film)
        height, width, channels = frame
        picture = ops.reshape(ops.transpose(film, (0, 2, 3, 1, 4)), (batch, height, width, time * channels))
        for way in self.ways:
            picture = way(picture, training=True)
        film = ops.reshape(picture, (batch, height, width, time, channels))
        return ops.transpose(film, (0, 3, 1, 2, 4))

    def compute_output_shape(self, shape: tuple) -> tuple:
        return shape

    def get_config(self) -> dict:
        return {**super().get_config(), "turn": self.turn, "stretch": self.stretch, "seed": self.seed}


@keras.saving.register_keras_serializable("seqzoo")
class EachFrame(keras.layers.Wrapper):
    """Applies a layer to each frame of a film; the film's mask goes on.

    `keras.layers.TimeDistributed` loses steps where the number of frames is not fixed.

    Args:
        layer: from `(batch, height, width, channels)` to `(batch, features)`.

    Call arguments:
        film: shape `(batch, time, height, width, channels)`.

    Output shape:
        `(batch, time, features)`.

    Example:

    >>> tuple(EachFrame(keras.layers.Flatten())(ops.ones((2, 7, 3, 4, 1))).shape)
    (2, 7, 12)
    """

    def __init__(self, layer: keras.layers.Layer, **kwargs: Any):
        super().__init__(layer, **kwargs)
        self.supports_masking = True

    def build(self, shape: tuple) -> None:
        self.layer.build((None, *shape[2:]))
        self.built = True

    def call(self, film: Any, training: bool = False) -> Any:
        batch, time = ops.shape(film)[:2]
        x = self.layer(ops.reshape(film, (-1, *film.shape[2:])), training=training)
        return ops.reshape(x, (batch, time, x.shape[-1]))

    def to_onnx(self, graph: Any, film: Any, **_: Any) -> Any:
        """The same in ONNX, see `seqzoo.exporting`."""
        frames = graph.reshape(film, -1, *film.shape[2:])
        frames.shape = (None, *film.shape[2:])
        x = graph.layer(self.layer, frames)
        return graph.reshape(x, graph.size(film, 0), graph.size(film, 1), -1)

    def compute_output_shape(self, shape: tuple) -> tuple:
        return (*shape[:2], self.layer.compute_output_shape((None, *shape[2:]))[-1])
