"""Runs beside each other: what a folder of runs holds, as tables and pictures."""

import math
import statistics

import matplotlib.pyplot as plt

from seqzoo.extras import import_extra
from seqzoo.registry import get_task, list_tasks
from seqzoo.runs.record import cell_rank, read_record, read_run, run_files

COLUMNS = 4  # panels in a row of a picture
NOT_COMPARED = {
    *("cell", "seed", "data_dir", "manual_dir", "notebook", "status"),
    *("metric", "figure", "seconds", "started", "folder", "error"),
}


def read_runs(folder):
    """All runs below a folder.

    Args:
        folder: path that `seqzoo run --out` or `seqzoo sweep --out` wrote to.

    Returns:
        `pandas.DataFrame`, a row for each run, the earliest first: `notebook`, see `read_run`,
        and `metric` and `figure`: what the task is measured by, and how much it is.

    Raises:
        ValueError: there is no such folder, or no run in it.

    Example:

    >>> read_runs("no/such/folder")
    Traceback (most recent call last):
    ValueError: Expected a folder of runs, as 'seqzoo run --out' makes it. Received: 'no/such/folder' ...
    """
    rows, parameters = [], {}
    for file in run_files(folder):
        run = read_record(file)
        if run["notebook"] == "compare":
            continue
        parameters |= dict.fromkeys(run["parameters"])
        row = {"notebook": run["notebook"], "started": run["started"], **read_run(file)}
        row["metric"] = _metric(row)
        row["figure"] = row.get(row["metric"])
        rows.append(row)
    if not rows:
        raise ValueError(
            "Expected a folder of runs, as 'seqzoo run --out' makes it. "
            f"Received: {str(folder)!r} with none in it. Run a notebook first, or give another folder."
        )
    runs = import_extra("pandas").DataFrame(rows).sort_values("started", ignore_index=True)
    runs.attrs["parameters"] = list(parameters)
    return runs


def changed(runs):
    """The parameters in which finished runs of the same task differ, other than cell and seed.

    Args:
        runs: what `read_runs` returns.

    Returns:
        List of columns.

    Example:

    >>> import pandas as pd
    >>> runs = pd.DataFrame({"notebook": ["ner"] * 2, "status": ["ok"] * 2, "cell": ["gru", "rnn"], "units": [8, 16]})
    >>> changed(runs)
    ['units']
    """
    ok = runs[runs["status"] == "ok"]
    differs = lambda p: any(group[p].astype(str).nunique() > 1 for _, group in ok.groupby("notebook"))
    return [p for p in runs.attrs.get("parameters", runs.columns) if p not in NOT_COMPARED and differs(p)]


def summary(runs):
    """The median, least and most of the figure over the seeds.

    Args:
        runs: what `read_runs` returns.

    Returns:
        `pandas.DataFrame`, a row for each task, its changed parameters and its cell: `metric`,
        `median`, `least`, `most`, `seeds` and the median `seconds`.

    Example:

    >>> import pandas as pd
    >>> runs = pd.DataFrame({"notebook": ["ner"] * 2, "status": ["ok"] * 2, "cell": ["gru"] * 2, "figure": [0.8, 0.9]})
    >>> runs = runs.assign(metric="span_f1", seed=[0, 1], seconds=[3.0, 5.0], folder="")
    >>> summary(runs)[["median", "seconds"]].values.round(2).tolist()
    [[0.85, 4.0]]
    """
    ok = runs[(runs["status"] == "ok") & runs["figure"].notna()]
    keys = [key for key in ("notebook", *changed(runs), "cell", "metric") if key in ok.columns]
    return (
        ok.groupby(keys, dropna=False, sort=False)
        .agg(
            median=("figure", "median"),
            least=("figure", "min"),
            most=("figure", "max"),
            seeds=("seed", "nunique"),
            seconds=("seconds", "median"),
        )
        .reset_index()
    )


def plot_cells(runs):
    """Draws the figure of each cell: a panel for each task, a dot for each run, a bar at the median.

    Args:
        runs: what `read_runs` returns.

    Returns:
        `matplotlib.figure.Figure`.

    Example:

    >>> import pandas as pd
    >>> runs = pd.DataFrame({"notebook": ["ner"] * 2, "status": ["ok"] * 2, "cell": ["gru", "rnn"], "figure": [0.8, 0.9]})
    >>> len(plot_cells(runs.assign(metric="span_f1")).axes)
    1
    """
    return _panels(runs, "cell")


def plot_parameter(runs, parameter):
    """Draws the figure against one parameter: a panel for each task in which it differs.

    Args:
        runs: what `read_runs` returns.
        parameter: a column, see `changed`.

    Returns:
        `matplotlib.figure.Figure`.

    Example:

    >>> import pandas as pd
    >>> runs = pd.DataFrame({"notebook": ["ner"] * 2, "status": ["ok"] * 2, "cell": ["gru"] * 2, "figure": [0.8, 0.9]})
    >>> plot_parameter(runs.assign(metric="span_f1", units=[16, 32]), "units").axes[0].get_xlabel()
    'units'
    """
    differs = runs.groupby("notebook")[parameter].transform("nunique") > 1
    return _panels(runs[differs], parameter)


def plot_seconds(runs):
    """Draws the figure against the seconds of each run: a panel for each task, a color for each cell.

    Args:
        runs: what `read_runs` returns.

    Returns:
        `matplotlib.figure.Figure`.

    Example:

    >>> import pandas as pd
    >>> runs = pd.DataFrame({"notebook": ["ner"] * 2, "status": ["ok"] * 2, "cell": ["gru"] * 2, "figure": [0.8, 0.9]})
    >>> plot_seconds(runs.assign(metric="span_f1", seconds=[9, 7])).axes[0].get_xlabel()
    'seconds'
    """
    return _panels(runs, "seconds")


def _panels(runs, across):
    ok = runs[(runs["status"] == "ok") & runs["figure"].notna()].dropna(subset=[across])
    tasks = list(ok["notebook"].unique())
    columns = min(max(len(tasks), 1), COLUMNS)
    rows = max(math.ceil(len(tasks) / columns), 1)
    figure, axes = plt.subplots(rows, columns, figsize=(3.4 * columns, 3.2 * rows), squeeze=False, layout="constrained")
    for axis in axes.flat[max(len(tasks), 1) :]:
        axis.remove()
    cells = sorted(ok["cell"].unique(), key=cell_rank)
    for axis, task in zip(axes.flat, tasks):
        some = ok[ok["notebook"] == task]
        _dots(axis, some, cells) if across == "seconds" else _columns(axis, some, across, cells)
        axis.set(title=task, xlabel=across, ylabel=some["metric"].iloc[0])
        axis.grid(alpha=0.3)
        if across != "cell":
            axis.legend()
    plt.close(figure)
    return figure


def _dots(axis, runs, cells):
    for cell, some in runs.groupby("cell"):
        axis.plot(some["seconds"], some["figure"], "o", color=_color(cell, cells), label=cell, alpha=0.7)


def _columns(axis, runs, across, cells):
    """A column for each value, with the cells side by side, so that none hides another."""
    values = cells if across == "cell" else sorted(runs[across].unique(), key=lambda v: (str(type(v)), v))
    for (cell, value), some in runs.groupby(["cell", across] if across != "cell" else ["cell", "notebook"]):
        column = values.index(cell if across == "cell" else value)
        beside = cells.index(cell) - (len(cells) - 1) / 2
        column += 0 if across == "cell" else 0.6 / len(cells) * beside
        known = axis.get_legend_handles_labels()[1]
        label = cell if cell not in known else None
        color = _color(cell, cells)
        axis.plot([column] * len(some), some["figure"], "o", color=color, label=label, alpha=0.7)
        median = statistics.median(some["figure"])
        axis.plot([column - 0.08, column + 0.08], [median, median], color=color, linewidth=2)
    axis.set_xticks(range(len(values)), map(str, values))
    axis.set_xlim(-0.5, len(values) - 0.5)


def _color(cell, cells):
    return f"C{cells.index(cell)}"


def _metric(row):
    """What a task is measured by: the metric of its references."""
    task = row.get("task", row["notebook"])
    return get_task(task).metric(row.get("dataset")) if task in list_tasks() else None
