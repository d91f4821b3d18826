"""Times the first epochs of real tasks: a task's own model, and the same model on keras.layers.

By the recipe of the task and its dataset, with the default compile and fit; the same batches and
first weights. Every time with new models, in turn, so that making the graphs and compiling them is
part of the whole; the last epoch is told beside it.

    python benchmarks/epoch.py
    python benchmarks/epoch.py sentiment --cell gru --rounds 5
    python benchmarks/epoch.py ner --dataset conll2003 --epochs 2 --rounds 1
    python benchmarks/epoch.py translation --pairs 29000 --epochs 2 --rounds 1
    python benchmarks/epoch.py sentiment --dataset imdb_reviews --epochs 1 --rounds 1 --only ours    # peak memory
    python benchmarks/epoch.py ner --dataset conll2003 --epochs 2 --rounds 1 --ceiling    # and products alone
"""

import contextlib
import os
import resource
import sys
import time
from pathlib import Path
from unittest import mock

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import click
import keras
import numpy as np
from grid import KERAS, mean_and_least, quartiles, report
from products import Products

import seqzoo
from seqzoo.layers import GRUCell, LSTMCell, RNNCell

TASKS = ("sentiment", "ner", "speech", "translation", "dna")
SIDES = ("ours", "keras")
ALL_SIDES = (*SIDES, "products")
NAMES = {RNNCell: "rnn", GRUCell: "gru", LSTMCell: "lstm"}


def keras_rnn(cell, return_sequences=False, **options):
    layer = KERAS[NAMES[type(cell)]](cell.units, return_sequences=return_sequences, **options)
    layer.output_size = cell.units  # which the decoder asks for
    return layer


@contextlib.contextmanager
def layers_of(who):
    """Has the builders take the layers of `"ours"` or of `"keras"`, or the `"products"` alone."""
    if who == "ours":
        yield
        return
    layer = {"keras": keras_rnn, "products": Products}[who]
    with contextlib.ExitStack() as patched:
        for builders in modules_with_layers():
            for name, other in (("RNN", layer), ("Bidirectional", keras.layers.Bidirectional)):
                if hasattr(builders, name):
                    patched.enter_context(mock.patch.object(builders, name, other))
        yield


def modules_with_layers():
    """The modules that make recurrent layers, all of them: one left out would be ours on both sides."""
    rooms = ("seqzoo.architectures.", "seqzoo.tasks.")
    return [module for name, module in sys.modules.items() if name.startswith(rooms) and hasattr(module, "RNN")]


def made_pairs(count):
    """Made-up sentences of four to twenty words, common and rare, and each word's other name in reverse order."""
    random = np.random.default_rng(0)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    names = ["".join(random.choice(letters, random.integers(2, 10))) for _ in range(20000)]
    places = [np.minimum(random.zipf(1.3, random.integers(4, 21)) - 1, 9999) for _ in range(count)]
    return [" ".join(names[i] for i in row) for row in places], [
        " ".join(names[10000 + i] for i in row[::-1]) for row in places
    ]


def data_and_options(task, dataset, pairs, limit):
    """What `fit` takes, and what `create_model` needs besides the cell."""
    batch_size = task.recipe_of(dataset).batch_size
    if not pairs:
        return {"x": task.batches(dataset, "train", batch_size, limit=limit)}, {"dataset": dataset}
    english, french = made_pairs(pairs)
    options = {"pairs": (english, french), "tokenizer": "subwords", "units": 256}
    return {"x": english, "y": french, "batch_size": 64}, options


class Seconds(keras.callbacks.Callback):
    """The seconds of each epoch."""

    def on_train_begin(self, logs=None):
        self.moments = [time.perf_counter()]

    def on_epoch_end(self, epoch, logs=None):
        self.moments.append(time.perf_counter())

    @property
    def of_epochs(self):
        return np.diff(self.moments)


def seconds_of_epochs(name, cell, rounds, dataset="mini", pairs=0, limit=None, epochs=3, sides=SIDES):
    task = seqzoo.get_task(name)
    cell = cell or task.recipe_of(dataset).cell
    keras.utils.set_random_seed(0)
    data, options = data_and_options(task, dataset, pairs, limit)

    def train(who):
        keras.utils.set_random_seed(0)
        with layers_of(who):
            model = task.create_model(cell, **options)
        seconds = Seconds()
        model.fit(**data, epochs=epochs, verbose=0, callbacks=[seconds])
        return model, seconds.of_epochs

    seconds = {who: [] for who in sides}
    for n in range(rounds):
        for who in sides if n % 2 == 0 else sides[::-1]:
            model, of_epochs = train(who)
            seconds[who].append((of_epochs.sum(), of_epochs[-1]))
    row = {
        "task": name,
        "cell": cell,
        "data": f"{pairs} made pairs" if pairs else dataset + (f", {limit} examples" if limit else ""),
        "epochs": epochs,
        "seconds": {who: np.median(each, axis=0).round(2).tolist() for who, each in seconds.items()},
        "seconds of the input pipeline alone": pipeline_seconds(model, data),
    }
    if len(sides) == 1:
        return {**row, "peak MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}
    ratios = {f"keras_over_{who}": np.divide(seconds["keras"], seconds[who]) for who in sides if who != "keras"}
    return {**row, **{name: [quartiles(column) for column in each.T] for name, each in ratios.items()}}


def pipeline_seconds(model, data):
    """What one epoch's batches take to make, where nothing learns from them."""
    batches = model._pipeline.batches(**data, shuffle="y" in data)
    begin = time.perf_counter()
    for _ in batches:
        pass
    return round(time.perf_counter() - begin, 2)


def markdown(rows):
    lines = [
        "| task | cell | data | seconds of all epochs and of the last, ours | keras | products alone "
        "| keras / ours (quartiles): all | the last | keras / products: all | the last "
        "| seconds of the pipeline alone |",
        "|" + "---|" * 11,
    ]
    for row in rows:
        seconds = ["{:.1f}, {:.1f}".format(*row["seconds"][who]) if who in row["seconds"] else "" for who in ALL_SIDES]
        ratios = [told for who in ("ours", "products") for told in _told(row.get(f"keras_over_{who}"))]
        peak = f"; peak {row['peak MiB']} MiB" if "peak MiB" in row else ""
        cells = [row["task"], row["cell"], f"{row['data']}, {row['epochs']} epochs{peak}", *seconds, *ratios]
        lines.append(f"| {' | '.join(cells)} | {row['seconds of the input pipeline alone']} |")
    for who in ("ours", "products"):
        compared = [row[f"keras_over_{who}"][0][0] for row in rows if f"keras_over_{who}" in row]
        if compared:
            lines += ["", f"Geometric mean of keras / {who}, all epochs: {mean_and_least(compared)}."]
    return "\n".join(lines) + "\n"


def _told(ratios):
    return ["{:.2f} ({:.2f}–{:.2f})".format(*each) for each in ratios] if ratios else ["", ""]


@click.command()
@click.argument("tasks", nargs=-1)
@click.option("--cell", help="The recipe's by default.")
@click.option("--rounds", default=4, show_default=True)
@click.option("--epochs", default=3, show_default=True)
@click.option("--dataset", default="mini", show_default=True)
@click.option("--limit", type=int, help="How many examples of the dataset; all by default.")
@click.option("--pairs", default=0, help="Of translation: as many made-up pairs in place of a dataset.")
@click.option("--only", type=click.Choice(ALL_SIDES), help="One side, and the peak of the process's memory.")
@click.option("--ceiling", is_flag=True, help="Beside them the same model with the products of its layers alone.")
@click.option("--out", type=click.Path(path_type=Path), help="Write NAME.json and NAME.md.")
def main(tasks, only, ceiling, out, **options):
    sides = (only,) if only else ALL_SIDES if ceiling else SIDES
    report((seconds_of_epochs(task, sides=sides, **options) for task in tasks or TASKS), markdown, out)


if __name__ == "__main__":
    main()
