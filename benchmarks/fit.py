"""Times epochs of a default `compile` and `fit`, and a default `predict`: ours against keras.layers.

Nothing is asked for but compile("adam", "mse"): on a CPU, Keras then does not compile with XLA.
One process, the same weights and data, the two in turn; an epoch is timed after two others, and
the first, which makes the graphs, is said beside it.

    python benchmarks/fit.py --out results/fit
    python benchmarks/fit.py --cells lstm --shapes 32,200,32,32 --rounds 5
"""

import functools
import itertools
import json
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import click
import keras
import numpy as np
from grid import KERAS, SHAPES, mean_and_least, quartiles, save
from measure import measure

from seqzoo.layers import convert_model

STEPS = 5


def twins(cell, shape, dropout):
    """Two models with the same weights, one with Keras's layer and one with ours."""
    batch, length, features, units = shape
    keras.utils.set_random_seed(0)
    layer = KERAS[cell](units, return_sequences=True, recurrent_dropout=dropout)
    theirs = keras.Sequential([keras.Input((length, features)), layer, keras.layers.Dense(1)])
    ours = convert_model(theirs)
    for model in (theirs, ours):
        model.compile("adam", "mse")
    return ours, theirs


def row(cell, shape, dropout, seconds, rounds):
    batch, length, features, _ = shape
    rng = np.random.default_rng(0)
    x = rng.normal(size=(STEPS * batch, length, features)).astype("float32")
    y = rng.normal(size=(STEPS * batch, length, 1)).astype("float32")
    ours, theirs = twins(cell, shape, dropout)
    result = {"cell": cell, "shape": shape, "recurrent_dropout": dropout}
    for what, call in (
        ("fit", lambda model: model.fit(x, y, batch_size=batch, epochs=1, shuffle=False, verbose=0)),
        ("predict", lambda model: model.predict(x, batch_size=batch, verbose=0)),
    ):
        calls = {"ours": functools.partial(call, ours), "keras": functools.partial(call, theirs)}
        first, each = measure(calls, seconds, rounds)
        result[what] = {
            "milliseconds": {name: round(1e3 * float(np.median(values)), 1) for name, values in each.items()},
            "first_seconds": {name: round(value, 2) for name, value in first.items()},
            "keras_over_ours": quartiles(each["keras"] / each["ours"]),
        }
    return result


def markdown(results):
    head = ["cell", "batch, time, features, units"]
    for what in ("fit", "predict"):
        head += [f"{what}, ms, ours / keras", "first, s, ours / keras", "keras / ours (quartiles)"]
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for r in results:
        cells = [r["cell"], ", ".join(map(str, r["shape"]))]
        for what in ("fit", "predict"):
            times = (r[what]["milliseconds"], r[what]["first_seconds"])
            cells += [f"{seconds['ours']} / {seconds['keras']}" for seconds in times]
            cells.append("{:.2f} ({:.2f}–{:.2f})".format(*r[what]["keras_over_ours"]))
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", f"Milliseconds of {STEPS} batches, median. Geometric means of keras / ours:", ""]
    for what in ("fit", "predict"):
        lines.append(f"- {what}: {mean_and_least([r[what]['keras_over_ours'][0] for r in results])}")
    return "\n".join(lines) + "\n"


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="Write NAME.json and NAME.md.")
@click.option("--seconds", default=5.0, show_default=True, help="Time for each row of the table.")
@click.option("--rounds", default=15, show_default=True, help="How often each is timed, at least.")
@click.option("--cells", default="rnn,gru,lstm", show_default=True)
@click.option("--shapes", multiple=True, default=SHAPES, show_default=True)
@click.option("--recurrent-dropout", default=0.0, show_default=True)
def main(out, seconds, rounds, cells, shapes, recurrent_dropout):
    results = []
    for cell, shape in itertools.product(cells.split(","), shapes):
        results.append(row(cell, [int(n) for n in shape.split(",")], recurrent_dropout, seconds, rounds))
        click.echo(json.dumps(results[-1]))
    click.echo(markdown(results))
    if out:
        save(out, results, markdown(results))


if __name__ == "__main__":
    main()
