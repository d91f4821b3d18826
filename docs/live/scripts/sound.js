// Plays notes on a simple plucked string.

const HARMONICS = [0, 1, 0.5, 0.3, 0.15, 0.08]; // as seqzoo.tasks.music.sound
const AHEAD = 0.15;

export class Player {
  // `onnote(note)` when one sounds, `onend()` when all have.
  play(notes, onnote, onend) {
    this.stop();
    const context = (this.context = new AudioContext()), begin = context.currentTime + AHEAD;
    const wave = context.createPeriodicWave(new Float32Array(HARMONICS.length), Float32Array.from(HARMONICS));
    const volume = new GainNode(context, {gain: 0.25});
    volume.connect(context.destination);
    for (const {pitch, start, seconds} of notes) {
      const string = new OscillatorNode(context, {frequency: 440 * 2 ** ((pitch - 69) / 12)}), gain = new GainNode(context, {gain: 0});
      string.setPeriodicWave(wave);
      string.connect(gain).connect(volume);
      gain.gain.setValueAtTime(1, begin + start);
      gain.gain.setTargetAtTime(0, begin + start, 0.25);
      gain.gain.setTargetAtTime(0, begin + start + seconds, 0.03);
      string.start(begin + start);
      string.stop(begin + start + seconds + 0.2);
    }
    const waiting = [...notes].sort((a, b) => a.start - b.start);
    const end = Math.max(...notes.map((note) => note.start + note.seconds));
    this.timer = setInterval(() => {
      const now = context.currentTime - begin;
      while (waiting.length && waiting[0].start <= now) onnote(waiting.shift());
      if (now > end + 0.3) { this.stop(); onend(); }
    }, 20);
  }

  stop() {
    clearInterval(this.timer);
    this.context?.close();
    this.context = undefined;
  }

  get playing() {
    return this.context !== undefined;
  }
}
