"""What the tables of layers share: cells, sizes, and how a row is said and kept."""

import json

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


def save(out, rows, markdown):
    """Writes NAME.json and NAME.md."""
    out.parent.mkdir(parents=True, exist_ok=True)
    out.with_suffix(".json").write_text(json.dumps(rows, indent=1) + "\n")
    out.with_suffix(".md").write_text(markdown)
