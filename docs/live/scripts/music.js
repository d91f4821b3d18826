import {compose, randomOf, tuneOf} from "./compose.js";
import {abcFile, heard} from "./notes.js";
import {$, element, open} from "./page.js";
import {Reading} from "./reading.js";
import {Player} from "./sound.js";

const WRAP = {minSpacing: 1.4, maxSpacing: 2.7, preferredMeasuresPerLine: 4};
const A_LOOK = 6; // characters between two looks at the page
const network = await open("music", ["start", "step"]);
const reading = new Reading($("#reading")), player = new Player();
let notes = [], head = 0, writing = 0;

$("#rhythm").replaceChildren(...network.learned.rhythms.map((rhythm) =>
  element("option", {selected: rhythm === "jig"}, rhythm)));

async function write() {
  const mine = ++writing, rhythm = $("#rhythm").value, temperature = +$("#temperature").value;
  const seed = $("#seed").value === "" ? Math.floor(1e6 * Math.random()) : +$("#seed").value;
  stop();
  $("#play").disabled = true;
  const steps = [];
  for await (const step of compose(network, read, rhythm, {temperature, random: randomOf(seed)})) {
    steps.push(step);
    if (steps.length % A_LOOK) continue;
    $("#abc").textContent = steps.map(({character}) => character).join("");
    await new Promise(requestAnimationFrame);
    if (mine !== writing) return;
  }
  const tune = tuneOf(steps);
  const title = temperature ? `${rhythm}, seed ${seed}, temperature ${temperature}` : `${rhythm}, the likeliest characters`;
  show(tune, abcFile(tune, title, rhythm), steps.slice(0, tune.length));
  $("#answer").dataset.tune = tune;
}

function show(tune, abc, steps) {
  head = abc.length - tune.length;
  $("#abc").textContent = abc;
  $("#inside").hidden = false;
  reading.show(steps.map(({character}) => ({text: character === "\n" ? "↵" : character, ends: character === "\n"})), joined(steps));
  const found = heard(ABCJS, abc);
  notes = found.notes;
  $("#play").disabled = notes.length === 0;
  $("#said").textContent = notes.length ? said(tune, found.bars) : "No note can be read in this one: see its text.";
  $("#score").replaceChildren();
  const staffwidth = Math.min(1000, 140 + $("#score").clientWidth);
  if (notes.length) ABCJS.renderAbc("score", abc, {responsive: "resize", staffwidth, wrap: WRAP});
}

function said(tune, {whole, all}) {
  return `A tune of ${tune.length} characters: ${whole} of its ${all} bars last as long as its metre says. ` +
    "Upbeats, and the bars before repeats that they complete, are shorter by right; others are mistakes.";
}

// The gates of all steps, each by its name.
const joined = (steps) => (steps[0]?.gates ?? []).map((gate, i) =>
  ({...gate, steps: steps.length, values: Float32Array.from(steps.flatMap((step) => [...step.gates[i].values]))}));

function play() {
  if (player.playing) return stop();
  $("#play").textContent = "Stop";
  reading.stop();
  player.play(notes, ({from}) => from >= head && reading.render(from - head + 1), stop);
}

function stop() {
  player.stop();
  $("#play").textContent = "Play it";
}

$("#ask").addEventListener("submit", (event) => { event.preventDefault(); write(); });
$("#temperature").addEventListener("input", () => { $("#degrees").textContent = (+$("#temperature").value).toFixed(1); });
$("#play").addEventListener("click", play);
await write();
document.documentElement.dataset.done = "";
