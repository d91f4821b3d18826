"""Reads tunes in ABC notation: how long each bar lasts, and which notes it holds."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

SHARPS = dict(zip("FCGDAEB", range(-1, 6)))  # of the major keys
MODES = {"maj": 0, "ion": 0, "lyd": 1, "mix": -1, "dor": -2, "m": -3, "min": -3, "aeo": -3, "phr": -4, "loc": -5}
STEPS = dict(zip("CDEFGAB", (0, 2, 4, 5, 7, 9, 11)))
ACCIDENTALS = {"^^": 2, "^": 1, "=": 0, "_": -1, "__": -2}
TUPLETS = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}  # of the others, 3 in a metre of 6, 9, 12 …, else 2

FIELD_LINE = re.compile(r"([A-Za-z]):(?![|:])(.*)")
PITCH = r"(?P<accidental>\^\^?|__?|=)?(?P<letter>[A-Ga-g])(?P<octave>[,']*)"
LENGTH = r"(?P<count>\d*)(?P<slashes>/*)(?P<divisor>\d*)"
NOTE = re.compile(PITCH + LENGTH)
TOKENS = {
    "skip": r'"[^"]*"|\{[^}]*\}|![^!\s][^!]*!|\+[^+\s][^+]*\+|y[\d/]*|[H-Wh-w.~\s()\\`]',
    "tuplet": r"\((?P<p>\d)(?::(?P<q>\d*))?(?::(?P<r>\d*))?",
    "field": r"\[(?P<name>[A-Za-z]):(?P<value>[^\]]*)\]",
    "bar": r"(?:\[\||[|:\]])[|:\]]*(?:\s*\[?\d[\d,.-]*)?|\[\d[\d,.-]*",
    "chord": r"\[(?P<notes>[^\]]*)\]" + LENGTH,
    "note": PITCH + LENGTH,
    "rest": "[xz]" + LENGTH,
    "bars_of_rest": r"[XZ](?P<n>\d*)",
    "broken": "<+|>+",
    "tie": "-",
}
TOKENS = {kind: re.compile(pattern) for kind, pattern in TOKENS.items()}
ORDER = ("tuplet", "field", "bar", "chord", "note", "rest", "bars_of_rest", "broken", "tie", "skip")


@dataclass
class Note:
    """A note, a chord or a rest: its length in whole notes, its MIDI numbers, whether a tie follows."""

    length: Fraction
    pitches: list[int]
    tied: bool = False


@dataclass
class Bar:
    """A bar: its metre, `None` where it is free, and its notes."""

    metre: Fraction | None
    notes: list[Note] = field(default_factory=list)

    @property
    def length(self) -> Fraction:
        """In whole notes."""
        return sum((note.length for note in self.notes), Fraction(0))


class Tune:
    """One tune of one voice, read from ABC 2.1.

    Understood are notes, rests, chords, broken rhythms, tuplets, ties, grace notes (they take
    no time), repeats (each part is read once), chord names, decorations, comments, and the
    fields M:, L:, K: and Q: in the head, between lines and in brackets. Several voices, macros,
    transposing clefs and what is no ABC are refused. An accidental holds for its letter, in all
    octaves, to the end of the bar; a tie over the bar line needs it written again.

    Args:
        abc: string, a whole file or a tune from the metre on.

    Raises:
        ValueError: something that is not understood.

    Attributes:
        bars: list of `Bar`, those that hold a note or a rest.
        metre: length of the bars by the first M:, or `None`.
        unit: length of a note by the first L:, or `None`.
        key: string, the first K:, or `None`.
        tempo: quarters in a minute by the first Q:, or `None`.

    Example:

    >>> tune = Tune('M:2/4\\nL:1/8\\nK:G\\n"G"[GB]2 f>g|')
    >>> [(str(note.length), note.pitches) for note in tune.bars[0].notes]
    [('1/4', [67, 71]), ('3/16', [78]), ('1/16', [79])]
    """

    def __init__(self, abc: str):
        self.metre = self.unit = self.key = self.tempo = None
        self.bars, self._bar = [], Bar(None)
        self._metre_now, self._unit_now, self._metre_text, self._voice = None, None, "", None
        self._in_key, self._in_bar, self._tuplet, self._broken = {}, {}, [], Fraction(1)
        for line in abc.splitlines():
            line = re.sub(r"(?<!\\)%.*", "", line).rstrip()
            if field_line := FIELD_LINE.match(line):
                self._set_field(*field_line.groups())
            else:
                self._read_music(line)
        self._end_bar()

    def _read_music(self, line):
        place = 0
        while place < len(line):
            kind, token = next(_tokens_at(line, place), (None, None))
            if token is None:
                raise _not_understood(line[place : place + 20])
            getattr(self, f"_read_{kind}")(token)
            place = token.end()

    def _read_field(self, token):
        self._set_field(token["name"], token["value"])

    def _set_field(self, name, value):
        value = value.strip()
        if name == "M":
            self._metre_text, self._metre_now = value, _metre(value)
            self.metre = self.metre or self._metre_now
        elif name == "L":
            if not re.fullmatch(r"1(/[1-9]\d*)?", value):
                raise _not_understood(f"L:{value}")
            self._unit_now = Fraction(value)
            self.unit = self.unit or self._unit_now
        elif name == "K":
            self._in_key = _key(value, self._in_key)
            self.key = value if self.key is None else self.key
        elif name == "Q" and self.tempo is None and (beat := re.search(r"(\d+)/([1-9]\d*)\s*=\s*([1-9]\d*)", value)):
            self.tempo = float(4 * Fraction(int(beat[1]), int(beat[2])) * int(beat[3]))
        elif name == "V":
            voice = value.split()[:1]
            if self._voice not in (None, voice):
                raise _not_understood(f"V:{value} (a second voice)")
            self._voice = voice
        elif name == "m" or name == "X" and self.bars:
            raise _not_understood(f"{name}:{value}")

    def _read_skip(self, token):
        pass

    def _read_tuplet(self, token):
        p = int(token["p"])
        by_threes = re.fullmatch(r"(6|9|12|15|18)/\d+", self._metre_text)
        q = int(token["q"] or TUPLETS.get(p, 3 if by_threes else 2))
        if not (p and q):
            raise _not_understood(token[0])
        self._tuplet = [Fraction(q, p)] * int(token["r"] or p)

    def _read_bar(self, token):
        self._end_bar()

    def _read_chord(self, token):
        inside = re.sub(r'"[^"]*"|![^!]*!|[H-Wh-w.~\s()-]', "", token["notes"])
        notes = list(NOTE.finditer(inside))
        if not notes or "".join(note[0] for note in notes) != inside:
            raise _not_understood(token[0])
        length = _length(notes[0]) * _length(token)
        self._add(length, [self._pitch(note) for note in notes])
        self._bar.notes[-1].tied = "-" in token["notes"]

    def _read_note(self, token):
        self._add(_length(token), [self._pitch(token)])

    def _read_rest(self, token):
        self._add(_length(token), [])

    def _read_bars_of_rest(self, token):
        if self._metre_now is None:
            raise _not_understood(f"{token[0]} without a metre")
        for n in range(int(token["n"] or 1)):
            if n:
                self._end_bar()
            self._bar.notes.append(Note(self._metre_now, []))

    def _read_broken(self, token):
        if not self._bar.notes:
            raise _not_understood(f"{token[0]} before a note")
        short = Fraction(1, 2 ** len(token[0]))
        first, self._broken = (2 - short, short) if token[0][0] == ">" else (short, 2 - short)
        self._bar.notes[-1].length *= first

    def _read_tie(self, token):
        if self._bar.notes:
            self._bar.notes[-1].tied = True

    def _add(self, units, pitches):
        unit = self._unit_now or Fraction(1, 16 if self._metre_now and self._metre_now < Fraction(3, 4) else 8)
        length = units * unit * self._broken * (self._tuplet.pop() if self._tuplet else 1)
        self._broken = Fraction(1)
        self._bar.notes.append(Note(length, pitches))

    def _pitch(self, note):
        letter = note["letter"].upper()
        if note["accidental"]:
            self._in_bar[letter] = ACCIDENTALS[note["accidental"]]
        altered = self._in_bar.get(letter, self._in_key.get(letter, 0))
        octave = note["letter"].islower() + note["octave"].count("'") - note["octave"].count(",")
        return 60 + 12 * octave + STEPS[letter] + altered

    def _end_bar(self):
        if self._bar.notes:
            self._bar.metre = self._metre_now
            self.bars.append(self._bar)
        self._bar, self._in_bar = Bar(None), {}


def _tokens_at(line, place) -> Iterator[tuple[str, re.Match]]:
    for kind in ORDER:
        if token := TOKENS[kind].match(line, place):
            yield kind, token


def _length(token):
    divisor = int(token["divisor"]) if token["divisor"] else 2 ** len(token["slashes"])
    count = int(token["count"] or 1)
    if not (count and divisor) or (token["divisor"] and len(token["slashes"]) > 1):
        raise _not_understood(token[0])
    return Fraction(count, divisor)


def _metre(value):
    if value in ("", "none"):
        return None
    if value in ("C", "C|"):
        return Fraction(1)
    parts = re.fullmatch(r"\(?\s*(\d+(?:\s*\+\s*\d+)*)\s*\)?\s*/\s*([1-9]\d*)", value)
    beats = sum(map(int, parts[1].split("+"))) if parts else 0
    if not beats:
        raise _not_understood(f"M:{value}")
    return Fraction(beats, int(parts[2]))


def _key(value, before):
    """The altered letters of a key: from letter to how many semitones."""
    if re.search(r"(octave|transpose|score|shift|clef=\S+[+-]8|[a-z][+-]8)", value):
        raise _not_understood(f"K:{value}")
    name = re.match(r"([A-G])([#b]?)\s*([A-Za-z]*)(?![A-Za-z=])", value)
    if re.match(r"(HP|Hp)\b", value):
        key = {"F": 1, "C": 1} if value[1] == "p" else {}
    elif name:
        mode = name[3].lower()[:3]
        mode = "maj" if mode in ("", "exp") else mode
        if mode not in MODES:
            raise _not_understood(f"K:{value}")
        sharps = SHARPS[name[1]] + 7 * {"": 0, "#": 1, "b": -1}[name[2]] + MODES[mode]
        key = {letter: 1 for letter in "FCGDAEB"[: max(sharps, 0)]} | {x: -1 for x in "BEADGCF"[: max(-sharps, 0)]}
        key = {} if re.search(r"\bexp\b", value) else key
    elif value in ("", "none"):
        key = {}
    elif re.match(r"(clef=|treble|bass|alto|tenor)", value):
        key = dict(before)
    else:
        raise _not_understood(f"K:{value}")
    altered = re.findall(r"(?<=\s)(\^\^?|__?|=)([A-Ga-g])", value)
    return key | {letter.upper(): ACCIDENTALS[sign] for sign, letter in altered}


def _not_understood(received):
    return ValueError(
        f"Expected a tune of one voice in ABC notation. Received: {received[:60]!r}, which is not understood. "
        "See seqzoo.tasks.music.abc_reader.Tune for what is; take the rest out."
    )
