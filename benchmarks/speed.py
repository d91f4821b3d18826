"""Times the layers against keras.layers, and torch.nn where it is installed.

One process, the same weights and data, the contestants in turn, the median of many, and
the ratio theirs / ours of each round. A masked row counts half of its steps or more.

    python benchmarks/speed.py --out benchmarks/results
    python benchmarks/speed.py --rounds 5 --cells lstm --shapes 32,100,64,64
"""

import itertools
import json
import os
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import click
import keras
import numpy as np
import tensorflow as tf

from seqzoo.layers import from_keras

SHAPES = ["32,100,64,64", "32,200,32,32", "64,128,128,256", "128,64,256,512", "1,200,64,128"]
KERAS = {
    "rnn": keras.layers.SimpleRNN,
    "gru": lambda units, **options: keras.layers.GRU(units, reset_after=False, **options),
    "lstm": keras.layers.LSTM,
}
TORCH = {"rnn": "RNN", "lstm": "LSTM"}


def tensorflow_call(layer, x, mask, training, jit):
    """A function that runs one training step (loss and gradients) or one inference."""

    def run():
        if not training:
            return layer(x, mask=mask)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(layer(x, mask=mask, training=True) ** 2)
        return tape.gradient(loss, [w.value for w in layer.trainable_weights])

    compiled = tf.function(run, jit_compile=jit)
    return lambda: [value.numpy() for value in tf.nest.flatten(compiled())]


def torch_call(name, layer, x, training):
    import torch

    torch.set_num_threads(os.cpu_count())
    theirs = getattr(torch.nn, name)(x.shape[-1], layer.cell.units, batch_first=True)
    kernel, recurrent, bias = (torch.tensor(w) for w in layer.get_weights())
    with torch.no_grad():  # Keras orders the LSTM's gates i, f, c, o, as torch does
        for ours, value in ((theirs.weight_ih_l0, kernel.T), (theirs.weight_hh_l0, recurrent.T),
                            (theirs.bias_ih_l0, bias), (theirs.bias_hh_l0, torch.zeros_like(bias))):  # fmt: skip
            ours.copy_(value)
    data = torch.tensor(x.numpy())

    def run():
        if not training:
            with torch.no_grad():
                return theirs(data)[0]
        theirs.zero_grad()
        (theirs(data)[0] ** 2).mean().backward()

    return run


def contestants(cell, shape, masked, training):
    """Named functions that all compute the same."""
    batch, length, features, units = shape
    keras.utils.set_random_seed(0)
    theirs = KERAS[cell](units, return_sequences=True)
    theirs.build((batch, length, features))
    ours = from_keras(theirs)
    x = tf.random.normal((batch, length, features))
    lengths = np.random.default_rng(0).integers(length // 2, length + 1, batch)
    mask = tf.sequence_mask(lengths, length) if masked else None
    np.testing.assert_allclose(ours(x, mask=mask), theirs(x, mask=mask), atol=1e-3)
    calls = {
        f"{name}{' jit' if jit else ''}": tensorflow_call(layer, x, mask, training, jit)
        for name, layer in (("ours", ours), ("keras", theirs))
        for jit in (False, True)
    }
    if cell in TORCH and not masked:
        try:
            calls["torch"] = torch_call(TORCH[cell], theirs, x, training)
        except ImportError:
            pass
    return calls


def measure(calls, rounds):
    """Seconds of each contestant in each round, and of its first call."""
    first, seconds = {}, {name: [] for name in calls}
    for name, call in calls.items():
        begin = time.perf_counter()
        call()
        first[name] = time.perf_counter() - begin
        call()
    for _ in range(rounds):
        for name, call in calls.items():
            begin = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - begin)
    return first, {name: np.array(values) for name, values in seconds.items()}


def row(cell, shape, masked, training, rounds):
    first, seconds = measure(contestants(cell, shape, masked, training), rounds)
    median = {name: float(np.median(values)) for name, values in seconds.items()}
    better = {who: min((n for n in median if n.startswith(who)), key=median.get) for who in ("ours", "keras")}
    ratio = seconds[better["keras"]] / seconds[better["ours"]]
    result = {
        "cell": cell, "shape": shape, "masked": masked, "training": training,
        "milliseconds": {name: round(1e3 * value, 2) for name, value in median.items()},
        "first_call_seconds": {name: round(value, 2) for name, value in first.items()},
        "keras_over_ours": [round(float(q), 2) for q in np.quantile(ratio, [0.5, 0.25, 0.75])],
    }  # fmt: skip
    if "torch" in seconds:
        ratio = seconds["torch"] / seconds[better["ours"]]
        result["torch_over_ours"] = [round(float(q), 2) for q in np.quantile(ratio, [0.5, 0.25, 0.75])]
    return result


def markdown(results):
    lines = [
        "| cell | batch, time, features, units | what | ours | ours jit | keras | keras jit | torch "
        "| keras / ours (quartiles) | torch / ours |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for r in results:
        what = ("training" if r["training"] else "inference") + (", masked" if r["masked"] else "")
        ms = [r["milliseconds"].get(n, "") for n in ("ours", "ours jit", "keras", "keras jit", "torch")]
        ratios = ["{} ({}–{})".format(*r[k]) if k in r else "" for k in ("keras_over_ours", "torch_over_ours")]
        cells = [r["cell"], ", ".join(map(str, r["shape"])), what, *ms, *ratios]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    lines += ["", "Milliseconds, median. Geometric means of keras / ours (the better mode of each):", ""]
    for training, masked in itertools.product((True, False), repeat=2):
        ratios = [r["keras_over_ours"][0] for r in results if (r["training"], r["masked"]) == (training, masked)]
        if ratios:
            what = ("training" if training else "inference") + (", masked" if masked else "")
            lines.append(f"- {what}: {np.exp(np.mean(np.log(ratios))):.2f}, least {min(ratios):.2f}")
    return "\n".join(lines) + "\n"


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="Write NAME.json and NAME.md.")
@click.option("--rounds", default=15, show_default=True)
@click.option("--cells", default="rnn,gru,lstm", show_default=True)
@click.option("--shapes", multiple=True, default=SHAPES, show_default=True)
def main(out, rounds, cells, shapes):
    results = []
    for cell, shape in itertools.product(cells.split(","), shapes):
        for training, masked in itertools.product((True, False), (False, True)):
            results.append(row(cell, [int(n) for n in shape.split(",")], masked, training, rounds))
            click.echo(json.dumps(results[-1]))
    click.echo(markdown(results))
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.with_suffix(".json").write_text(json.dumps(results, indent=1) + "\n")
        out.with_suffix(".md").write_text(markdown(results))


if __name__ == "__main__":
    main()
