// What the four pages share: fetching, the answer, and the table of what the model gets wrong.

import * as ort from "../vendor/ort.wasm.min.mjs";
import {Network, unpacked} from "./network.js";

export const $ = (selector) => document.querySelector(selector);

// An element; children are elements or texts, which are never read as HTML.
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== false && value !== undefined) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

export const json = async (url) => (await fetch(url)).json();

// Fetches the runtime and the model, and says how far it is.
export async function open(folder, programs) {
  const status = $("#status"), bar = $("#progress");
  let fetched = 0;
  const load = async (url) => {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
    const parts = [];
    for (const reader = response.body.getReader(); ;) {
      const {done, value} = await reader.read();
      if (done) break;
      parts.push(value);
      bar.value = (fetched += value.length) / 1e6;
    }
    return unpacked(new Uint8Array(await new Blob(parts).arrayBuffer()));
  };
  try {
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmBinary = await load("vendor/ort-wasm-simd-threaded.wasm.gz");
    const network = await Network.open(ort, (name) => load(`${folder}/${name}`), programs);
    status.textContent = "Ready: everything below is computed in this browser, and nothing leaves it.";
    bar.remove();
    document.documentElement.dataset.ready = "";
    for (const control of document.querySelectorAll("[disabled]")) control.disabled = false;
    return network;
  } catch (error) {
    status.textContent = `The network could not be fetched (${error.message}). Serve this folder, as python -m http.server does, and reload.`;
    status.classList.add("refused");
    throw error;
  }
}

// The likeliest label, and the probabilities of the first few.
export function showAnswer(root, answer, labels, note = "", most = 5) {
  const order = labels.map((_, i) => i).sort((i, j) => answer.probabilities[j] - answer.probabilities[i]);
  const bars = order.slice(0, most).map((i) => {
    const p = answer.probabilities[i];
    return element("li", {},
      element("span", {}, labels[i]),
      element("span", {class: "bar", "aria-hidden": "true"}, element("span", {style: `width: ${100 * p}%`})),
      element("span", {class: "number"}, p.toFixed(3)));
  });
  root.className = "";
  root.dataset.label = answer.label;
  root.dataset.p = answer.p;
  root.replaceChildren(
    element("p", {class: "label"}, element("strong", {}, answer.label), ` with probability ${answer.p.toFixed(3)}`),
    element("ul", {class: "bars"}, ...bars),
    ...(note ? [element("p", {class: "note"}, note)] : []));
}

// A refusal, in the words of its Error.
export function showRefusal(root, error) {
  delete root.dataset.label;
  root.className = "refused";
  root.replaceChildren(...error.message.split("\n").map((line) => element("p", {}, line)));
}

// What the model says of examples beside what they are; `ask` answers, `say` puts one above.
export async function showTable(body, examples, ask, say, name) {
  const show = async (x) => {
    await say(x);
    $("#answer").scrollIntoView({block: "center"});
  };
  for (const example of examples) {
    const {label, p} = await ask(example.x);
    const right = label === example.label;
    body.append(element("tr", {class: right ? "right" : "wrong"},
      element("td", {}, element("button", {type: "button", class: "example", onclick: () => show(example.x)}, name(example))),
      element("td", {}, example.label),
      element("td", {}, `${label} ${p.toFixed(2)}`, element("span", {class: "mark"}, right ? " ✓ right" : " ✗ wrong"))));
  }
}
