"""Drum performances as text: from MIDI and back."""

import io

import mido

# The General MIDI drums, as Roland's kits of the Groove dataset play them, by letter.
DRUMS = {
    "k": (36, 35),  # kick
    "s": (38, 37, 39, 40),  # snare
    "h": (42, 22, 44),  # closed hi-hat
    "o": (46, 26),  # open hi-hat
    "r": (51, 53, 56, 59),  # ride
    "c": (49, 52, 55, 57),  # crash
    "l": (43, 41, 58),  # low tom
    "m": (45, 47),  # middle tom
    "t": (50, 48),  # high tom
}
LETTERS = {note: letter for letter, notes in DRUMS.items() for note in notes}
CHANNEL = 9
SIXTEENTH = 24  # ticks
MOST_BARS = 32


def from_midi(midi, steps=16):
    r"""Writes a drum performance as text, a line a bar and a word a sixteenth.

    A word holds the letters of the drums that are hit nearest to its sixteenth, in the
    order of `DRUMS`, or `.` for none. After 32 bars it stops.

    Args:
        midi: bytes, a MIDI file.
        steps: how many sixteenths a bar has.

    Returns:
        String; empty where no drum is hit.

    Raises:
        ValueError: the bytes are no MIDI file.

    Example:

    >>> from_midi(to_midi("kh . h .\nsh k h .\n", steps=4), steps=4)
    'kh . h .\nsh k h .\n'
    """
    try:
        file = mido.MidiFile(file=io.BytesIO(midi))
    except (OSError, EOFError, ValueError, IndexError, KeyError) as error:
        raise ValueError(
            f"Expected the bytes of a MIDI file. Received: {midi[:16]!r} ({error or 'it ends too early'}). "
            "Give the whole content of a .mid file."
        ) from error
    hits, ticks = set(), 0
    for message in mido.merge_tracks(file.tracks):
        ticks += message.time
        if message.type == "note_on" and message.velocity and message.note in LETTERS:
            hits.add((round(4 * ticks / file.ticks_per_beat), LETTERS[message.note]))
    bars = min(1 + max((step for step, _ in hits), default=-1) // steps, MOST_BARS)
    words = ["".join(d for d in DRUMS if (step, d) in hits) or "." for step in range(bars * steps)]
    return "".join(" ".join(words[bar * steps : (bar + 1) * steps]) + "\n" for bar in range(bars))


def to_midi(text, steps=16, bpm=100):
    r"""Makes a MIDI file of a performance that is written as text, each hit a sixteenth long.

    Args:
        text: string as `from_midi` writes it; bars that are too short are filled with silence.
        steps: how many sixteenths a bar has.
        bpm: quarters in a minute.

    Returns:
        bytes, a MIDI file.

    Raises:
        ValueError: a letter that stands for no drum, or a bar that is too long.

    Example:

    >>> to_midi("kh . h .\n")[:4]
    b'MThd'
    """
    events = []  # (ticks, whether a note begins, note): at the same time, what ends comes first
    for bar, line in enumerate(text.splitlines()):
        words = line.split()
        if len(words) > steps or set("".join(words)) - {*DRUMS, "."}:
            raise ValueError(
                f"Expected at most {steps} words of the letters {''.join(DRUMS)} and '.' in a bar. "
                f"Received: {line[:60]!r}. Write one word for each sixteenth."
            )
        for step, word in enumerate(words, start=bar * steps):
            notes = {DRUMS[letter][0] for letter in word.replace(".", "")}
            events += [(SIXTEENTH * (step + 1 - begins), begins, note) for note in notes for begins in (True, False)]
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm))])
    before = 0
    for ticks, begins, note in sorted(events):
        message = dict(channel=CHANNEL, note=note, time=ticks - before)
        track.append(mido.Message("note_on" if begins else "note_off", velocity=90 if begins else 0, **message))
        before = ticks
    file = mido.MidiFile(type=0, ticks_per_beat=4 * SIXTEENTH, tracks=[track])
    content = io.BytesIO()
    file.save(file=content)
    return content.getvalue()
