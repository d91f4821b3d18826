"""From a track of places to vectors x⟨t⟩."""

import math
from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("seqzoo")
class RandomWarp(keras.layers.Layer):
    """Makes each track a little different, in training only: its pace, its angle, its size.

    Each track is gone along faster here and slower there, turned about the middle of the picture
    by a normal angle, stretched by a normal factor along both axes, and its places are blurred by
    normal noise. Frames that are padding stay as they are.

    Args:
        tempo: standard deviation of how much faster a track begins than it would, as a fraction.
        turn: standard deviation of the angle, in radians.
        stretch: standard deviation of the factor's logarithm.
        noise: standard deviation of the noise, in units of the place.
        seed: of the random numbers.

    Call arguments:
        track: shape `(batch, time, 2)`, with a mask over padding at its end, or none.

    Example:

    >>> track = keras.random.uniform((2, 5, 2))
    >>> warp = RandomWarp()
    >>> bool(ops.all(warp(track) == track)), bool(ops.all(warp(track, training=True) == track))
    (True, False)
    """

    def __init__(
        self,
        tempo: float = 0.2,
        turn: float = 0.1,
        stretch: float = 0.1,
        noise: float = 0.005,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.tempo, self.turn, self.stretch, self.noise, self.seed = tempo, turn, stretch, noise, seed
        self.random = keras.random.SeedGenerator(seed)
        self.supports_masking = True

    def call(self, track: Any, mask: Any = None, training: bool = False) -> Any:
        if not training:
            return track
        batch, time = ops.shape(track)[:2]
        mask = ops.ones((batch, time), "bool") if mask is None else mask
        warped = self._at_another_tempo(track, mask) if self.tempo else track
        angle = keras.random.normal((batch, 1), stddev=self.turn, seed=self.random)
        turn = ops.stack([ops.cos(angle), -ops.sin(angle), ops.sin(angle), ops.cos(angle)], axis=-1)
        stretch = ops.exp(keras.random.normal((batch, 1, 2), stddev=self.stretch, seed=self.random))
        warped = 0.5 + ops.matmul((warped - 0.5) * stretch, ops.reshape(turn, (-1, 2, 2)))
        warped += keras.random.normal(ops.shape(track), stddev=self.noise, seed=self.random)
        return ops.where(mask[..., None], warped, track)

    def _at_another_tempo(self, track, mask):
        """The places at s + a sin(πs) / π + b sin(2πs) / 2π instead of s, which goes from 0 to 1."""
        batch, time = ops.shape(track)[:2]
        a = keras.random.normal((batch, 1), stddev=self.tempo, seed=self.random)
        b = keras.random.normal((batch, 1), stddev=self.tempo / 2, seed=self.random)
        last = ops.sum(ops.cast(mask, track.dtype), axis=1, keepdims=True) - 1
        s = ops.arange(time, dtype=track.dtype) / ops.maximum(last, 1)
        s = s + a * ops.sin(math.pi * s) / math.pi + b * ops.sin(2 * math.pi * s) / (2 * math.pi)
        place = ops.clip(s, 0, 1) * last
        before = ops.floor(place)
        after = ops.minimum(before + 1, ops.maximum(last, 0))
        p, q = (
            ops.take_along_axis(track, ops.repeat(ops.cast(i, "int32")[..., None], 2, axis=-1), axis=1)
            for i in (before, after)
        )
        return p + (place - before)[..., None] * (q - p)

    def compute_output_shape(self, shape: tuple) -> tuple:
        return shape

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            **dict(tempo=self.tempo, turn=self.turn, stretch=self.stretch, noise=self.noise, seed=self.seed),
        }


@keras.saving.register_keras_serializable("seqzoo")
class Motion(keras.layers.Layer):
    """Place and velocity: x⟨t⟩ = [p⟨t⟩ − p̄, p⟨t⟩ − p⟨t−1⟩], where p̄ is the mean place of the track.

    Both are scaled to about the size of 1. The velocity of the first frame is 0.

    Call arguments:
        track: shape `(batch, time, 2)`, with a mask over padding at its end, or none.

    Output shape:
        `(batch, time, 4)`, with the mask.

    Example:

    >>> ops.convert_to_numpy(Motion()(ops.array([[[0.0, 0.0], [0.5, 0.1]]]))).round(2)
    array([[[-1. , -0.2,  0. ,  0. ],
            [ 1. ,  0.2, 10. ,  2. ]]], dtype=float32)
    """

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, track: Any, mask: Any = None) -> Any:
        counts = ops.ones_like(track[..., :1]) if mask is None else ops.cast(mask[..., None], track.dtype)
        mean = ops.sum(track * counts, axis=1, keepdims=True) / ops.maximum(ops.sum(counts, axis=1, keepdims=True), 1)
        before = ops.concatenate([track[:, :1], track[:, :-1]], axis=1)
        return ops.concatenate([4 * (track - mean), 20 * (track - before)], axis=-1)

    def compute_output_shape(self, shape: tuple) -> tuple:
        return (*shape[:-1], 4)
