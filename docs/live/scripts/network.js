// An exported model: what its preprocessor has learned, and its programs, run by onnxruntime-web.

export class Network {
  // `load(name)` gives the bytes of one of the model's files.
  static async open(ort, load, programs) {
    const network = new Network();
    network.ort = ort;
    network.learned = JSON.parse(new TextDecoder().decode(await load("preprocessor.json.gz")));
    network.sessions = {};
    for (const name of programs) {
      network.sessions[name] = await ort.InferenceSession.create(await load(`${name}.onnx.gz`));
    }
    return network;
  }

  // Inputs and outputs are {type, dims, data} by their names, as read.js makes them.
  async run(program, inputs) {
    const session = this.sessions[program], feeds = {};
    for (const name of session.inputNames) {
      const {type, dims, data} = inputs[name];
      feeds[name] = new this.ort.Tensor(type, data, dims);
    }
    return session.run(feeds);
  }
}

// Γu and Γr among the outputs: [{name, units, steps, values}], values[step * units + unit].
export function gatesOf(outputs) {
  return Object.entries(outputs).filter(([name]) => name.includes("Γ")).map(([name, tensor]) => {
    const [steps, units] = tensor.dims;
    return {name, steps, units, values: tensor.data};
  });
}

// The bytes of a gzip file; a server may have unpacked it already.
export async function unpacked(bytes) {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
