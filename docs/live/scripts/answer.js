// The label of one example, as `model.answer` gives it, with all probabilities and the gates.

import {gatesOf} from "./network.js";

export async function answer(network, read, example) {
  const inputs = read.inputs(network.learned, [example]);
  const outputs = await network.run("model", inputs);
  const ŷ = [...outputs.output.data];
  const p = ŷ.length === 1 ? [1 - ŷ[0], ŷ[0]] : ŷ;
  const best = p.indexOf(Math.max(...p));
  return {label: network.learned.labels[best], p: p[best], probabilities: p, inputs, gates: gatesOf(outputs)};
}
