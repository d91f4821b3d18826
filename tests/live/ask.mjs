// Asks the live pages' own scripts, by the runtime that the pages fetch: node ask.mjs FOLDER < questions > answers

import {readFile} from "node:fs/promises";
import {createRequire} from "node:module";
import {resolve} from "node:path";
import {pathToFileURL} from "node:url";

const folder = resolve(process.argv[2]);
const script = (name) => import(pathToFileURL(`${folder}/${name}`));
const require = createRequire(import.meta.url);
const bytes = async (name) => unpacked(new Uint8Array(await readFile(`${folder}/${name}`)));

const read = require(`${folder}/scripts/read.js`);
const ort = await script("vendor/ort.wasm.min.mjs");
const {Network, unpacked} = await script("scripts/network.js");
const {answer} = await script("scripts/answer.js");
const {basesOf} = await script("scripts/bases.js");
const {compose, draw, probabilities, randomOf, tuneOf} = await script("scripts/compose.js");
const {heard} = await script("scripts/notes.js");
const {MOVEMENTS, trackOf} = await script("scripts/track.js");
const ABCJS = require(`${folder}/vendor/abcjs-basic-min.js`);

ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmBinary = await bytes("vendor/ort-wasm-simd-threaded.wasm.gz");

const opened = {};
const network = async (page, programs) =>
  (opened[page] ??= await Network.open(ort, (name) => bytes(`${page}/${name}`), programs));
const plain = (gates) => gates.map((gate) => ({...gate, values: [...gate.values]}));
const tried = (call) => { try { return {is: call()}; } catch (error) { return {refused: error.message}; } };

const ASKED = {
  async answer({page, example}) {
    const {label, p, probabilities, gates} = await answer(await network(page, ["model"]), read, example);
    return {label, p, probabilities, gates: plain(gates)};
  },
  async tune({rhythm, temperature, seed, most}) {
    const steps = [];
    const options = {temperature, random: randomOf(seed), most};
    for await (const step of compose(await network("music", ["start", "step"]), read, rhythm, options)) steps.push(step);
    const gates = steps[0].gates.map(({name}, i) => ({name, values: steps.map((step) => [...step.gates[i].values])}));
    return {tune: tuneOf(steps, most), gates};
  },
  bases: ({text}) => tried(() => basesOf(text)),
  draws({logits, temperature, seed, count}) {
    const random = randomOf(seed), p = probabilities(logits, temperature);
    return Array.from({length: count}, () => draw(p, random));
  },
  cut: ({tune}) => tuneOf([...tune].map((character) => ({character})), tune.length),
  notes: ({abc}) => heard(ABCJS, abc),
  track: ({points, frames}) => trackOf(points, frames),
  movements: () => Object.values(MOVEMENTS).map(([, track]) => track),
};

const questions = JSON.parse(await readFile("/dev/stdin", "utf-8"));
const answers = [];
for (const {ask, ...given} of questions) answers.push(await ASKED[ask](given));
console.log(JSON.stringify(answers));
