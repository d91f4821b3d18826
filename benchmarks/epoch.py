"""Times the first three epochs of real tasks: a task's own model, and the same model on keras.layers.

By the task's recipe, with the default compile and fit; the same batches and first weights. Every
time with new models, in turn, so that making the graphs and compiling them is part of it.

    python benchmarks/epoch.py
    python benchmarks/epoch.py sentiment --cell gru --rounds 5
"""

import contextlib
import importlib
import os
import time
from pathlib import Path
from unittest import mock

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import click
import keras
import numpy as np
from grid import KERAS, mean_and_least, quartiles, report

import seqzoo
from seqzoo.layers import GRUCell, LSTMCell, RNNCell

TASKS = ("sentiment", "ner", "speech", "translation", "dna")
NAMES = {RNNCell: "rnn", GRUCell: "gru", LSTMCell: "lstm"}
EPOCHS = 3


def keras_rnn(cell, return_sequences=False, **options):
    layer = KERAS[NAMES[type(cell)]](cell.units, return_sequences=return_sequences, **options)
    layer.output_size = cell.units  # which the decoder asks for
    return layer


@contextlib.contextmanager
def layers_of(who):
    """Has the builders take the layers of `"ours"` or of `"keras"`."""
    if who == "ours":
        yield
    else:
        # Modules that have the name of a function in them.
        with contextlib.ExitStack() as patched:
            for name in ("recurrent", "encoder_decoder", "decoder"):
                module = importlib.import_module(f"seqzoo.architectures.{name}")
                patched.enter_context(mock.patch.object(module, "RNN", keras_rnn))
                if name == "recurrent":
                    patched.enter_context(mock.patch.object(module, "Bidirectional", keras.layers.Bidirectional))
            yield


def seconds_of_epochs(name, cell, rounds):
    task = seqzoo.get_task(name)
    cell = cell or task.recipe.cell
    keras.utils.set_random_seed(0)
    batches = task.batches("mini", "train", task.recipe.batch_size)

    def train(who):
        keras.utils.set_random_seed(0)
        with layers_of(who):
            model = task.create_model(cell)
        begin = time.perf_counter()
        model.fit(batches, epochs=EPOCHS, verbose=0)
        return time.perf_counter() - begin

    seconds = {"ours": [], "keras": []}
    for n in range(rounds):
        for who in sorted(seconds, reverse=n % 2 == 1):
            seconds[who].append(train(who))
    ratios = np.divide(seconds["keras"], seconds["ours"])
    return {
        "task": name,
        "cell": cell,
        "seconds": {who: round(float(np.median(each)), 2) for who, each in seconds.items()},
        "keras_over_ours": quartiles(ratios),
    }


def markdown(rows):
    lines = ["| task | cell | seconds of three epochs, ours / keras | keras / ours (quartiles) |", "|---|---|---|---|"]
    for row in rows:
        ratio = "{:.2f} ({:.2f}–{:.2f})".format(*row["keras_over_ours"])
        lines.append("| {task} | {cell} | {seconds[ours]} / {seconds[keras]} | ".format(**row) + f"{ratio} |")
    lines += ["", f"Geometric mean of keras / ours: {mean_and_least([row['keras_over_ours'][0] for row in rows])}."]
    return "\n".join(lines) + "\n"


@click.command()
@click.argument("tasks", nargs=-1)
@click.option("--cell", help="The recipe's by default.")
@click.option("--rounds", default=4, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="Write NAME.json and NAME.md.")
def main(tasks, cell, rounds, out):
    report((seconds_of_epochs(task, cell, rounds) for task in tasks or TASKS), markdown, out)


if __name__ == "__main__":
    main()
