import keras
import numpy as np
import tensorflow as tf
from keras import ops


@keras.saving.register_keras_serializable("seqzoo")
class LogMel(keras.layers.Layer):
    """From sound to frames: how loud each band of the mel scale is, every hundredth of a second.

    x⟨t⟩ = log(M |F(w ∗ s⟨t⟩)|² + 10⁻⁶): s⟨t⟩ are the samples in a window of 25 ms, w is the Hann
    window, F the Fourier transform, and M adds up its frequencies to bands that the ear tells
    apart. Zeros at the end of a row are padding, and change no frame; the mask leaves out the
    frames that begin after a row's end.

    Reference: Davis and Mermelstein (1980), "Comparison of Parametric Representations for
    Monosyllabic Word Recognition in Continuously Spoken Sentences", for the mel bands.

    Args:
        rate: samples in a second.
        bands: how many bands, from 60 Hz to half the rate.
        window: seconds in a window.
        step: seconds from a window to the next.

    Call arguments:
        sound: from -1 to 1, shape `(batch, samples)`.

    Output shape:
        `(batch, time, bands)`.

    Example:

    >>> sound = np.sin(np.arange(4000) / 8000 * 2 * np.pi * 440)[None]
    >>> LogMel(rate=8000, bands=20)(sound).shape
    TensorShape([1, 50, 20])
    """

    def __init__(self, rate, bands=32, window=0.025, step=0.01, **kwargs):
        super().__init__(**kwargs)
        self.rate, self.bands, self.window, self.step = rate, bands, window, step
        self.samples, self.stride = round(window * rate), round(step * rate)
        self.fft_length = 2 ** int(np.ceil(np.log2(self.samples)))
        self.mel = tf.signal.linear_to_mel_weight_matrix(
            bands, self.fft_length // 2 + 1, rate, lower_edge_hertz=60.0, upper_edge_hertz=rate / 2
        ).numpy()

    def call(self, sound):
        # So many zeros that a window begins wherever there is sound.
        padded = ops.pad(sound, [[0, 0], [0, self.fft_length - self.stride + self._rest(sound)]])
        real, imaginary = ops.stft(padded, self.samples, self.stride, self.fft_length, center=False)
        return ops.log(ops.matmul(ops.square(real) + ops.square(imaginary), self.mel) + 1e-6)

    def compute_mask(self, sound, mask=None):
        from_here_on = ops.flip(ops.cumsum(ops.cast(ops.flip(sound != 0, 1), "int32"), axis=1), 1)
        return from_here_on[:, :: self.stride] > 0

    def compute_output_shape(self, shape):
        batch, samples = shape
        return (batch, None if samples is None else -(-samples // self.stride), self.bands)

    def get_config(self):
        config = dict(rate=self.rate, bands=self.bands, window=self.window, step=self.step)
        return {**super().get_config(), **config}

    def _rest(self, sound):
        return -ops.shape(sound)[1] % self.stride
