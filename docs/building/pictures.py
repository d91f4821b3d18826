"""The pictures of the benchmarks, drawn from what the benchmarks wrote."""

import json
from pathlib import Path

from building.pages import ROOT

CELLS = ("rnn", "gru", "lstm")
RESULTS = ROOT / "benchmarks" / "results"


def draw_benchmarks(folder: Path) -> None:
    """Draws each picture of `docs/benchmarks.md` into a folder, as SVG."""
    import matplotlib

    matplotlib.use("Agg")
    folder.mkdir(parents=True, exist_ok=True)
    fit, serve = (json.loads((RESULTS / f"{name}.json").read_text("utf-8")) for name in ("fit5", "serve"))
    draw(folder / "fit.svg", "keras.layers / ours, a default fit", _ratios(fit, ("fit", "keras_over_ours")))
    draw(folder / "predict.svg", "keras.layers / ours, predict", _ratios(fit, ("predict", "keras_over_ours")))
    draw(
        folder / "serve.svg",
        "predict_on_batch / onnxruntime, one answer",
        _ratios([row for row in serve if row["shape"][0] == 1], ("keras_one_batch_over_ours",)),
    )


def draw(file: Path, title: str, ratios: dict) -> None:
    """Draws ratios with their quartiles, a mark for each cell at each shape; 1 is level.

    Args:
        file: of the picture.
        title: what the ratio is of.
        ratios: (median, lower and upper quartile) by (cell, shape).
    """
    import matplotlib.pyplot as plt

    from seqzoo.plots.series import series

    shapes = list(dict.fromkeys(shape for _, shape in ratios))
    figure, axis = plt.subplots(figsize=(8, 3.4), layout="constrained")
    for place, cell in enumerate(CELLS):
        at = [(shapes.index(shape) + 0.22 * (place - 1), *ratio) for (of, shape), ratio in ratios.items() if of == cell]
        x, median, lower, upper = zip(*at)
        error = [[m - low for m, low in zip(median, lower)], [up - m for m, up in zip(median, upper)]]
        axis.errorbar(x, median, error, **{**series(place), "linestyle": ""}, capsize=3, label=cell.upper())
    axis.axhline(1, color="grey", linewidth=1)
    axis.set_xticks(range(len(shapes)), [", ".join(map(str, shape)) for shape in shapes])
    axis.set(yscale="log", xlabel="batch, time, features, units", ylabel="ratio", title=title)
    ticks = [tick for tick in (0.5, 1, 2, 4, 8, 16, 32) if tick < 2.2 * max(r[2] for r in ratios.values())]
    axis.set_yticks(ticks, map(str, ticks), minor=False)
    axis.minorticks_off()
    axis.grid(axis="y", alpha=0.3)
    axis.legend(frameon=False, ncols=3)
    figure.savefig(file)
    plt.close(figure)


def _ratios(rows, where):
    ratios = {}
    for row in rows:
        value = row
        for key in where:
            value = value[key]
        ratios[row["cell"], tuple(row["shape"])] = value
    return ratios
