// Tracks as the video preset reads them: where a hand is in each of 45 frames, across and down, from 0 to 1.

export const FRAMES = 45;

// Places at equal times along a drawing: points are {x, y, time}, in the order of time.
export function trackOf(points, frames = FRAMES) {
  const begin = points[0].time, lasts = points.at(-1).time - begin;
  let i = 0;
  return Array.from({length: frames}, (_, frame) => {
    const time = begin + (lasts * frame) / (frames - 1);
    while (i + 2 < points.length && points[i + 1].time < time) i++;
    const a = points[i], b = points[Math.min(i + 1, points.length - 1)];
    const share = b.time > a.time ? Math.min(1, Math.max(0, (time - a.time) / (b.time - a.time))) : 0;
    return [within(a.x + share * (b.x - a.x)), within(a.y + share * (b.y - a.y))];
  });
}

const within = (v) => Math.min(1, Math.max(0, v));

// A track along a curve: `place(s)` gives [across, down] for s from 0 to 1.
const along = (place) => Array.from({length: FRAMES}, (_, t) => place(t / (FRAMES - 1)));

const circle = (turns) => (s) => [0.5 + 0.2 * Math.cos(2 * Math.PI * turns * s), 0.5 - 0.2 * Math.sin(2 * Math.PI * turns * s)];

// Movements for those who do not draw: by name, what a person would call it, and its track.
export const MOVEMENTS = {
  "a circle, anti-clockwise": ["circle", along(circle(1))],
  "a circle, clockwise": ["circle", along(circle(-1))],
  "a line to the left": ["horizontal straight line", along((s) => [0.8 - 0.6 * s, 0.5])],
  "a line to the right": ["horizontal straight line", along((s) => [0.2 + 0.6 * s, 0.5])],
  "a line up": ["vertical straight line", along((s) => [0.5, 0.8 - 0.6 * s])],
  "a line down": ["vertical straight line", along((s) => [0.5, 0.2 + 0.6 * s])],
  "to and fro, sideways": ["horizontal swing", along((s) => [0.5 + 0.25 * Math.sin(4 * Math.PI * s), 0.5])],
  "hardly moving": ["tremble", along((s) => [0.5 + 0.01 * Math.sin(20 * s), 0.5 + 0.01 * Math.sin(31 * s)])],
};
