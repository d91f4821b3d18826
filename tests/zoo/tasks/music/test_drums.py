import io

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqzoo.tasks.music.drums import DRUMS, from_midi, to_midi

WORD = st.sets(st.sampled_from(list(DRUMS))).map(lambda hit: "".join(d for d in DRUMS if d in hit) or ".")
LINE = st.lists(WORD, min_size=12, max_size=12).map(" ".join)


@given(lines=st.lists(LINE, min_size=1, max_size=5).filter(lambda lines: set(lines[-1]) - {".", " "}))
@settings(max_examples=40, deadline=None)
def test_there_and_back(lines):
    text = "\n".join(lines) + "\n"
    assert from_midi(to_midi(text, steps=12), steps=12) == text


def test_hits_fall_on_the_nearest_sixteenth_whatever_track_they_are_in():
    kick, snare = mido.MidiTrack(), mido.MidiTrack()
    kick.append(mido.Message("note_on", note=36, velocity=80, time=110, channel=9))  # a little before 1/16
    snare.append(mido.Message("note_on", note=40, velocity=80, time=250, channel=9))  # a little after 2/16
    snare.append(mido.Message("note_on", note=40, velocity=0, time=100, channel=9))  # its end
    snare.append(mido.Message("note_on", note=90, velocity=80, time=500, channel=9))  # no drum
    file = io.BytesIO()
    mido.MidiFile(type=1, ticks_per_beat=480, tracks=[kick, snare]).save(file=file)
    assert from_midi(file.getvalue(), steps=4) == ". k s .\n"


def test_each_hit_lasts_a_sixteenth_also_where_the_next_follows_at_once():
    file = mido.MidiFile(file=io.BytesIO(to_midi("kh k . kk\nk\n", steps=4)))
    sounding, notes, ticks = {}, [], 0
    for message in mido.merge_tracks(file.tracks):
        ticks += message.time
        if message.type == "note_on" and message.velocity:
            assert message.note not in sounding
            sounding[message.note] = ticks
        elif message.type in ("note_on", "note_off"):
            begin = sounding.pop(message.note)
            notes.append((message.note, 4 * begin / file.ticks_per_beat, 4 * (ticks - begin) / file.ticks_per_beat))
    assert not sounding
    assert sorted(notes) == [(36, 0, 1), (36, 1, 1), (36, 3, 1), (36, 4, 1), (42, 0, 1)]


def test_long_performances_stop_after_32_bars():
    assert from_midi(to_midi("k . . .\n" * 40, steps=4), steps=4) == "k . . .\n" * 32


def test_silence_is_empty():
    assert from_midi(to_midi("")) == ""


@pytest.mark.parametrize("content", [b"", b"RIFF....WAVE", b"MThd"])
def test_what_is_no_midi_is_refused(content):
    with pytest.raises(ValueError, match="Expected the bytes of a MIDI file"):
        from_midi(content)


@pytest.mark.parametrize("text", ["k q\n", "k " * 17])
def test_what_is_no_drum_text_is_refused(text):
    with pytest.raises(ValueError, match="at most 16 words"):
        to_midi(text)
