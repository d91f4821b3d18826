"""From samples of sound to frames."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf


class LogMel:
    """From sound to frames: how loud each band of the mel scale is, every hundredth of a second.

    x⟨t⟩ = log(M |F(w ∗ s⟨t⟩)|² + 10⁻⁶): s⟨t⟩ are the samples in a window of 25 ms, w is the Hann
    window, F the Fourier transform, and M adds up its frequencies to bands that the ear tells
    apart. A frame begins wherever there is sound; after the sound's end there are zeros.

    Reference: Davis and Mermelstein (1980), "Comparison of Parametric Representations for
    Monosyllabic Word Recognition in Continuously Spoken Sentences", for the mel bands.

    Args:
        rate: samples in a second.
        bands: how many bands, from 60 Hz to half the rate.
        window: seconds in a window.
        step: seconds from a window to the next.

    Example:

    >>> sound = np.sin(np.arange(4000) / 8000 * 2 * np.pi * 440)
    >>> [frames.shape for frames in LogMel(rate=8000, bands=20)([sound, sound[:81]])]
    [(50, 20), (2, 20)]
    """

    def __init__(self, rate: int, bands: int = 32, window: float = 0.025, step: float = 0.01):
        samples, self.stride = round(window * rate), round(step * rate)
        self.fft_length = 2 ** int(np.ceil(np.log2(samples)))
        left = (self.fft_length - samples) // 2
        self.w = np.pad(tf.signal.hann_window(samples).numpy(), (left, self.fft_length - samples - left))
        self.M = tf.signal.linear_to_mel_weight_matrix(
            bands, self.fft_length // 2 + 1, rate, lower_edge_hertz=60.0, upper_edge_hertz=rate / 2
        ).numpy()

    def count(self, samples: int) -> int:
        """How many frames so many samples give.

        >>> LogMel(rate=8000).count(81)
        2
        """
        return -(-samples // self.stride)

    def __call__(self, sounds: Sequence[np.ndarray]) -> list[np.ndarray]:
        """The frames of sounds, all computed at once.

        Args:
            sounds: from -1 to 1, each of shape `(samples,)`.

        Returns:
            float32 of shape `(time, bands)` for each.
        """
        counts = [self.count(len(sound)) for sound in sounds]
        padded = np.zeros((len(sounds), max(counts, default=0) * self.stride + self.fft_length), "float32")
        for row, sound in zip(padded, sounds):
            row[: len(sound)] = sound
        s = np.lib.stride_tricks.sliding_window_view(padded, self.fft_length, axis=1)[:, :: self.stride]
        spectrum = np.fft.rfft(self.w * s)
        x = np.log((np.square(spectrum.real) + np.square(spectrum.imag)) @ self.M + 1e-6)
        return [frames[:count] for frames, count in zip(x.astype("float32"), counts)]
