"""Draws what `speed.py` measured: speed achieved against the matrix products alone.

python benchmarks/roofline.py results/speed.json results/roofline.png
"""

import json
from pathlib import Path

import click
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

COLOURS = {"rnn": "tab:green", "gru": "tab:orange", "lstm": "tab:blue"}


@click.command()
@click.argument("results", type=click.Path(path_type=Path, exists=True))
@click.argument("picture", type=click.Path(path_type=Path))
def main(results, picture):
    rows = [r for r in json.loads(results.read_text()) if not r["masked"]]
    figure, axes = plt.subplots(1, 2, figsize=(11, 5), layout="constrained", sharex=True, sharey=True)
    for axis, training in zip(axes, (True, False)):
        for r in (r for r in rows if r["training"] == training):
            speed = {who: 1e3 * r["gflop"] / r["milliseconds"][name] for who, name in r["better"].items()}
            colour = COLOURS[r["cell"]]
            axis.plot(speed["products"], speed["ours"], "o", color=colour)
            axis.plot(speed["products"], speed["keras"], "x", color=colour)
        products = [1e3 * r["gflop"] / r["milliseconds"][r["better"]["products"]] for r in rows]
        ends = np.array([min(products) / 2, max(products) * 2])
        for share, style in ((1, "-"), (0.7, "--")):
            axis.plot(ends, share * ends, style, color="grey", linewidth=1)
            axis.annotate(f"{share:.0%}", (ends[1], share * ends[1]), color="grey", va="center")
        axis.set(xscale="log", yscale="log", title="training" if training else "inference")
        axis.set(xlabel="GFLOP/s of the matrix products alone", ylabel="GFLOP/s achieved")
        axis.grid(alpha=0.3)
    handles = [
        plt.Line2D([], [], color=colour, marker="s", linestyle="", label=cell) for cell, colour in COLOURS.items()
    ]
    handles += [
        plt.Line2D([], [], color="black", marker=m, linestyle="", label=n)
        for m, n in (("o", "ours"), ("x", "keras.layers"))
    ]
    axes[0].legend(handles=handles)
    picture.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(picture, dpi=120)


if __name__ == "__main__":
    main()
