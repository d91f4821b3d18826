// A tune in ABC as notes with times, and how long its bars last, as abcjs reads it.

const EVEN = 1e-6;

// A whole ABC file, as seqzoo.tasks.music.abc.abc_file writes it.
export const abcFile = (tune, title, rhythm) => `X:1\nT:${title}\nR:${rhythm}\n${tune}`;

// {notes, bars}; of a text that abcjs cannot read there are none.
export function heard(ABCJS, abc) {
  try {
    const [tune] = ABCJS.parseOnly(abc);
    return {notes: notesOf(tune), bars: barsOf(tune)};
  } catch {
    return {notes: [], bars: {whole: 0, all: 0}};
  }
}

// [{pitch, start, seconds, from}]: MIDI numbers, seconds, and the place of each in the text. Repeats are played.
function notesOf(tune) {
  const {tracks} = tune.setUpAudio({chordsOff: true});
  const whole = tune.millisecondsPerMeasure() / 1000 / tune.getBarLength();
  return tracks.flat().filter(({cmd}) => cmd === "note")
    .map(({pitch, start, duration, startChar}) => ({pitch, start: start * whole, seconds: duration * whole, from: startChar}))
    .filter(({start, seconds}) => Number.isFinite(start + seconds) && seconds > 0);
}

// How many bars last as long as the metre says that holds for them, and how many there are.
function barsOf(tune) {
  const found = {whole: 0, all: 0};
  let {num, den} = tune.getMeterFraction(), length = 0, tuplet = {left: 0, by: 1};
  const end = () => {
    if (length > EVEN) found.all += 1;
    if (length > EVEN && Math.abs(length - num / den) < EVEN) found.whole += 1;
    length = 0;
  };
  for (const each of tune.lines.flatMap((line) => line.staff?.[0].voices[0] ?? [])) {
    if (each.el_type === "bar") end();
    if (each.el_type === "meter") ({num, den} = tune.getMeterFraction(each));
    if (each.el_type !== "note" || !each.duration) continue;
    if (each.startTriplet) tuplet = {left: each.tripletR ?? each.startTriplet, by: each.tripletMultiplier};
    length += each.duration * (tuplet.left > 0 ? tuplet.by : 1);
    tuplet.left -= 1;
  }
  end();
  return found;
}
