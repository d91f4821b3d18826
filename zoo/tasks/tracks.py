"""From a track of places to vectors x⟨t⟩, inside the model."""

import keras
import numpy as np
from keras import ops

ABSENT = -1.0  # both coordinates of a frame that is padding


@keras.saving.register_keras_serializable("seqzoo")
class Wander(keras.layers.Layer):
    """Makes each track a little different, in training only: its tempo, its angle, its size.

    Each track is gone along faster here and slower there, turned about the middle of the picture
    by a normal angle, stretched by a normal factor along both axes, and its places are blurred by
    normal noise. It begins and ends where it did; frames that are padding stay so.

    Args:
        turn: standard deviation of the angle, in radians.
        stretch: standard deviation of the factor's logarithm.
        noise: standard deviation of the noise, in units of the place.
        tempo: standard deviation of how much faster a track begins than it would, as a fraction.
        seed: of the random numbers.

    Call arguments:
        track: shape `(batch, time, 2)`.

    Example:

    >>> track = keras.random.uniform((2, 5, 2))
    >>> bool(ops.all(Wander()(track) == track)), Wander()(track, training=True).shape
    (True, TensorShape([2, 5, 2]))
    """

    def __init__(self, turn=0.1, stretch=0.1, noise=0.005, tempo=0.2, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.tempo = tempo
        self.turn, self.stretch, self.noise, self.seed = turn, stretch, noise, seed
        self.random = keras.random.SeedGenerator(seed)
        self.supports_masking = True

    def call(self, track, training=False):
        if not training:
            return track
        batch = ops.shape(track)[0]
        counts = ops.any(track != ABSENT, axis=-1, keepdims=True)
        if self.tempo:
            track = self._at_another_tempo(track, counts)
        angle = keras.random.normal((batch, 1), stddev=self.turn, seed=self.random)
        turn = ops.stack([ops.cos(angle), -ops.sin(angle), ops.sin(angle), ops.cos(angle)], axis=-1)
        stretch = ops.exp(keras.random.normal((batch, 1, 2), stddev=self.stretch, seed=self.random))
        wandered = 0.5 + ops.matmul((track - 0.5) * stretch, ops.reshape(turn, (-1, 2, 2)))
        wandered += keras.random.normal(ops.shape(track), stddev=self.noise, seed=self.random)
        return ops.where(counts, wandered, ABSENT)

    def _at_another_tempo(self, track, counts):
        """The places at s + a sin(πs) / π + b sin(2πs) / 2π instead of s, which goes from 0 to 1."""
        batch, time = ops.shape(track)[:2]
        a = keras.random.normal((batch, 1), stddev=self.tempo, seed=self.random)
        b = keras.random.normal((batch, 1), stddev=self.tempo / 2, seed=self.random)
        last = ops.sum(ops.cast(counts, track.dtype), axis=1) - 1
        s = ops.arange(time, dtype=track.dtype) / ops.maximum(last, 1)
        s = s + a * ops.sin(np.pi * s) / np.pi + b * ops.sin(2 * np.pi * s) / (2 * np.pi)
        place = ops.clip(s, 0, 1) * last
        before = ops.floor(place)
        after = ops.minimum(before + 1, ops.maximum(last, 0))
        p, q = (
            ops.take_along_axis(track, ops.repeat(ops.cast(i, "int32")[..., None], 2, axis=-1), axis=1)
            for i in (before, after)
        )
        return p + (place - before)[..., None] * (q - p)

    def compute_output_shape(self, shape):
        return shape

    def get_config(self):
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

    >>> Motion()(ops.array([[[0.0, 0.0], [0.5, 0.1]]])).numpy().round(2)
    array([[[-1. , -0.2,  0. ,  0. ],
            [ 1. ,  0.2, 10. ,  2. ]]], dtype=float32)
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, track, mask=None):
        counts = ops.ones_like(track[..., :1]) if mask is None else ops.cast(mask[..., None], track.dtype)
        mean = ops.sum(track * counts, axis=1, keepdims=True) / ops.maximum(ops.sum(counts, axis=1, keepdims=True), 1)
        before = ops.concatenate([track[:, :1], track[:, :-1]], axis=1)
        return ops.concatenate([4 * (track - mean), 20 * (track - before)], axis=-1)

    def compute_output_shape(self, shape):
        return (*shape[:-1], 4)
