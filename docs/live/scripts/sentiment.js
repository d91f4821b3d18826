import {answer} from "./answer.js";
import {$, json, open, showAnswer, showTable} from "./page.js";
import {Reading} from "./reading.js";

// Sentences, and what a person says of them.
const OWN = {
  "A moving, funny and beautifully acted film.": "positive",
  "Not bad at all.": "positive",
  "I have nothing to complain about.": "positive",
  "I wanted to love it, and could not.": "negative",
  "Great, two more hours of my life that I will never get back.": "negative",
  "The trailer is far better than the film.": "negative",
};

const network = await open("sentiment", ["model"]);
const reading = new Reading($("#reading"));
const ask = (sentence) => answer(network, read, sentence);

async function say(sentence) {
  $("#sentence").value = sentence;
  const found = await ask(sentence), words = read.wordsOf(sentence), ids = found.inputs.words.data;
  const unknown = words.filter((_, i) => ids[i] === 1).length;
  showAnswer($("#answer"), found, network.learned.labels, note(words.length, unknown));
  $("#inside").hidden = words.length === 0;
  if (words.length) reading.show(words.map((text, i) => ({text, unknown: ids[i] === 1})), found.gates);
}

function note(words, unknown) {
  if (words === 0) return "No word was read: this is what the network says of nothing.";
  if (unknown === words) return "It knows none of these words, and answers all the same.";
  return unknown ? `${unknown} of ${words} words are not among those that it knows (dashed below).` : "";
}

$("#ask").addEventListener("submit", (event) => { event.preventDefault(); say($("#sentence").value); });
await say($("#sentence").value);

const {right, of, mistakes} = await json("sentiment/examples.json");
const name = ({x}) => x;
$("#counted").textContent = `${right} of ${of} (${(right / of).toFixed(3)})`;
const own = Object.entries(OWN).map(([x, label]) => ({x, label}));
await showTable($("#own-answers"), own, ask, say, name);
await showTable($("#mistakes"), mistakes, ask, say, name);
document.documentElement.dataset.done = "";
