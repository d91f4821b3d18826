"""How a task's figure grows with the data: each cell on parts of the training split, all else by the recipe.

An epoch goes through a part as often as makes the steps of the whole split, so that all train equally
long. Words and names are those of the whole split. Which epoch is kept is chosen on the validation
split, and the figure is that of the test split, both whole.

    python benchmarks/learning_curve.py dna ner --cells rnn,gru --out docs/pictures/learning_curves
"""

import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import click
import keras
import matplotlib.pyplot as plt
import numpy as np
from grid import report

import seqzoo
from seqzoo.plots.series import series

PARTS = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1)


def figure_of(task, cell, part, seed, dataset="mini"):
    """The test figure of a model that is trained on a part of the training split, and how many examples that has."""
    size = task.recipe_of(dataset).batch_size
    whole = task.batches(dataset, "train", size, seed)
    examples = sum(len(y) for _, y in whole.as_numpy_iterator())
    limit = round(part * examples)
    train = task.batches(dataset, "train", size, seed, limit) if limit < examples else whole
    train = train.repeat(max(1, round(len(whole) / len(train))))
    keras.utils.set_random_seed(seed)
    model = task.create_model(cell, dataset=dataset)
    task.fit(model, train, task.batches(dataset, "validation", size), callbacks=[keras.callbacks.Callback()])
    return limit, task.score(model, task.batches(dataset, "test", size))[task.metric(dataset)]


def curves(tasks, cells, seeds):
    for name in tasks:
        task = seqzoo.get_task(name)
        for cell in cells:
            for part in PARTS:
                found = [figure_of(task, cell, part, seed) for seed in range(seeds)]
                keras.utils.clear_session()
                figures = sorted(round(float(figure), 4) for _, figure in found)
                yield {
                    "task": name,
                    "metric": task.metric(),
                    "cell": cell,
                    "part": part,
                    "examples": found[0][0],
                    "figures": figures,
                }


def markdown(rows):
    """A line for each task and cell: median, least and most of each part."""
    lines = ["| task, cell | " + " | ".join(f"{part:.3g} of the examples" for part in PARTS) + " |"]
    lines.append("|---" * (1 + len(PARTS)) + "|")
    for task, cell in dict.fromkeys((row["task"], row["cell"]) for row in rows):
        of_cell = [row["figures"] for row in rows if (row["task"], row["cell"]) == (task, cell)]
        cells = [f"{np.median(figures):.3f} ({figures[0]:.3f}–{figures[-1]:.3f})" for figures in of_cell]
        lines.append(f"| {task}, {cell} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def draw(rows, path):
    names = list(dict.fromkeys(row["task"] for row in rows))
    figure, axes = plt.subplots(1, len(names), figsize=(4 * len(names), 3.2), squeeze=False, layout="constrained")
    for axis, name in zip(axes[0], names):
        of_task = [row for row in rows if row["task"] == name]
        for i, cell in enumerate(dict.fromkeys(row["cell"] for row in of_task)):
            points = [(row["examples"], row["figures"]) for row in of_task if row["cell"] == cell]
            examples, figures = zip(*points)
            line = axis.plot(examples, np.median(figures, axis=1), **series(i), label=cell)
            least_and_most = np.min(figures, axis=1), np.max(figures, axis=1)
            axis.fill_between(examples, *least_and_most, color=line[0].get_color(), alpha=0.15, linewidth=0)
        axis.set(title=name, xlabel="training examples", ylabel=of_task[0]["metric"], xscale="log")
        axis.set_xticks(examples, [f"{n:,}" for n in examples], minor=False)
        axis.minorticks_off()
        axis.grid(alpha=0.3)
        axis.legend()
    figure.savefig(path, dpi=120)


@click.command()
@click.argument("tasks", nargs=-1, required=True)
@click.option("--cells", default="rnn,gru,lstm", show_default=True)
@click.option("--seeds", default=3, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="Write NAME.json, NAME.md and NAME.png.")
def main(tasks, cells, seeds, out):
    rows = report(curves(tasks, cells.split(","), seeds), markdown, out)
    if out:
        draw(rows, out.with_suffix(".png"))


if __name__ == "__main__":
    main()
