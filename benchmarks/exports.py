"""How far each exported format is from Keras, and of how many nodes it is: writes the table of docs/export.md.

Every architecture with every cell at its default size, with random weights, and every preset with its own;
two batch sizes (LiteRT's is 1), three lengths, with padding at the ends of rows.

    python benchmarks/exports.py --page docs/export.md
"""

import collections
import itertools
import os
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import click
import keras
import numpy as np
import onnx
import onnxruntime
import tensorflow as tf

import seqzoo
from seqzoo.exporting.on_litert import on_litert
from seqzoo.runs.results_table import put_between

BEGIN, END = "<!-- matrix -->", "<!-- /matrix -->"
RECURRENT = ("RNN", "GRU", "LSTM")
LENGTHS = (1, 7, 20)


def architectures():
    """Names, networks, and their inputs for a batch and a length."""
    rng = np.random.default_rng(0)

    def ids(batch, time):
        lengths = np.maximum(1, time - 3 * np.arange(1, batch + 1))
        return np.where(np.arange(time) < lengths[:, None], rng.integers(1, 20, (batch, time)), 0).astype("int32")

    def vectors():
        return keras.layers.Embedding(20, 16, mask_zero=True)(keras.Input((None,), dtype="int32"))

    x = lambda batch, time: rng.normal(size=(batch, 8)).astype("float32")

    def drawn(network):
        for weight in network.trainable_weights:
            weight.assign(rng.normal(0, 0.1, weight.shape))
        return network

    for cell in ("rnn", "gru", "lstm"):
        yield "one_to_one", cell, drawn(seqzoo.one_to_one((8,), 5, cell=cell)), lambda *size: [x(*size)]
        network = seqzoo.one_to_many((8,), 20, cell=cell)
        yield "one_to_many", cell, drawn(network), lambda *size: [x(*size), ids(*size)]
        for build in (seqzoo.many_to_one, seqzoo.many_to_many):
            network = build(vectors(), outputs=5, cell=cell, bidirectional=True)
            yield f"{build.__name__}, both directions", cell, drawn(network), lambda *size: [ids(*size)]
        network = seqzoo.encoder_decoder(vectors(), outputs=20, cell=cell)
        yield "encoder_decoder", cell, drawn(network), lambda *size: [ids(*size), ids(*size)]


def presets():
    rng = np.random.default_rng(0)
    for name in seqzoo.list_presets():
        network = seqzoo.from_preset(name).network

        def inputs(batch, time, network=network):
            made = []
            for tensor in network.inputs:
                size = [batch, *(time if each is None else each for each in tensor.shape[1:])]
                drawn = rng.integers(1, 3, size) if tensor.dtype == "int32" else rng.uniform(0, 1, size)
                padding = {"film": -1, "frames": -1e4}.get(tensor.name, 0)
                if len(size) > 1 and tensor.shape[1] is None:
                    drawn[-1, max(1, time - 3) :] = padding
                made.append(drawn.astype(tensor.dtype))
            return made

        yield f"preset {name}", name.split("_")[-1], network, inputs


def row(name, cell, network, inputs):
    folder = Path(tempfile.mkdtemp())
    for format in ("onnx", "litert", "savedmodel"):
        seqzoo.export(network, folder / format, format)
    session = onnxruntime.InferenceSession(folder / "onnx" / "model.onnx")
    served = tf.saved_model.load(folder / "savedmodel")
    names = [given.name for given in session.get_inputs()]
    phone = on_litert((folder / "litert" / "model.tflite").read_bytes(), names)

    far = collections.defaultdict(float)
    for batch in (1, 4):
        for time in LENGTHS:
            asked = inputs(batch, time)
            expected = np.asarray(network(asked if len(asked) > 1 else asked[0], training=False))
            answers = {
                "onnx": session.run(None, dict(zip(names, asked)))[0],
                "savedmodel": served.model(*asked)["output"].numpy(),
                **({"litert": phone(*asked)[0]} if batch == 1 else {}),
            }
            for format, answer in answers.items():
                far[format] = max(far[format], float(abs(answer - expected).max()))
    kinds = collections.Counter(node.op_type for node in onnx.load(folder / "onnx" / "model.onnx").graph.node)
    nodes = ", ".join(f"{kinds[kind]} {kind}" for kind in RECURRENT if kinds[kind])
    differences = [f"{far[format]:.0e}" for format in ("onnx", "litert", "savedmodel")]
    return [name, cell, *differences, nodes, str(kinds.total())]


def markdown(rows):
    head = ["network", "cell", "ONNX", "LiteRT", "SavedModel", "recurrent nodes in ONNX", "all nodes"]
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    return "\n".join([*lines, *("| " + " | ".join(cells) + " |" for cells in rows)])


@click.command()
@click.option("--page", type=click.Path(path_type=Path, exists=True), help="The page that gets the table.")
def main(page):
    rows = []
    for kind in itertools.chain(architectures(), presets()):
        rows.append(row(*kind))
        click.echo(rows[-1])
    table = markdown(rows)
    click.echo(table)
    if page:
        put_between(page, table, BEGIN, END)


if __name__ == "__main__":
    main()
