"""Tunes in ABC notation: as files, as a score, as MIDI, and what their bars last."""

import io
import json
import math
import subprocess
import sys
from fractions import Fraction

import mido

from seqzoo.extras import import_extra
from seqzoo.tasks.music.abc_reader import Note, Tune

TICKS = 480  # a quarter


def abc_file(tune, title="Untitled", rhythm="", number=1):
    r"""Makes a whole ABC file of a tune.

    Args:
        tune: string, from the metre on, as the music task has it.
        title, rhythm, number: what its head says.

    Returns:
        String.

    Example:

    >>> print(abc_file("M:6/8\nL:1/8\nK:G\nGED DEF|\n", "Short", "jig"))
    X:1
    T:Short
    R:jig
    M:6/8
    L:1/8
    K:G
    GED DEF|
    <BLANKLINE>
    """
    rhythm = f"R:{rhythm}\n" if rhythm else ""
    return f"X:{number}\nT:{title}\n{rhythm}{tune}"


def to_svg(abc, width=1400):
    """Engraves an ABC file as a score.

    Args:
        abc: string, a whole ABC file.
        width: of the page, in verovio's units.

    Returns:
        String, SVG, black on white paper: a dark page would swallow the notes.

    Raises:
        ValueError: the notation cannot be read, or holds no note.
        MissingExtraError: `seqzoo[notebooks]` is not installed.

    Example:

    >>> to_svg(abc_file("M:6/8\\nL:1/8\\nK:G\\nGED DEF|\\n"))[:4]
    '<svg'
    """
    svg = _engrave(abc, width)["svg"]
    head = svg.index(">", svg.index("<svg")) + 1
    return svg[:head] + '<rect width="100%" height="100%" fill="white"/>' + svg[head:]


def is_playable(tune):
    """Whether a tune, with a head put before it, can be read as ABC and holds a bar.

    Args:
        tune: string, from the metre on.

    Returns:
        bool.

    Raises:
        MissingExtraError: `seqzoo[notebooks]` is not installed.

    Example:

    >>> is_playable("M:6/8\\nL:1/8\\nK:G\\nGED DEF|\\n"), is_playable("GED")
    (True, False)
    """
    try:
        to_midi(abc_file(tune))
        _engrave(abc_file(tune))
        return len(bars(tune)[1]) > 0
    except ValueError:
        return False


def to_midi(abc, bpm=120):
    """Plays an ABC file into MIDI, each part once.

    Args:
        abc: string, a whole ABC file, as `seqzoo.tasks.music.abc_reader.Tune` understands it.
        bpm: quarters in a minute, where the file has no Q:.

    Returns:
        bytes, a MIDI file.

    Raises:
        ValueError: the notation is not understood, has no key, or holds no note.

    Example:

    >>> to_midi(abc_file("M:6/8\\nL:1/8\\nK:G\\nGED DEF|\\n"))[:4]
    b'MThd'
    """
    tune = Tune(abc)
    notes = _joined_by_ties([note for bar in tune.bars for note in bar.notes])
    if tune.key is None or not any(note.pitches for note in notes):
        raise _no_tune(abc)
    events, now = [], Fraction(0)  # (time, whether it begins, note): at the same time, ends come first
    for note in notes:
        end = now + note.length
        events += [(time, begins, pitch) for pitch in {*note.pitches} for time, begins in ((now, True), (end, False))]
        now = end
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(tune.tempo or bpm))])
    before = 0
    for time, begins, pitch in sorted(events):
        ticks = round(4 * TICKS * time)
        if not 0 <= pitch <= 127:
            raise ValueError(f"Expected notes that MIDI has, 0 to 127. Received: {pitch}. Take some , or ' away.")
        message = dict(note=pitch, velocity=90 if begins else 0, time=ticks - before)
        track.append(mido.Message("note_on" if begins else "note_off", **message))
        before = ticks
    content = io.BytesIO()
    mido.MidiFile(type=0, ticks_per_beat=TICKS, tracks=[track]).save(file=content)
    return content.getvalue()


def _joined_by_ties(notes):
    joined = []
    for note in notes:
        if joined and joined[-1].tied and joined[-1].pitches == note.pitches:
            joined[-1] = Note(joined[-1].length + note.length, note.pitches, note.tied)
        else:
            joined.append(note)
    return joined


def _no_tune(abc):
    return ValueError(
        f"Expected a tune in ABC notation with a note in it. Received: {abc[:60]!r}. "
        "Begin with the lines X:, T:, M:, L: and K:, then write notes."
    )


ENGRAVE = """
import json, sys, verovio
verovio.enableLog(verovio.LOG_OFF)
toolkit = verovio.toolkit()
toolkit.setOptions(json.loads(sys.argv[1]))
read = toolkit.loadData(sys.stdin.buffer.read().decode()) and "<note " in toolkit.getMEI()
print(json.dumps({"svg": toolkit.renderToSVG(1)} if read else {}))
"""


def _engrave(abc, width=1400):
    """What verovio makes of an ABC file, in a process of its own: some bad ABC crashes it."""
    import_extra("verovio")
    options = dict(inputFrom="abc", pageWidth=width, pageHeight=60_000, adjustPageHeight=True, scale=45)
    # verovio 6.4.1 crashes on many a tune of two parts when it plays repeats.
    options |= dict(footer="none", expandNever=True)
    command = [sys.executable, "-c", ENGRAVE, json.dumps(options)]
    run = subprocess.run(command, input=abc.encode(), capture_output=True, timeout=60)
    made = json.loads(run.stdout) if run.returncode == 0 else {}
    if not made:
        raise _no_tune(abc)
    return made


def bars(tune):
    """How long each bar of a tune lasts.

    Grace notes do not count, chords count once, tuplets as long as they are played. Which ABC
    is understood, `seqzoo.tasks.music.abc_reader.Tune` says.

    Args:
        tune: string, ABC.

    Returns:
        `(metre, lengths)`: the length of a bar by the first `M:` and the lengths of the bars,
        as `fractions.Fraction` of a whole note.

    Raises:
        ValueError: no metre, no unit of length, or notation that is not understood.

    Example:

    >>> metre, lengths = bars("M:2/4\\nL:1/8\\nK:G\\nG|A2 B>c|(3def {g}g2|a2 b||")
    >>> str(metre), [str(length) for length in lengths]
    ('1/2', ['1/8', '1/2', '1/2', '3/8'])
    """
    read = _measured(tune)
    return read.metre, [bar.length for bar in read.bars]


def whole_bars(tune):
    """The share of a tune's bars that last as long as the metre says that holds for them.

    Upbeats, and the bars before repeats that they complete, are shorter: whole tunes reach
    some 0.8.

    Args:
        tune: string, ABC.

    Returns:
        float; NaN where there is no metre, no unit of length or no bar, or where the notation
        is not understood.

    Example:

    >>> whole_bars("M:2/4\\nL:1/8\\nK:G\\nG|A2 B>c|(3def g2|a2 b||")
    0.5
    """
    try:
        read = _measured(tune)
    except ValueError:
        return float("nan")
    return sum(bar.length == bar.metre for bar in read.bars) / len(read.bars) if read.bars else float("nan")


def survey(tunes):
    """How many of some tunes can be read, and how many of the bars of those are whole.

    Args:
        tunes: list of strings, ABC.

    Returns:
        `(readable, whole)`: the share of the tunes that can be read as bars, and the mean of
        their `whole_bars`, NaN where none can.

    Example:

    >>> survey(["M:2/4\\nL:1/8\\nK:G\\nG2 A2|B2 G|", "no tune"])
    (0.5, 0.5)
    """
    shares = [share for share in map(whole_bars, tunes) if not math.isnan(share)]
    mean = lambda total, count: total / count if count else math.nan
    return mean(len(shares), len(tunes)), mean(sum(shares), len(shares))


def _measured(tune):
    read = Tune(tune)
    if read.metre is None or read.unit is None:
        raise ValueError(f"Expected the lines M: and L:. Received: {tune[:60]!r}. Write them first.")
    return read
