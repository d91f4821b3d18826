import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from seqzoo.tasks.speech.log_mel import LogMel


def sound(samples, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, samples).astype("float32")


def frames_of(s, rate, bands):
    """The equation, in float64 and frame by frame."""
    window, stride = round(0.025 * rate), round(0.01 * rate)
    size = 2 ** int(np.ceil(np.log2(window)))
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
    mel = tf.signal.linear_to_mel_weight_matrix(bands, size // 2 + 1, rate, 60.0, rate / 2).numpy()
    padded = np.pad(s.astype("float64"), (0, size))
    begins = range(0, len(s), stride)
    # The window stands in the middle of the samples that the transform takes.
    left = (size - window) // 2
    w = np.pad(hann, (left, size - window - left))
    return np.array([np.log(mel.T @ np.abs(np.fft.rfft(w * padded[t : t + size])) ** 2 + 1e-6) for t in begins])


@pytest.mark.parametrize("rate", [8000, 16000])
def test_frames_are_those_of_the_equation(rate):
    s = sound(1003)
    np.testing.assert_allclose(LogMel(rate, 20)([s])[0], frames_of(s, rate, 20), atol=1e-4)


def test_a_tone_is_loudest_in_its_band():
    seconds = np.arange(4000) / 8000
    tones = [0.5 * np.sin(2 * np.pi * pitch * seconds) for pitch in (200, 400, 800, 1600, 3200)]
    loudest = [frames[5:-5].mean(axis=0).argmax() for frames in LogMel(8000, 32)(tones)]
    assert loudest == sorted(set(loudest))


@given(lengths=st.lists(st.integers(0, 900), min_size=1, max_size=4))
@settings(max_examples=30, deadline=None)
def test_a_sound_has_the_same_frames_alone_and_beside_others(lengths):
    log_mel = LogMel(8000, 8)
    sounds = [sound(n, seed) for seed, n in enumerate(lengths)]
    for s, frames in zip(sounds, log_mel(sounds)):
        assert frames.shape == (-(-len(s) // 80), 8) and len(frames) == log_mel.count(len(s))
        np.testing.assert_allclose(frames, log_mel([s])[0], atol=1e-5)
