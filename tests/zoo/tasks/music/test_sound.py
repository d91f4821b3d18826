import numpy as np
import pytest

from seqzoo.tasks.music import drums
from seqzoo.tasks.music.abc import abc_file, to_midi
from seqzoo.tasks.music.sound import to_waveform

RATE = 8000


@pytest.mark.parametrize("note, frequency", [("A", 440), ("a", 880), ("E", 329.63)])
def test_the_pitch_is_the_note(note, frequency):
    wave = to_waveform(to_midi(abc_file(f"M:4/4\nL:1/1\nK:C\n{note}|\n")), RATE)
    spectrum = np.abs(np.fft.rfft(wave[:RATE]))
    assert abs(np.argmax(spectrum) - frequency) < 2


def test_it_is_as_long_as_the_tune():
    midi = to_midi(abc_file("M:4/4\nL:1/4\nK:C\nABcd|ABcd|\n"))
    slow, fast = len(to_waveform(midi, RATE)) / RATE, len(to_waveform(midi, RATE, tempo=2)) / RATE
    assert slow - 1 == pytest.approx(2 * (fast - 1), rel=0.02) and slow > 3
    assert len(to_waveform(midi, RATE, max_seconds=1)) / RATE < 3


def test_drums_sound_when_they_are_hit():
    wave = np.abs(to_waveform(drums.to_midi(". . k . . . s .\n", bpm=60), RATE))
    assert wave[: RATE // 2].max() == 0 < wave[RATE // 2 : RATE].max()


def test_silence_is_silent():
    assert not to_waveform(drums.to_midi(""), RATE).any()
