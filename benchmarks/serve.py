"""Times one answer: a model exported to ONNX on onnxruntime, against Keras's `predict`, and a PyTorch module.

A many-to-one network, the same weights and data, all in turn in one process. `keras` is a default
`predict`, `keras, one batch` is `predict_on_batch`, without what `predict` does around it. PyTorch's
GRU is another function (its reset gate acts after the product) of the same size.

    python benchmarks/serve.py --out results/serve
    python benchmarks/serve.py --threads 1   # where other programs take the cores, which those of several wait for
"""

import itertools
import os
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import click
import keras
import numpy as np
import onnxruntime
import tensorflow as tf
import torch
from grid import mean_and_least, quartiles, report
from measure import measure

import seqzoo

SHAPES = ["1,20,64,64", "1,100,64,64", "1,200,64,128", "32,20,64,64", "32,100,64,64", "32,200,64,128"]
CLASSES = 10


class TorchNetwork(torch.nn.Module):
    def __init__(self, cell, features, units):
        super().__init__()
        self.recurrent = getattr(torch.nn, cell.upper())(features, units, batch_first=True)
        self.output = torch.nn.Linear(units, CLASSES)

    def forward(self, x):
        return torch.softmax(self.output(self.recurrent(x)[0][:, -1]), dim=-1)

    def take(self, weights):
        """Keras's weights; of the GRU they make another function."""
        kernel, recurrent, bias, *output = (torch.tensor(w) for w in weights)
        for mine, value in (
            (self.recurrent.weight_ih_l0, kernel.T),
            (self.recurrent.weight_hh_l0, recurrent.T),
            (self.recurrent.bias_ih_l0, bias),
            (self.recurrent.bias_hh_l0, torch.zeros_like(bias)),
            (self.output.weight, output[0].T),
            (self.output.bias, output[1]),
        ):
            mine.data = value.contiguous()


def row(cell, shape, threads, seconds, rounds):
    batch, time, features, units = shape
    keras.utils.set_random_seed(0)
    model = seqzoo.many_to_one((None, features), outputs=CLASSES, cell=cell, units=units)
    model.compile()
    x = np.random.default_rng(0).normal(size=(batch, time, features)).astype("float32")
    folder = seqzoo.export(model, tempfile.mkdtemp())
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Threads that wait busily after an answer would take the cores from whoever comes next.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(folder / "model.onnx", options)
    name = session.get_inputs()[0].name
    torch.set_num_threads(threads)
    theirs = TorchNetwork(cell, features, units)
    theirs.take(model.get_weights())
    given = torch.tensor(x)

    def in_torch():
        with torch.inference_mode():
            return theirs(given).numpy()

    calls = {
        "ours": lambda: session.run(None, {name: x})[0],
        "keras": lambda: model.predict(x, batch_size=batch, verbose=0),
        "keras_one_batch": lambda: model.predict_on_batch(x),
        "torch": in_torch,
    }
    expected = calls["ours"]()
    for contestant in ("keras", *(["torch"] if cell == "rnn" else [])):
        np.testing.assert_allclose(calls[contestant](), expected, atol=1e-5)
    _, times = measure(calls, seconds, rounds)
    return {
        "cell": cell,
        "shape": shape,
        "threads": threads,
        "milliseconds": {who: round(1e3 * float(np.median(each)), 2) for who, each in times.items()},
        **{f"{who}_over_ours": quartiles(each / times["ours"]) for who, each in times.items() if who != "ours"},
    }


def markdown(results):
    others = ("keras", "keras_one_batch", "torch")
    named = {"keras": "`predict`", "keras_one_batch": "`predict_on_batch`", "torch": "PyTorch"}
    head = ["cell", "batch, time, features, units", "onnxruntime, ms"]
    head += [f"{named[who]}, ms; over onnxruntime (quartiles)" for who in others]
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for r in results:
        cells = [r["cell"], ", ".join(map(str, r["shape"])), str(r["milliseconds"]["ours"])]
        for who in others:
            cells.append("{}; {:.2f} ({:.2f}–{:.2f})".format(r["milliseconds"][who], *r[f"{who}_over_ours"]))
        lines.append("| " + " | ".join(cells) + " |")
    said = f"Medians, threads of each: {results[0]['threads']}. PyTorch's GRU is another function."
    lines += ["", f"{said} Geometric means of theirs / onnxruntime's:", ""]
    for who, batch in itertools.product(others, sorted({r["shape"][0] for r in results})):
        ratios = [r[f"{who}_over_ours"][0] for r in results if r["shape"][0] == batch]
        lines.append(f"- {named[who]}, batch {batch}: {mean_and_least(ratios)}")
    return "\n".join(lines) + "\n"


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="Write NAME.json and NAME.md.")
@click.option("--seconds", default=2.0, show_default=True, help="Time for each row of the table.")
@click.option("--rounds", default=15, show_default=True, help="How often each is timed, at least.")
@click.option("--threads", default=os.cpu_count(), show_default=True, help="Of each contestant; 1 on a busy machine.")
@click.option("--cells", default="rnn,gru,lstm", show_default=True)
@click.option("--shapes", multiple=True, default=SHAPES, show_default=True)
def main(out, seconds, rounds, threads, cells, shapes):
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    kinds = itertools.product(cells.split(","), ([int(n) for n in shape.split(",")] for shape in shapes))
    report((row(*kind, threads, seconds, rounds) for kind in kinds), markdown, out)


if __name__ == "__main__":
    main()
