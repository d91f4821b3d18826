"""What the tables of layers share: cells, sizes, and how a row is said and kept."""

import json

import click
import keras
import numpy as np

SHAPES = ["32,100,64,64", "32,200,32,32", "64,128,128,256", "128,64,256,512", "1,200,64,128"]
KERAS = {
    "rnn": keras.layers.SimpleRNN,
    "gru": lambda units, **options: keras.layers.GRU(units, reset_after=False, **options),
    "lstm": keras.layers.LSTM,
}


def quartiles(ratio):
    """The median and the quartiles of a ratio, as a row of a table keeps them."""
    return [round(float(q), 2) for q in np.quantile(ratio, [0.5, 0.25, 0.75])]


def what(row):
    return ("training" if row["training"] else "inference") + (", masked" if row["masked"] else "")


def mean_and_least(ratios):
    return f"{np.exp(np.mean(np.log(ratios))):.2f}, least {min(ratios):.2f}"


def report(rows, markdown, out=None):
    """Says each row as it is measured, then the table of all of them.

    Args:
        rows: dicts, made one by one.
        markdown: makes the table of a list of them.
        out: where told, NAME.json and NAME.md are written.

    Returns:
        The rows.
    """
    done = []
    for row in rows:
        done.append(row)
        click.echo(json.dumps(row))
    table = markdown(done)
    click.echo(table)
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.with_suffix(".json").write_text(json.dumps(done, indent=1) + "\n")
        out.with_suffix(".md").write_text(table)
    return done
