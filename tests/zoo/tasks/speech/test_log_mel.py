import keras
import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from seqzoo.tasks.log_mel import LogMel


def sound(samples, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, samples).astype("float32")


def frames_of(s, rate, bands):
    """The equation, in float64 and frame by frame."""
    window, stride, size = round(0.025 * rate), round(0.01 * rate), 256
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
    mel = tf.signal.linear_to_mel_weight_matrix(bands, size // 2 + 1, rate, 60.0, rate / 2).numpy()
    padded = np.pad(s.astype("float64"), (0, size))
    begins = range(0, len(s), stride)
    # Keras centres the window among the samples that the transform takes.
    left = (size - window) // 2
    w = np.pad(hann, (left, size - window - left))
    return np.array([np.log(mel.T @ np.abs(np.fft.rfft(w * padded[t : t + size])) ** 2 + 1e-6) for t in begins])


def test_frames_are_those_of_the_equation():
    s = sound(1003)
    np.testing.assert_allclose(LogMel(8000, 20)(s[None])[0], frames_of(s, 8000, 20), atol=2e-3)


def test_a_tone_is_loudest_in_its_band():
    seconds = np.arange(4000) / 8000
    loudest = [
        np.array(LogMel(8000, 32)(0.5 * np.sin(2 * np.pi * pitch * seconds)[None]))[0, 5:-5].mean(axis=0).argmax()
        for pitch in (200, 400, 800, 1600, 3200)
    ]
    assert loudest == sorted(set(loudest))


@given(samples=st.integers(1, 900), zeros=st.integers(0, 500))
@settings(max_examples=30, deadline=None)
def test_zeros_at_the_end_change_nothing(samples, zeros):
    s = np.abs(sound(samples)) + 0.1
    layer = LogMel(8000, 8)
    alone, padded = layer(s[None]), layer(np.pad(s, (0, zeros))[None])
    time = alone.shape[1]
    np.testing.assert_array_equal(alone._keras_mask, [[True] * time])
    mask = np.array(padded._keras_mask)[0]
    assert mask.tolist() == [True] * time + [False] * (len(mask) - time)
    np.testing.assert_allclose(padded[:, :time], alone, atol=1e-4)


def test_lengths_need_not_be_known_before():
    s = keras.Input((None,))
    model = keras.Model(s, LogMel(8000, 8)(s))
    assert model.output_shape == (None, None, 8)
    for samples in (1, 79, 80, 81, 1000):
        assert model(sound(samples)[None]).shape == (1, -(-samples // 80), 8)
        assert LogMel(8000, 8).compute_output_shape((1, samples)) == (1, -(-samples // 80), 8)
