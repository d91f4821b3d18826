"""Runs beside each other: what a folder of runs holds, as tables and pictures."""

import math
import statistics

import matplotlib.pyplot as plt

from seqzoo.extras import import_extra
from seqzoo.plots.series import series
from seqzoo.plots.text import text_is_text
from seqzoo.registry import get_task, list_tasks
from seqzoo.runs.record import as_run, cell_rank, read_records

COLUMNS = 4  # panels in a row of a picture
ALWAYS_SAID = ("dataset", "epochs", "limit")  # a figure means little without them
LACKING = {"cell": "", "dataset": "", "seed": 0}  # of a notebook that has no such parameter
NOT_COMPARED = {
    *("cell", "seed", "data_dir", "manual_dir", "notebook", "status"),
    *("metric", "figure", "seconds", "started", "folder", "error"),
}


def read_runs(folder):
    """All runs below a folder. One whose files cannot be read is left out, and named in a warning.

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
    for file, run, metrics in read_records(folder):
        if run["notebook"] == "compare":
            continue
        parameters |= dict.fromkeys(run["parameters"])
        row = {**LACKING, "notebook": run["notebook"], "started": run["started"], **as_run(file, run, metrics)}
        row = {name: repr(value) if isinstance(value, (list, dict)) else value for name, value in row.items()}
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


def without_figure(runs):
    """The notebooks whose finished runs have no figure that could be compared, with how many runs they are.

    Args:
        runs: what `read_runs` returns.

    Returns:
        Dictionary from notebook to number of runs.

    Example:

    >>> import pandas as pd
    >>> without_figure(pd.DataFrame({"notebook": ["notes"], "status": ["ok"], "figure": [None]}))
    {'notes': 1}
    """
    none = runs[(runs["status"] == "ok") & runs["figure"].isna()]
    return {notebook: int(count) for notebook, count in none["notebook"].value_counts().items()}


def summary(runs):
    """The median, least and most of the figure over the seeds.

    Runs are taken together only where they differ in nothing but the seed. Datasets, epochs and
    limits are always said, and notebooks without a figure have a row without one.

    Args:
        runs: what `read_runs` returns.

    Returns:
        `pandas.DataFrame`, a row for each task, its settings and its cell: `metric`, `median`,
        `least`, `most`, `seeds` and the median `seconds`.

    Example:

    >>> import pandas as pd
    >>> runs = pd.DataFrame({"notebook": ["ner"] * 2, "status": ["ok"] * 2, "cell": ["gru"] * 2, "figure": [0.8, 0.9]})
    >>> runs = runs.assign(metric="span_f1", seed=[0, 1], seconds=[3.0, 5.0], folder="")
    >>> summary(runs)[["median", "seconds"]].values.round(2).tolist()
    [[0.85, 4.0]]
    """
    ok = runs[runs["status"] == "ok"]
    ok = ok.assign(figure=ok["figure"].astype(float))
    others = [name for name in changed(runs) if name not in ALWAYS_SAID]
    keys = [key for key in ("notebook", *ALWAYS_SAID, *others, "cell", "metric") if key in ok.columns]
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


@text_is_text
def plot_cells(runs):
    """Draws the figure of each cell: a panel for each task and dataset, a dot for each run.

    A bar stands at the median of the runs that differ in nothing but the seed; runs with other
    settings stand beside them, with a look of their own.

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
    return _panels(_compared(runs), "cell", changed(runs))


@text_is_text
def plot_parameter(runs, parameter):
    """Draws the figure against one parameter: a panel for each task and dataset in which it differs.

    Args:
        runs: what `read_runs` returns.
        parameter: a column other than the dataset, see `changed`.

    Returns:
        `matplotlib.figure.Figure`.

    Example:

    >>> import pandas as pd
    >>> runs = pd.DataFrame({"notebook": ["ner"] * 2, "status": ["ok"] * 2, "cell": ["gru"] * 2, "figure": [0.8, 0.9]})
    >>> plot_parameter(runs.assign(metric="span_f1", units=[16, 32]), "units").axes[0].get_xlabel()
    'units'
    """
    ok = _compared(runs).dropna(subset=[parameter])
    differs = ok.groupby(["notebook", "dataset"])[parameter].transform("nunique") > 1
    others = ["cell", *(name for name in changed(runs) if name != parameter)]
    return _panels(ok[differs], parameter, others)


@text_is_text
def plot_seconds(runs):
    """Draws the figure against the seconds of each run: a panel for each task and dataset.

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
    return _panels(_compared(runs), "seconds", ["cell", *changed(runs)])


def _compared(runs):
    """The finished runs that have a figure; each with a dataset, if only an empty one."""
    ok = runs[(runs["status"] == "ok") & runs["figure"].notna()]
    return ok.assign(dataset=ok["dataset"].fillna("") if "dataset" in ok else "")


def _panels(runs, across, apart):
    """A panel for each task and dataset; runs that differ in the columns `apart` are series of their own."""
    panels = list(runs.groupby(["notebook", "dataset"], sort=False))
    columns = min(max(len(panels), 1), COLUMNS)
    rows = max(math.ceil(len(panels) / columns), 1)
    figure, axes = plt.subplots(rows, columns, figsize=(3.4 * columns, 3.2 * rows), squeeze=False, layout="constrained")
    for axis in axes.flat[max(len(panels), 1) :]:
        axis.remove()
    for axis, ((task, dataset), some) in zip(axes.flat, panels):
        differ = [name for name in apart if name == "cell" or some[name].astype(str).nunique() > 1]
        labels = some.apply(_settings, axis=1, names=differ)
        known = sorted(labels.unique(), key=lambda label: (cell_rank(label.split(", ")[0]), label))
        (_dots if across == "seconds" else _columns)(axis, some, across, labels, known)
        title = task if dataset in ("", "mini") else f"{task}, {dataset}"
        axis.set(title=title, xlabel=across, ylabel=some["metric"].iloc[0])
        axis.grid(alpha=0.3)
        if known != [""]:
            axis.legend(fontsize="small")
    plt.close(figure)
    return figure


def _settings(run, names):
    """What tells a run's series from others: its cell, and each setting that differs."""
    return ", ".join(run[name] if name == "cell" else f"{name}={_text(run[name])}" for name in names)


def _text(value):
    """A value in a picture: a column of whole numbers holds 32.0 where another notebook lacks it."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _dots(axis, runs, across, labels, known):
    for place, label in enumerate(known):
        some = runs[labels == label]
        axis.plot(some[across], some["figure"], **_look(place), label=label, alpha=0.7)


def _columns(axis, runs, across, labels, known):
    """A column for each value, with the series side by side, so that none hides another."""
    order = cell_rank if across == "cell" else lambda value: (str(type(value)), value)
    values = sorted(runs[across].unique(), key=order)
    for place, label in enumerate(known):
        beside = 0.7 * ((place + 0.5) / len(known) - 0.5)
        for n, (value, some) in enumerate(runs[labels == label].groupby(across)):
            column = values.index(value) + beside
            axis.plot([column] * len(some), some["figure"], **_look(place), label="" if n else label, alpha=0.7)
            median = statistics.median(some["figure"])
            axis.plot([column - 0.08, column + 0.08], [median, median], color=_look(place)["color"], linewidth=2)
    axis.set_xticks(range(len(values)), map(_text, values))
    axis.set_xlim(-0.5, len(values) - 0.5)


def _look(place):
    return {**series(place), "linestyle": "none"}


def _metric(row):
    """What a task is measured by: the metric of its references."""
    task = row.get("task", row["notebook"])
    return get_task(task).metric(row.get("dataset")) if task in list_tasks() else None
