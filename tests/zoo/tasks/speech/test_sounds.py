import warnings

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from scipy.io import wavfile

from seqzoo.door import Refused
from seqzoo.tasks.speech import sounds

WAVE = np.sin(0.3 * np.arange(40)).astype("float32")


def same(found, expected):
    assert len(found) == len(expected)
    for a, b in zip(found, expected):
        assert a.dtype == np.float32
        np.testing.assert_allclose(a, b, atol=1 / 64)  # two steps of 8 bits


@pytest.mark.parametrize(
    "recorded",
    [
        WAVE,
        WAVE.astype("float64"),
        WAVE.astype("float16"),
        (WAVE * 127).astype("int8"),
        (WAVE * 127 + 128).astype("uint8"),
        (WAVE * 32767).astype("int16"),
        (WAVE * 2147483520).astype("int32"),
        WAVE.tolist(),
    ],
    ids=lambda recorded: str(getattr(recorded, "dtype", "list")),
)
def test_samples_of_every_kind_are_from_minus_1_to_1(recorded):
    same(sounds.samples([recorded], 8000), [WAVE])
    same(sounds.samples(recorded, 8000), [WAVE])


@pytest.mark.parametrize("dtype, factor", [("int16", 32767), ("int32", 2147483520), ("float32", 1)])
def test_what_scipy_reads_is_a_sound(dtype, factor, tmp_path):
    wavfile.write(tmp_path / "a.wav", 8000, (WAVE * factor).astype(dtype))
    read = wavfile.read(tmp_path / "a.wav")
    same(sounds.samples(read, 8000), [WAVE])
    same(sounds.samples([read, read], 8000), [WAVE, WAVE])
    same(sounds.samples([read[::-1]], 8000), [WAVE])  # as soundfile gives it
    assert sounds.rate_of([read]) == 8000 and sounds.rate_of([WAVE]) is None
    with pytest.raises(Refused, match=r"(?s)16000 samples in a second.*8000 in row 1.*resample_poly\(.*, 2, 1\)"):
        sounds.samples([WAVE, read], 16000)


def test_channels_are_averaged():
    left, right = WAVE, np.roll(WAVE, 3)
    stereo = np.stack([left, right], axis=1)
    same(sounds.samples(stereo, 8000), [(left + right) / 2])
    same(sounds.samples([stereo, WAVE[:, None]], 8000), [(left + right) / 2, WAVE])
    same(sounds.samples((stereo * 32767).astype("int16"), 8000), [(left + right) / 2])
    with pytest.raises(Refused, match=r"(?s)shape \(2, 40\) in row 1.*sound\.T"):
        sounds.samples([WAVE, stereo.T], 8000)


@pytest.mark.parametrize("form", [list, np.array, tf.constant, lambda x: pd.Series(list(x)), lambda x: x.tolist()])
def test_many_sounds_in_every_form(form):
    many = np.stack([WAVE, -WAVE])
    same(sounds.samples(form(many), 8000), many)
    frames = np.random.default_rng(0).normal(size=(3, 5, 2)).astype("float32")
    same(sounds.frames(form(frames), 2), frames)
    same(sounds.frames(form(frames)[0]), frames[:1])


def test_sounds_of_different_lengths_in_an_array_of_objects_or_a_ragged_tensor():
    rows = [WAVE, WAVE[:7]]
    array = np.empty(2, object)
    array[:] = rows
    same(sounds.samples(array, 8000), rows)
    same(sounds.samples(tf.ragged.constant([row.tolist() for row in rows]), 8000), rows)
    frames = tf.RaggedTensor.from_row_lengths(np.ones((5, 3), "float32"), [2, 3])
    assert [row.shape for row in sounds.frames(frames)] == [(2, 3), (3, 3)]


def test_zeros_after_the_end_are_no_part_of_a_sound_and_those_within_are():
    padded = np.stack([np.pad(WAVE, (5, 3)), np.pad(WAVE[:20], (0, 28))])
    same(sounds.samples(padded, 8000), [np.pad(WAVE, (5, 0)), WAVE[:20]])
    frames = np.array([[0, 0], [1, 0], [0, 0], [2, 1], [0, 0]])
    same(sounds.frames(frames), [frames[:4]])


@pytest.mark.parametrize("silence", [np.zeros(50), np.zeros(50, "int16"), np.zeros(0), []])
def test_silence_and_no_sound_are_sounds(silence):
    same(sounds.samples([silence, WAVE], 8000), [np.zeros(0), WAVE])


def test_nothing_is_no_sound():
    assert sounds.samples([], 8000) == sounds.frames([]) == sounds.frames(np.zeros((0, 5, 3))) == []


def test_resampling_may_overshoot_a_little():
    same(sounds.samples(1.05 * WAVE, 8000), [1.05 * WAVE])


@pytest.mark.parametrize(
    "bad, message",
    [
        ((WAVE * 32767), "(?s)from -1 to 1.*in row 1"),
        (np.where(np.arange(40) == 7, np.nan, WAVE), r"nan in row 1, at \[7\]"),
        (np.where(np.arange(40) == 7, np.inf, WAVE), r"inf in row 1, at \[7\]"),
        ((WAVE * 32767).astype("int64"), "(?s)int64 in row 1.*astype"),
        ("a.wav", "(?s)'a.wav' .* in row 1.*wavfile.read"),
        (None, "None .* in row 1"),
        (np.zeros((3, 4, 5)), r"shape \(3, 4, 5\) in row 1"),
        (np.ones((30, 20)), r"(?s)shape \(30, 20\) in row 1.*without a rate"),
        ([[0.1], [0.1, 0.2]], "in row 1"),
        (WAVE > 0, "in row 1"),
    ],
)
def test_what_are_no_samples_is_refused(bad, message):
    with pytest.raises(Refused, match=message) as refusal:
        sounds.samples([WAVE, bad], 8000)
    assert len(str(refusal.value).splitlines()) == 3 and len(str(refusal.value)) < 500


@pytest.mark.parametrize(
    "bad, message",
    [
        (np.ones((5, 4)), r"(?s)\(time, 3\).*shape \(5, 4\) in row 1"),
        (np.ones(5), r"(?s)shape \(5,\) in row 1.*rate"),
        ((8000, np.ones((5, 3))), "a rate of 8000 in row 1"),
        (np.array([[1, 2, 3], [1, np.nan, 3]]), r"nan in row 1, at \[1, 1\]"),
        (np.full((5, 3), 1e200), r"inf in row 1, at \[0, 0\]"),
        (None, "None .* in row 1"),
    ],
)
def test_what_are_no_frames_is_refused(bad, message):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(Refused, match=message):
            sounds.frames([np.ones((2, 3)), bad])
