// Writes a tune, one character after the other, each drawn from what the network thinks of the next one.

import {gatesOf} from "./network.js";

const MOST = 1500; // characters of a tune, as `model.answer` has it

// Numbers from 0 to 1, the same for the same seed (Mulberry32).
export function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

// p = softmax(logits / temperature); at temperature 0 the likeliest has all of it.
export function probabilities(logits, temperature) {
  const most = Math.max(...logits);
  if (temperature === 0) return logits.map((_, i) => +(i === logits.indexOf(most)));
  const e = logits.map((v) => Math.exp((v - most) / temperature)), sum = e.reduce((a, b) => a + b, 0);
  return e.map((v) => v / sum);
}

export function draw(p, random) {
  let left = random();
  for (let i = 0; i < p.length; i++) if ((left -= p[i]) < 0) return i;
  return p.lastIndexOf(Math.max(...p));
}

// Yields {character, gates} until the tune's end, or `most` characters; gates are those of the step that wrote it.
export async function* compose(network, read, rhythm, {temperature = 0.8, random = Math.random, most = MOST} = {}) {
  const {learned} = network, written = ["", "�", "", ...learned.characters];
  let states = await network.run("start", read.inputs(learned, [rhythm]));
  let token = learned.start;
  for (let i = 0; i < most; i++) {
    const tokens = {type: "int32", dims: [1], data: Int32Array.of(token)};
    const made = await network.run("step", {...states, tokens});
    const logits = [...made.logits.data];
    for (const id of learned.never_written) logits[id] = -Infinity;
    token = draw(probabilities(logits, temperature), random);
    if (token === learned.end) return;
    const after = Object.entries(made).filter(([name]) => name.startsWith("after"));
    states = {...states, ...Object.fromEntries(after.map(([name, state]) => [name.replace("after", "state"), state]))};
    yield {character: written[token], gates: gatesOf(made)};
  }
}

// The tune of some steps; one that came to no end, up to its last whole bar.
export function tuneOf(steps, most = MOST) {
  const tune = steps.map(({character}) => character).join("");
  return steps.length < most ? tune : tune.slice(0, 1 + Math.max(tune.lastIndexOf("|"), tune.lastIndexOf("\n"))) || tune;
}
