"""Times epochs of a default `compile` and `fit`, and a default `predict`: ours against keras.layers.

Nothing is asked for but compile("adam", "mse"): on a CPU, Keras then does not compile with XLA.
One process, the same weights and data, the two in turn; an epoch is timed after two others, and
the first, which makes the graphs, is said beside it. The time is that of the batches: at the end
of an epoch tf.data may wait for its tuning thread, which wakes 10, 30, 70, 150 … ms after the
epoch's begin, so that the time of the whole call, said at the end, goes in steps of two.

    python benchmarks/fit.py --out results/fit
    python benchmarks/fit.py --cells lstm --shapes 32,200,32,32 --rounds 5
    python benchmarks/fit.py --recompute --steps 2 --shapes 16,10000,32,64 --seconds 0 --rounds 7
"""

import functools
import itertools
import os
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import click
import keras
import numpy as np
from grid import KERAS, SHAPES, mean_and_least, quartiles, report
from measure import measure

from seqzoo.layers import convert_model


def contestants(cell, shape, dropout, recompute):
    """Models with the same weights, one with Keras's layer and one or two with ours."""
    batch, length, features, units = shape
    keras.utils.set_random_seed(0)
    layer = KERAS[cell](units, return_sequences=True, recurrent_dropout=dropout)
    theirs = keras.Sequential([keras.Input((length, features)), layer, keras.layers.Dense(1)])
    models = {"ours": convert_model(theirs), "keras": theirs}
    if recompute:
        models["recompute"] = convert_model(theirs)
        models["recompute"].layers[0].recompute = True
    for model in models.values():
        model.compile("adam", "mse")
    return models


class Clock(keras.callbacks.Callback):
    """Seconds of each epoch's batches, from the epoch's begin to the end of its last batch."""

    def __init__(self):
        super().__init__()
        self.seconds = []

    def on_epoch_begin(self, *_, **__):
        self.begin = time.perf_counter()
        self.seconds.append(0.0)

    def on_train_batch_end(self, *_, **__):
        self.seconds[-1] = time.perf_counter() - self.begin

    on_predict_begin, on_predict_batch_end = on_epoch_begin, on_train_batch_end


def row(cell, shape, dropout, recompute, steps, seconds, rounds):
    batch, length, features, _ = shape
    rng = np.random.default_rng(0)
    x = rng.normal(size=(steps * batch, length, features)).astype("float32")
    y = rng.normal(size=(steps * batch, length, 1)).astype("float32")
    models = contestants(cell, shape, dropout, recompute)
    result = {"cell": cell, "shape": shape, "recurrent_dropout": dropout, "steps": steps}
    for what, call in (
        ("fit", lambda model, clock: model.fit(x, y, batch, shuffle=False, verbose=0, callbacks=[clock])),
        ("predict", lambda model, clock: model.predict(x, batch, verbose=0, callbacks=[clock])),
    ):
        clocks = {name: Clock() for name in models}
        calls = {name: functools.partial(call, model, clocks[name]) for name, model in models.items()}
        first, whole = measure(calls, seconds, rounds)
        each = {name: np.array(clock.seconds[2:]) for name, clock in clocks.items()}
        result[what] = {
            "milliseconds": {name: round(1e3 * float(np.median(values)), 1) for name, values in each.items()},
            "first_seconds": {name: round(value, 2) for name, value in first.items()},
            **{f"{name}_over_ours": quartiles(each[name] / each["ours"]) for name in models if name != "ours"},
            "whole_call": quartiles(whole["keras"] / whole["ours"]),
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
    lines += ["", f"Milliseconds of {results[0]['steps']} batches, median. Geometric means of keras / ours:", ""]
    for what in ("fit", "predict"):
        of_batches, of_calls = ([r[what][key][0] for r in results] for key in ("keras_over_ours", "whole_call"))
        lines.append(
            f"- {what}: {mean_and_least(of_batches)}; with what Keras and tf.data do around: {mean_and_least(of_calls)}"
        )
    if "recompute_over_ours" in results[0]["fit"]:
        ratios = ["{:.2f} ({:.2f}–{:.2f})".format(*r["fit"]["recompute_over_ours"]) for r in results]
        lines.append("- fit, recompute=True / ours, row by row: " + ", ".join(ratios))
    return "\n".join(lines) + "\n"


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="Write NAME.json and NAME.md.")
@click.option("--seconds", default=5.0, show_default=True, help="Time for each row of the table.")
@click.option("--rounds", default=15, show_default=True, help="How often each is timed, at least.")
@click.option("--cells", default="rnn,gru,lstm", show_default=True)
@click.option("--shapes", multiple=True, default=SHAPES, show_default=True)
@click.option("--recurrent-dropout", default=0.0, show_default=True)
@click.option("--recompute", is_flag=True, help="Times ours with recompute=True too.")
@click.option("--steps", default=10, show_default=True, help="Batches of an epoch.")
def main(out, seconds, rounds, cells, shapes, recurrent_dropout, recompute, steps):
    kinds = itertools.product(cells.split(","), ([int(n) for n in shape.split(",")] for shape in shapes))
    report((row(*kind, recurrent_dropout, recompute, steps, seconds, rounds) for kind in kinds), markdown, out)


if __name__ == "__main__":
    main()
