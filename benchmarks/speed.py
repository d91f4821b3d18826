"""Times the layers against keras.layers, and torch.nn and jax.lax.scan where installed.

One process, the same weights and data, the contestants in turn, the median of many rounds,
and the ratio theirs / ours of each round. Each round has an order of its own: what one
contestant leaves behind, warm caches or spinning threads, would otherwise always meet the
same next one. The rows of a masked batch count half of their steps or more. `products` are
the layer's matrix products alone: what this machine allows.

    python benchmarks/speed.py --out results/speed
    python benchmarks/speed.py --seconds 2 --cells lstm --shapes 32,100,64,64
"""

import importlib.util
import itertools
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import click
import keras
import numpy as np
import tensorflow as tf
from contestants import TORCH, jax_call, products_call, tensorflow_call, torch_call
from grid import KERAS, SHAPES, mean_and_least, quartiles, report, what
from measure import measure

from seqzoo.layers import from_keras

GATES = {"rnn": 1, "gru": 3, "lstm": 4}
OTHERS = ("keras", "torch", "jax", "products")


def twins(cell, shape):
    """Keras's layer and ours with the same weights, and data."""
    batch, length, features, units = shape
    keras.utils.set_random_seed(0)
    theirs = KERAS[cell](units, return_sequences=True)
    theirs.build((batch, length, features))
    return theirs, from_keras(theirs), tf.random.normal((batch, length, features))


def contestants(cell, shape, masked, training):
    """Named functions that all compute the same."""
    theirs, ours, x = twins(cell, shape)
    batch, length = shape[:2]
    lengths = np.random.default_rng(0).integers(length // 2, length + 1, batch)
    mask = tf.sequence_mask(lengths, length) if masked else None
    np.testing.assert_allclose(ours(x, mask=mask), theirs(x, mask=mask), atol=1e-3)
    calls = {
        f"{name}{' jit' if jit else ''}": tensorflow_call(layer, x, mask, training, jit)
        for name, layer in (("ours", ours), ("keras", theirs))
        for jit in (False, True)
    }
    if not masked:
        weights = theirs.get_weights()
        calls |= {f"products{' jit' if jit else ''}": products_call(ours, x, training, jit) for jit in (False, True)}
        if cell in TORCH and importlib.util.find_spec("torch"):
            calls["torch"] = torch_call(cell, weights, x, training)
        if importlib.util.find_spec("jax"):
            calls["jax"] = jax_call(cell, weights, x, training)
    return calls


def row(cell, shape, masked, training, limit):
    first, seconds = measure(contestants(cell, shape, masked, training), limit)
    median = {name: float(np.median(values)) for name, values in seconds.items()}
    better = {}
    for who in ("ours", *OTHERS):
        modes = [name for name in median if name.split()[0] == who]
        if modes:
            better[who] = min(modes, key=median.get)
    result = {
        "cell": cell,
        "shape": shape,
        "masked": masked,
        "training": training,
        "rounds": len(seconds["ours"]),
        "gflop": gflop(cell, shape, training),
        "milliseconds": {name: round(1e3 * value, 3) for name, value in median.items()},
        "first_call_seconds": {name: round(value, 2) for name, value in first.items()},
        "better": better,
    }
    for who in OTHERS:
        if who in better:
            ratio = seconds[better[who]] / seconds[better["ours"]]
            result[f"{who}_over_ours"] = quartiles(ratio)
    return result


def gflop(cell, shape, training):
    """Of the matrix products: x W and a W forward; dz Wᵀ, xᵀ dz and aᵀ dz back."""
    batch, length, features, units = shape
    width = GATES[cell] * units
    one = 2e-9 * batch * length * width
    return one * (2 * (features + units) + units if training else features + units)


def markdown(results):
    names = ["ours", "ours jit", "keras", "keras jit", "torch", "jax"]
    head = ["cell", "batch, time, features, units", "what", *names]
    head += ["keras / ours (quartiles)", "torch / ours", "jax / ours", "share of the products' speed"]
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for r in results:
        ms = [r["milliseconds"].get(n, "") for n in names]
        keys = [f"{who}_over_ours" for who in ("keras", "torch", "jax")]
        ratios = ["{:.2f} ({:.2f}–{:.2f})".format(*r[k]) if k in r else "" for k in keys]
        share = f"{r['products_over_ours'][0]:.0%}" if "products_over_ours" in r else ""
        cells = [r["cell"], ", ".join(map(str, r["shape"])), what(r), *ms, *ratios, share]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    lines += ["", "Milliseconds, median. Geometric means of theirs / ours, the better mode of each:", ""]
    for who, (training, masked) in itertools.product(OTHERS[:3], itertools.product((True, False), (False, True))):
        rows = [r for r in results if (r["training"], r["masked"]) == (training, masked)]
        ratios = [r[f"{who}_over_ours"][0] for r in rows if f"{who}_over_ours" in r]
        if ratios:
            lines.append(f"- {who}, {what(rows[0])}: {mean_and_least(ratios)}")
    first = [r["first_call_seconds"] for r in results if r["training"]]
    ours, keras_ = (np.median([f[f"{who} jit"] for f in first]) for who in ("ours", "keras"))
    lines.append(f"- first call of a training step under jit, median seconds: ours {ours:.2f}, keras {keras_:.2f}")
    return "\n".join(lines) + "\n"


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="Write NAME.json and NAME.md.")
@click.option("--seconds", default=5.0, show_default=True, help="Time for each row of the table.")
@click.option("--cells", default="rnn,gru,lstm", show_default=True)
@click.option("--shapes", multiple=True, default=SHAPES, show_default=True)
def main(out, seconds, cells, shapes):
    numbers = ([int(n) for n in shape.split(",")] for shape in shapes)
    kinds = itertools.product(cells.split(","), numbers, (True, False), (False, True))
    rows = (row(cell, shape, masked, training, seconds) for cell, shape, training, masked in kinds)
    report(rows, markdown, out)


if __name__ == "__main__":
    main()
