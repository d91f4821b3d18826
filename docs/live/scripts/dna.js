import {answer} from "./answer.js";
import {basesOf} from "./bases.js";
import {$, element, json, open, showAnswer, showRefusal, showTable} from "./page.js";
import {Reading} from "./reading.js";

const TRAINED_ON = 60;
const network = await open("dna", ["model"]);
const reading = new Reading($("#reading"));
const ask = (bases) => answer(network, read, bases);

async function say(text) {
  $("#stretch").value = text;
  let bases;
  try {
    bases = basesOf(text);
  } catch (error) {
    $("#inside").hidden = true;
    return showRefusal($("#answer"), error);
  }
  const found = await ask(bases);
  showAnswer($("#answer"), found, network.learned.labels, note(bases.length));
  $("#inside").hidden = bases.length === 0;
  if (bases.length) reading.show(pairs(bases), found.gates);
}

function note(length) {
  if (length === 0) return "No letter was read: this is what the network says of nothing.";
  if (length === TRAINED_ON) return "";
  return `It was trained on ${TRAINED_ON} letters with the place in question in their middle. These are ${length}: it answers all the same.`;
}

// What it reads at each step: the letters from the two ends, inwards.
const pairs = (bases) => Array.from({length: Math.ceil(bases.length / 2)}, (_, t) => ({text: bases[t] + bases.at(-1 - t)}));

const random = () => Array.from({length: TRAINED_ON}, () => "ACGT"[Math.floor(4 * Math.random())]).join("");

$("#ask").addEventListener("submit", (event) => { event.preventDefault(); say($("#stretch").value); });
$("#random").addEventListener("click", () => say(random()));
const {first, right, of, mistakes} = await json("dna/examples.json");
$("#random").before(...first.map(({x, label}) => element("button", {type: "button", onclick: () => say(x)}, `one of ${label}`)));
await say(first[0].x);
$("#counted").textContent = `${right} of ${of} (${(right / of).toFixed(3)})`;
await showTable($("#mistakes"), mistakes, ask, say, ({x}) => `${x.slice(0, 30)} ${x.slice(30)}`);
document.documentElement.dataset.done = "";
