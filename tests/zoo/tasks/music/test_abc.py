import io
import math
from fractions import Fraction
from xml.etree import ElementTree

import mido
import pytest

from seqzoo.tasks.music.abc import abc_file, bars, is_playable, survey, to_midi, to_svg, whole_bars

TUNE = "M:6/8\nL:1/8\nK:G\nD|GED DEF|G2G A>Bc|(3ded B G3|\n"


def test_midi_holds_the_notes():
    """D G E D D E F♯ G G A B c …: pitches and lengths as the key and the numbers say."""
    file = mido.MidiFile(file=io.BytesIO(to_midi(abc_file(TUNE))))
    notes = [m.note for m in mido.merge_tracks(file.tracks) if m.type == "note_on" and m.velocity]
    assert notes == [62, 67, 64, 62, 62, 64, 66, 67, 67, 69, 71, 72, 74, 76, 74, 71, 67]


def test_a_tune_of_two_repeated_parts_is_playable():
    tune = "M:6/8\nL:1/8\nK:G\nD|GAG GGB|ded cAB|ABA A2 A|GAG G2:|\ne|d2f g2c|BGG BGG|GBG G2G|AGE D2:|\n"
    assert is_playable(tune)


def test_the_score_holds_the_title_and_a_note_head_for_each_note():
    svg = to_svg(abc_file(TUNE, title="The Try"))
    assert svg.startswith("<svg") and "The Try" in svg and svg.count('class="notehead"') == 17


def test_bars_last_as_long_as_they_are_played():
    metre, lengths = bars(TUNE)
    assert metre == Fraction(6, 8)
    assert lengths == [Fraction(1, 8), Fraction(6, 8), Fraction(6, 8), Fraction(6, 8)]
    assert whole_bars(TUNE) == 0.75


@pytest.mark.parametrize(
    "bar, length",
    [
        ("A/2B/c//d3/2", "11/32"),
        ("[Ac]2 z2", "1/2"),
        ("{cd}A4", "1/2"),
        ("(2AB c", "1/2"),
        ("^A,,2_b'", "3/8"),
    ],
)
def test_lengths_of_notes(bar, length):
    assert bars(f"M:C\nL:1/8\nK:C\n{bar}|")[1] == [Fraction(length)]


@pytest.mark.parametrize(
    "body, lengths",
    [
        ('"G"G2A2"Am"B2c2|"C7/E"c8|', "1 1"),  # chord names
        ("D4[K:G]F4|", "1"),
        ("D8|[M:3/4]F6|[L:1/4]F3|", "1 3/4 3/4"),
        ("D8| % a comment |GGG\nE8|", "1 1"),
        ("!trill!D4 ~E2 .F2|+fermata+G8|TuvG8|", "1 1 1"),  # decorations
        ("[CEG]4 [C2E2G2]2|[^c,2e]4|", "1 1"),
        ("(3ABc (3:2:2A4c2 d2|(5ABcde A6 |", "1 1"),  # 1/4 + 1/2 + 1/4, and five in the time of two
        ("A3>B c3<d|A>>B c2 z4|", "1 1"),
        ("Z2|z8||", "1 1 1"),
        ("|:A8:|[1 B8:|[2 c8|]", "1 1 1"),
        ("A4-A4|(AB) `c`d y4 e4|", "1 1"),
        ("A4 \\\nB4|\nw: la la\nc8|", "1 1"),
        ("V:1\nc8|", "1"),
    ],
)
def test_bars_of_all_that_is_understood(body, lengths):
    assert bars(f"M:C\nL:1/8\nK:C\n{body}\n")[1] == [Fraction(length) for length in lengths.split()]


def test_whole_bars_are_those_of_the_metre_that_holds():
    assert whole_bars("M:4/4\nL:1/8\nK:C\nc8|c6|[M:3/4]c6|\nM:2/4\nc4|") == 0.75


@pytest.mark.parametrize(
    "body, part",
    [
        ("V:1\nc8|\nV:2\nC8|", "a second voice"),
        ("[V:1]c8|[V:2]C8|", "a second voice"),
        ("c4&e4|", "&e4"),
        ("c8|\nX:2\nc8|", "X:2"),
        ("c0|", "c0"),
        ("K:Q\nc8|", "K:Q"),
        ("K:C clef=treble-8\nc8|", "K:C clef"),
        ("[M:4]c8|", "M:4"),
        ("é8|", "é8"),
    ],
)
def test_what_is_not_understood_is_refused(body, part):
    tune = f"M:4/4\nL:1/8\nK:C\n{body}\n"
    with pytest.raises(ValueError, match="Expected a tune of one voice in ABC notation") as error:
        bars(tune)
    assert part in str(error.value) and len(str(error.value)) < 300
    with pytest.raises(ValueError, match="not understood"):
        to_midi(abc_file(tune))
    assert math.isnan(whole_bars(tune)) and not is_playable(tune)


def _played(tune):
    """The notes of a tune's MIDI: (pitch, begin, length), in quarters."""
    file = mido.MidiFile(file=io.BytesIO(to_midi(abc_file(tune))))
    sounding, notes, ticks = {}, [], 0
    for message in mido.merge_tracks(file.tracks):
        ticks += message.time
        if message.type == "note_on" and message.velocity:
            assert message.note not in sounding
            sounding[message.note] = ticks
        elif message.type in ("note_on", "note_off"):
            begin = sounding.pop(message.note)
            notes.append((message.note, begin / file.ticks_per_beat, (ticks - begin) / file.ticks_per_beat))
    assert not sounding
    return sorted(notes, key=lambda note: note[1:2] + note[:1])


@pytest.mark.parametrize(
    "body, notes",
    [
        ("[CEG]4 c4|", [(60, 0, 2), (64, 0, 2), (67, 0, 2), (72, 2, 2)]),
        ("F4[K:G]F4|", [(65, 0, 2), (66, 2, 2)]),
        ("F8|\nK:G\nF8|", [(65, 0, 4), (66, 4, 4)]),
        ("[K:Eb]B4 A4|", [(70, 0, 2), (68, 2, 2)]),
        ("[K:Am]F4 [K:Edor]c4|", [(65, 0, 2), (73, 2, 2)]),
        ("[K:HP]f4 [K:Hp]f2 =c2|", [(77, 0, 2), (78, 2, 1), (72, 3, 1)]),
        ("^F2 F2 _B,2 b2|F8|", [(66, 0, 1), (66, 1, 1), (58, 2, 1), (82, 3, 1), (65, 4, 4)]),
        ("c4-c4-|c4 c4|", [(72, 0, 6), (72, 6, 2)]),
        ('"Am"{ab}c4 z2 e2|', [(72, 0, 2), (76, 3, 1)]),
    ],
)
def test_midi_holds_each_note_as_long_as_it_lasts(body, notes):
    assert _played(f"M:4/4\nL:1/8\nK:C\n{body}\n") == notes


def test_the_tempo_is_that_of_the_tune():
    file = mido.MidiFile(file=io.BytesIO(to_midi("X:1\nT:t\nM:6/8\nL:1/8\nQ:3/8=60\nK:C\nc6|\n")))
    assert file.length == pytest.approx(2)


@pytest.mark.parametrize("tune", ["", "GED", "M:6/8\nL:1/8\nK:G\n", "L:1/8\nK:G\nGED|", "M:C\nL:1/8\nGED|"])
def test_what_cannot_be_read_is_refused_and_crashes_nothing(tune):
    assert not is_playable(tune)


def test_a_file_without_a_key_is_refused():
    with pytest.raises(ValueError, match="Expected a tune in ABC notation"):
        to_svg("X:1\nT:U\nGED")


def test_a_survey_of_tunes_leaves_out_what_cannot_be_read():
    whole, half = "M:2/4\nL:1/8\nK:G\nG2 A2|B2 A2|", "M:2/4\nL:1/8\nK:G\nG2 A2|B2|"
    readable, share = survey([whole, half, "((", "[["])
    assert (readable, share) == (0.5, 0.75)
    readable, share = survey(["(("])
    assert readable == 0 and math.isnan(share)


def test_the_score_has_white_paper_under_it():
    root = ElementTree.fromstring(to_svg(abc_file(TUNE)))
    paper = root[0]
    assert paper.tag.endswith("rect") and paper.attrib == {"width": "100%", "height": "100%", "fill": "white"}
