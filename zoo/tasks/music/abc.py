"""Tunes in ABC notation: as files, as a score, as MIDI, and what their bars last."""

import base64
import json
import re
import subprocess
import sys
from fractions import Fraction

from seqzoo.extras import import_extra


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
        String, SVG.

    Raises:
        ValueError: the notation cannot be read, or holds no note.
        MissingExtraError: `seqzoo[notebooks]` is not installed.

    Example:

    >>> to_svg(abc_file("M:6/8\\nL:1/8\\nK:G\\nGED DEF|\\n"))[:4]
    '<svg'
    """
    return _engrave(abc, width)["svg"]


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
        _engrave(abc_file(tune))
        return len(bars(tune)[1]) > 0
    except ValueError:
        return False


def to_midi(abc):
    """Plays an ABC file into MIDI, each part once.

    Args:
        abc: string, a whole ABC file.

    Returns:
        bytes, a MIDI file.

    Raises:
        ValueError: the notation cannot be read, or holds no note.
        MissingExtraError: `seqzoo[notebooks]` is not installed.

    Example:

    >>> to_midi(abc_file("M:6/8\\nL:1/8\\nK:G\\nGED DEF|\\n"))[:4]
    b'MThd'
    """
    return base64.b64decode(_engrave(abc)["midi"])


ENGRAVE = """
import json, sys, verovio
verovio.enableLog(verovio.LOG_OFF)
toolkit = verovio.toolkit()
toolkit.setOptions(json.loads(sys.argv[1]))
read = toolkit.loadData(sys.stdin.buffer.read().decode()) and "<note " in toolkit.getMEI()
print(json.dumps({"svg": toolkit.renderToSVG(1), "midi": toolkit.renderToMIDI()} if read else {}))
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
        raise ValueError(
            f"Expected a tune in ABC notation with a note in it. Received: {abc[:60]!r}. "
            "Begin with the lines X:, T:, M:, L: and K:, then write notes."
        )
    return made


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
        _engrave(abc_file(tune))
        return len(bars(tune)[1]) > 0
    except ValueError:
        return False


def to_midi(abc):
    """Plays an ABC file into MIDI, each part once.

    Args:
        abc: string, a whole ABC file.

    Returns:
        bytes, a MIDI file.

    Raises:
        ValueError: the notation cannot be read, or holds no note.
        MissingExtraError: `seqzoo[notebooks]` is not installed.

    Example:

    >>> to_midi(abc_file("M:6/8\\nL:1/8\\nK:G\\nGED DEF|\\n"))[:4]
    b'MThd'
    """
    return base64.b64decode(_engrave(abc)["midi"])


def _engraver(abc, width=1400):
    verovio = import_extra("verovio")
    verovio.enableLog(verovio.LOG_OFF)
    toolkit = verovio.toolkit()
    options = dict(inputFrom="abc", pageWidth=width, adjustPageHeight=True, pageHeight=60_000, scale=45)
    toolkit.setOptions({**options, "footer": "none"})
    if not (toolkit.loadData(abc) and "<note " in toolkit.getMEI()):
        raise ValueError(
            f"Expected a tune in ABC notation with a note in it. Received: {abc[:60]!r}. "
            "Begin with the lines X:, T:, M:, L: and K:, then write notes."
        )
    return toolkit


def bars(tune):
    """How long each bar of a tune lasts.

    Grace notes do not count, chords count once, tuplets as long as they are played.

    Args:
        tune: string, ABC.

    Returns:
        `(metre, lengths)`: the length of a bar by the first `M:` and the lengths of the bars,
        as `fractions.Fraction` of a whole note.

    Raises:
        ValueError: no metre, or no unit of length.

    Example:

    >>> metre, lengths = bars("M:2/4\\nL:1/8\\nK:G\\nG|A2 B>c|(3def {g}g2|a2 b||")
    >>> str(metre), [str(length) for length in lengths]
    ('1/2', ['1/8', '1/2', '1/2', '3/8'])
    """
    metre = re.search(r"^M: *(C\|?|\d+/\d+)", tune, re.MULTILINE)
    unit = re.search(r"^L: *(\d+/\d+)", tune, re.MULTILINE)
    if not (metre and unit):
        raise ValueError(f"Expected the lines M: and L:. Received: {tune[:60]!r}. Write them first.")
    body = re.sub(r"^[A-Za-z]:(?![|:]).*$|\{[^}]*\}", "", tune, flags=re.MULTILINE)
    body = re.sub(r"\[(?=[^|\]\d])([A-Ga-g][,']*[\d/]*)[^\]|]*\]", r"\1", body)  # a chord: its first note
    lengths = [_length(bar) * Fraction(unit[1]) for bar in re.split(r"[|\]:]+\d?|\[\d", body)]
    return Fraction(metre[1].replace("C|", "1").replace("C", "1")), [n for n in lengths if n]


def whole_bars(tune):
    """The share of a tune's bars that last as long as its metre says.

    Upbeats, and the bars before repeats that they complete, are shorter: whole tunes reach
    some 0.8.

    Args:
        tune: string, ABC.

    Returns:
        float; NaN where there is no metre, no unit of length or no bar.

    Example:

    >>> whole_bars("M:2/4\\nL:1/8\\nK:G\\nG|A2 B>c|(3def g2|a2 b||")
    0.5
    """
    try:
        metre, lengths = bars(tune)
    except ValueError:
        return float("nan")
    return sum(length == metre for length in lengths) / len(lengths) if lengths else float("nan")


def _length(bar):
    """Of a bar, in units."""
    total, tuplet = Fraction(0), []
    for opening, count, slashes, divisor in re.findall(r"(\(\d(?=[^\d]))|[A-Ga-gxz][,']*(\d*)(/*)(\d*)", bar):
        if opening:
            n = int(opening[1])
            tuplet = [Fraction({2: 3, 3: 2, 4: 3, 6: 2, 8: 3}.get(n, n), n)] * n
            continue
        length = Fraction(int(count or 1), int(divisor) if divisor and int(divisor) else 2 ** len(slashes))
        total += length * (tuplet.pop() if tuplet else 1)
    return total
