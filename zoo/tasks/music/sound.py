"""MIDI as a waveform, so that a notebook plays it without any player."""

import io

import mido
import numpy as np

HARMONICS = (1.0, 0.5, 0.3, 0.15, 0.08)


def to_waveform(midi, rate=22_050, tempo=1.0, max_seconds=60.0):
    """Plays a MIDI file on a simple plucked string; its drums are bursts of noise.

    Args:
        midi: bytes, a MIDI file.
        rate: samples in a second.
        tempo: 2 plays twice as fast.
        max_seconds: seconds after which it stops.

    Returns:
        float32 of shape `(samples,)`, in [-1, 1]; what `IPython.display.Audio` takes.

    Example:

    >>> from seqzoo.tasks.music.drums import to_midi
    >>> wave = to_waveform(to_midi("k . s .\\n"), rate=8000)
    >>> wave.dtype, bool(abs(wave).max() <= 1)
    (dtype('float32'), True)
    """
    sounds, sounding, now = [], {}, 0.0
    for message in mido.MidiFile(file=io.BytesIO(midi)):
        now += message.time / tempo
        if message.type == "note_on" and message.velocity:
            sounding[message.note] = now
        elif message.type in ("note_on", "note_off") and message.note in sounding:
            begin = sounding.pop(message.note)
            sounds.append((begin, now - begin, message.note, message.channel == 9))
    sounds = [(t, min(length, max_seconds - t), *which) for t, length, *which in sounds if t < max_seconds]
    wave = np.zeros(int(rate * (1 + max((begin + length for begin, length, *_ in sounds), default=0))))
    for begin, length, note, drum in sounds:
        sound = _drum(note, rate) if drum else _string(note, length, rate)
        first = int(begin * rate)
        sound = sound[: len(wave) - first]
        wave[first : first + len(sound)] += sound
    return (0.9 * wave / max(np.abs(wave).max(), 1e-9)).astype("float32")


def _string(note, length, rate):
    t = np.arange(int((length + 0.15) * rate)) / rate
    frequency = 440 * 2 ** ((note - 69) / 12)
    waves = (h * np.sin(2 * np.pi * k * frequency * t) * np.exp(-3 * k * t) for k, h in enumerate(HARMONICS, 1))
    return sum(waves) * np.minimum(t / 0.005, 1) * np.clip((t[-1:] - t) / 0.1, 0, 1)


def _drum(note, rate):
    t = np.arange(int(0.2 * rate)) / rate
    if note in (35, 36):
        return 1.5 * np.sin(2 * np.pi * 60 * t) * np.exp(-20 * t)
    noise = np.random.default_rng(note).normal(size=len(t))
    return 0.5 * noise * np.exp(-(20 if note < 42 else 50) * t)
