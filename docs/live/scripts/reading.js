// The gates light up while the network reads: a column for each step, a row for each unit.

import {element} from "./page.js";

const SECONDS = 4, MOST = 1500; // of steps that are drawn
const ARROWS = {forward: "→", backward: "←"};
const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
const column = (gate, step) => gate.values.subarray(step * gate.units, (step + 1) * gate.units);

export class Reading {
  constructor(root, onstep = () => {}) {
    this.onstep = onstep;
    this.tokens = element("ol", {class: "tokens", "aria-label": "what it reads, one step each"});
    this.bands = element("div", {class: "bands"});
    this.step = element("input", {type: "range", min: 0, value: 0, "aria-label": "how many steps are read"});
    this.step.addEventListener("input", () => { this.stop(); this.render(+this.step.value); });
    this.again = element("button", {type: "button", onclick: () => this.play()}, "Read again");
    this.words = element("p", {class: "words"});
    this.table = element("tbody");
    this.head = element("tr");
    const table = element("table", {}, element("thead", {}, this.head), this.table);
    const numbers = element("details", {}, element("summary", {}, "The same as numbers"), element("div", {class: "wide"}, table));
    root.replaceChildren(this.tokens, this.bands, element("div", {class: "head"}, this.step, this.again), this.words, numbers);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.gates && this.draw());
  }

  // Tokens are {text, unknown}, one a step; gates as `gatesOf` gives them.
  show(tokens, gates) {
    this.stop();
    const drawn = tokens.slice(0, MOST), steps = drawn.length;
    this.texts = drawn.map((token) => token.text);
    this.left = tokens.length - steps;
    this.gates = gates.map((gate) => ({...gate, steps, means: drawn.map((_, step) => mean(column(gate, step)))}));
    this.shades = shades(this.gates.find((gate) => gate.name === "1 forward Γu").means);
    this.step.max = steps;
    this.step.value = 0;
    this.tokens.replaceChildren(...drawn.map(chip));
    this.draw();
    this.list();
    this.play();
  }

  // The pictures, whole; `render` shows as much of them as is read.
  draw() {
    const layers = new Set(this.gates.map((gate) => gate.name.split(" ")[0]));
    this.bands.replaceChildren(...this.gates.map((gate) => {
      const [layer, direction, symbol] = gate.name.split(" ");
      const name = `${ARROWS[direction]} ${symbol}` + (layers.size > 1 ? ` layer ${layer}` : "");
      gate.picture = picture(gate, colour(this.bands, symbol));
      gate.canvas = element("canvas", {width: gate.steps, height: gate.units, role: "img", "aria-label":
        `${name}: ${gate.units} units at ${gate.steps} steps, mean ${mean(gate.means).toFixed(2)}`});
      return element("div", {class: "band"}, element("span", {}, name), gate.canvas);
    }));
    this.render(+this.step.value);
  }

  list() {
    const names = this.gates.map((gate) => gate.name);
    this.head.replaceChildren(...["step", "reads", ...names.map((name) => `mean of ${name}`)].map((name) => element("th", {scope: "col"}, name)));
    this.table.replaceChildren(...this.texts.map((text, step) => element("tr", {},
      ...[`${step + 1}`, text, ...this.gates.map((gate) => gate.means[step].toFixed(3))].map((value) => element("td", {}, value)))));
  }

  // Forwards the first `read` steps are lit, backwards the last ones.
  render(read) {
    const steps = this.texts.length;
    this.step.value = read;
    for (const gate of this.gates) {
      const context = gate.canvas.getContext("2d"), from = gate.name.includes("backward") ? steps - read : 0;
      context.clearRect(0, 0, steps, gate.units);
      if (read) context.drawImage(gate.picture, from, 0, read, gate.units, from, 0, read, gate.units);
    }
    [...this.tokens.children].forEach((token, step) => {
      token.classList.toggle("now", step === read - 1);
      token.style.setProperty("--Γu", step < read ? this.shades[step] : 0);
    });
    this.words.textContent = read ? this.say(read) : "Nothing is read yet.";
    this.step.setAttribute("aria-valuetext", this.words.textContent);
    this.onstep(read);
  }

  say(read) {
    const places = {forward: read - 1, backward: this.texts.length - read};
    const said = Object.entries(places).map(([direction, step]) => {
      const gates = this.gates.filter((gate) => gate.name.includes(direction));
      const means = gates.map((gate) => `${gate.name.split(" ")[2]} ${gate.means[step].toFixed(2)}`);
      return gates.length ? `${ARROWS[direction]} “${this.texts[step]}”: ${means.join(", ")}` : "";
    });
    const left = this.left ? ` ${this.left} more steps are read and not drawn.` : "";
    return `Step ${read} of ${this.texts.length}, means over the units: ${said.filter(Boolean).join("; ")}.${left}`;
  }

  play() {
    this.stop();
    const steps = this.texts.length;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return this.render(steps);
    const seconds = Math.min(SECONDS, steps / 3), begin = performance.now();
    const next = (now) => {
      const read = Math.min(steps, Math.max(0, Math.ceil((steps * (now - begin)) / 1000 / seconds)));
      if (read !== +this.step.value) this.render(read);
      if (read < steps) this.timer = requestAnimationFrame(next);
    };
    this.render(0);
    this.timer = requestAnimationFrame(next);
  }

  stop() {
    cancelAnimationFrame(this.timer);
  }
}

// From 0.1 where a mean is the lowest of all to 1 where it is the highest.
function shades(means) {
  const low = Math.min(...means), high = Math.max(...means);
  return means.map((each) => 0.1 + 0.9 * ((each - low) / (high - low || 1)));
}

const chip = ({text, unknown, ends}) => element("li",
  {class: (unknown ? "unknown " : "") + (ends ? "ends" : ""), title: unknown ? "not among the words it knows" : false},
  text, ...(unknown ? [element("span", {class: "hidden"}, " (unknown)")] : []));

const colour = (root, symbol) => getComputedStyle(root).getPropertyValue(symbol === "Γu" ? "--update" : "--relevance").trim();

// A pixel for each unit at each step: the more open, the more opaque.
function picture({steps, units, values}, hex) {
  const canvas = new OffscreenCanvas(steps, units), context = canvas.getContext("2d");
  const image = context.createImageData(steps, units), rgb = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
  for (let step = 0; step < steps; step++) {
    for (let unit = 0; unit < units; unit++) {
      image.data.set([...rgb, 255 * values[step * units + unit]], 4 * (unit * steps + step));
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}
