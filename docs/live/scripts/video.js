import {answer} from "./answer.js";
import {$, element, json, open, showAnswer, showTable} from "./page.js";
import {Reading} from "./reading.js";
import {MOVEMENTS, trackOf} from "./track.js";

const network = await open("video", ["model"]);
const canvas = $("#drawing"), context = canvas.getContext("2d");
let track = [], points = [];
const reading = new Reading($("#reading"), (read) => draw(track, read));
const ask = (track) => answer(network, read, track);

async function say(movement, note) {
  track = movement;
  canvas.dataset.track = JSON.stringify(track);
  const found = await ask(track);
  showAnswer($("#answer"), found, network.learned.labels, note);
  $("#inside").hidden = false;
  reading.show(track.map(([x, y]) => ({text: `${x.toFixed(2)}, ${y.toFixed(2)}`})), found.gates);
}

// The track as far as it is read; a ring where it begins, a dot where the hand is.
function draw(track, read = track.length) {
  const {width, height} = canvas, style = getComputedStyle(canvas);
  const place = ([x, y]) => [x * width, y * height];
  context.clearRect(0, 0, width, height);
  if (!track.length) return;
  const line = (places, colour) => {
    context.beginPath();
    places.forEach((each) => context.lineTo(...place(each)));
    context.strokeStyle = colour;
    context.stroke();
  };
  context.lineWidth = 5;
  context.lineJoin = context.lineCap = "round";
  line(track, style.getPropertyValue("--line"));
  line(track.slice(0, read), style.getPropertyValue("--update"));
  const dot = (at, radius, filled) => {
    context.beginPath();
    context.arc(...place(at), radius, 0, 2 * Math.PI);
    context.fillStyle = context.strokeStyle = style.getPropertyValue("--relevance");
    filled ? context.fill() : context.stroke();
  };
  dot(track[0], 9, false);
  if (read) dot(track[read - 1], 9, true);
}

function place(event) {
  const {left, top, width, height} = canvas.getBoundingClientRect();
  return {x: (event.clientX - left) / width, y: (event.clientY - top) / height, time: event.timeStamp};
}

canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  reading.stop();
  points = [place(event)];
});
canvas.addEventListener("pointermove", (event) => {
  if (!points.length) return;
  points.push(...(event.getCoalescedEvents?.() ?? []).map(place), place(event));
  points.sort((a, b) => a.time - b.time);
  draw(points.map(({x, y}) => [x, y]));
});
canvas.addEventListener("pointerup", (event) => {
  const drawn = [...points, place(event)], moved = drawn.some(({x, y}) => x !== drawn[0].x || y !== drawn[0].y);
  points = [];
  say(trackOf(drawn), moved ? "" : "That did not move. It answers all the same: press, move, and let go.");
});
canvas.addEventListener("pointercancel", () => { points = []; });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw(track));

const {first, right, of, mistakes} = await json("video/examples.json");
const films = [...first, ...mistakes];
const own = Object.entries(MOVEMENTS).map(([name, [label, x]]) => ({name, label, x}));
$("#own").append(...own.map(({name, x}) => element("button", {type: "button", onclick: () => say(x)}, name)));
$("#film").append(...first.map(({label}, i) => element("option", {value: i}, label)));
$("#show").addEventListener("click", () => say(films[$("#film").value].x));
await say(first[0].x);
$("#counted").textContent = `${right} of ${of} (${(right / of).toFixed(3)})`;
await showTable($("#own-answers"), own, ask, say, ({name}) => name);
await showTable($("#mistakes"), mistakes, ask, say, ({label}) => `a film of the test split, ${label}`);
document.documentElement.dataset.done = "";
