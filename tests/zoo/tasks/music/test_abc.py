import io
from fractions import Fraction

import mido
import pytest

from seqzoo.tasks.music.abc import abc_file, bars, is_playable, to_midi, to_svg, whole_bars

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


@pytest.mark.parametrize("tune", ["", "GED", "M:6/8\nL:1/8\nK:G\n", "L:1/8\nK:G\nGED|", "M:C\nL:1/8\nGED|"])
def test_what_cannot_be_read_is_refused_and_crashes_nothing(tune):
    assert not is_playable(tune)


def test_a_file_without_a_key_is_refused():
    with pytest.raises(ValueError, match="Expected a tune in ABC notation"):
        to_svg("X:1\nT:U\nGED")
