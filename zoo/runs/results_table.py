"""The table of results: made from runs, never typed."""

import json
import statistics
from pathlib import Path

from seqzoo.door import Refused
from seqzoo.registry import get_task, list_tasks
from seqzoo.runs.notebook import find_notebook
from seqzoo.runs.parameters import flags
from seqzoo.runs.recipes import defaults
from seqzoo.runs.record import cell_rank, read_records

# Parameters that a run may set and still count as one with default settings.
FREE = {"cell", "dataset", "seed", "data_dir", "manual_dir", "metrics_file"}
HEAD = ("task", "dataset", "cell", "figure on test", "seeds", "reference", "minutes", "command")


def collect(runs):
    """Reads the finished runs below a folder into one result for each task, dataset and cell.

    A run counts when it reached its end with default settings: whatever its cell, dataset
    and seed. Of several runs with the same seed the latest counts.

    Args:
        runs: path of a folder that `seqzoo run --out` wrote to.

    Returns:
        List of dictionaries in the order of the zoo's tasks: `task`, `dataset`, `cell`,
        `metric`, `figures` (one for each seed), `seeds`, `reference`, `source`, `seconds`
    (median of whole runs) and `command`.

    Example:

    >>> import tempfile
    >>> collect(tempfile.mkdtemp())
    []
    """
    latest = {}
    for _, run, metrics in read_records(runs):
        if run["status"] == "ok" and run["notebook"] in list_tasks() and _has_defaults(run):
            key = (metrics["task"], metrics["dataset"], metrics["cell"], metrics["seed"])
            if key not in latest or run["started"] > latest[key][0]["started"]:
                latest[key] = run, metrics
    groups = {}
    for (*group, _), pair in sorted(latest.items()):
        groups.setdefault(tuple(group), []).append(pair)
    return [_result(*group, pairs) for group, pairs in sorted(groups.items(), key=lambda item: _rank(*item[0]))]


def update(results, json_file):
    """Puts results in the place of those that a JSON file holds of the same task, dataset and cell.

    Args:
        results: what `collect` returns.
        json_file: path of a file that `write` made, or of none yet.

    Returns:
        List of dictionaries as in `collect`: the new results, and the others of the file.

    Example:

    >>> update([], "no such file")
    []
    """
    name = lambda r: (r["task"], r["dataset"], r["cell"])
    file = Path(json_file)
    before = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    merged = {name(r): r for r in [*before, *results]}
    return [merged[key] for key in sorted(merged, key=lambda key: _rank(*key))]


def markdown(results):
    """Writes results as a Markdown table; the figure is the median over the seeds.

    Args:
        results: what `collect` returns.

    Returns:
        String, a table with a row for each result.

    Example:

    >>> result = dict(task="sentiment", dataset="mini", cell="gru", metric="accuracy", seeds=[0, 1, 2],
    ...     figures=[0.79, 0.78, 0.80], reference=0.767, source="a GRU", seconds=42, command="seqzoo run sentiment")
    >>> print(markdown([result]))
    | task | dataset | cell | figure on test | seeds | reference | minutes | command |
    |---|---|---|---|---|---|---|---|
    | sentiment | mini | gru | accuracy 0.790 (0.780–0.800) | 3 | 0.767, a GRU | 0.7 | `seqzoo run sentiment` |
    """
    lines = ["| " + " | ".join(HEAD) + " |", "|---" * len(HEAD) + "|"]
    for r in results:
        figure = f"{r['metric']} {statistics.median(r['figures']):.3f}"
        if len(r["figures"]) > 1:
            figure += f" ({min(r['figures']):.3f}–{max(r['figures']):.3f})"
        cells = [r["task"], r["dataset"], r["cell"], figure, len(r["seeds"])]
        cells.append(f"{r['reference']:.3f}, {r['source']}" if r["reference"] else "")
        cells += [f"{r['seconds'] / 60:.1f}", f"`{r['command']}`"]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def shipped(results):
    """The results of notebooks as they stand: one for each task, by a command without parameters.

    Args:
        results: what `collect` returns.

    Returns:
        List of those of `results`.

    Example:

    >>> commands = ["seqzoo run ner", "seqzoo run ner -p cell=lstm"]
    >>> shipped([{"task": "ner", "command": command} for command in commands])
    [{'task': 'ner', 'command': 'seqzoo run ner'}]
    """
    return [r for r in results if r["command"] == f"seqzoo run {r['task']}"]


def write(results, json_file, page, begin="<!-- results -->", end="<!-- /results -->"):
    """Writes results as JSON, and their table between two marks of a Markdown page.

    Args:
        results: what `collect` returns.
        json_file: path of the JSON file, replaced where it exists.
        page: path of a Markdown file that has both marks.
        begin, end: the marks.

    Raises:
        ValueError: the page lacks a mark.
    """
    put_between(page, markdown(results), begin, end)
    Path(json_file).parent.mkdir(parents=True, exist_ok=True)
    Path(json_file).write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def put_between(page, text, begin, end):
    """Puts a text in the place of what stands between two marks of a Markdown page.

    Args:
        page: path of a file that has both marks.
        text: without the marks.
        begin, end: the marks.

    Raises:
        ValueError: the page lacks a mark.
    """
    before, mark, rest = Path(page).read_text(encoding="utf-8").partition(begin)
    _, close, after = rest.partition(end)
    if not (mark and close):
        raise Refused(f"the lines {begin} and {end}", f"{page}, without them", "add both where the table goes")
    Path(page).write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")


def _defaults(task, dataset):
    return defaults(task, find_notebook(task).parameters, {"dataset": dataset})


def _has_defaults(run):
    left = _defaults(run["notebook"], run["parameters"].get("dataset", "mini"))
    return all(left.get(name) == value for name, value in run["parameters"].items() if name not in FREE)


def _rank(task, dataset, cell):
    return list_tasks().index(task), dataset != "mini", dataset, cell_rank(cell)


def _result(task, dataset, cell, pairs):
    reference = get_task(task).references.get(dataset)
    metric = get_task(task).metric(dataset)
    left = _defaults(task, dataset)
    options = {"dataset": dataset, "cell": cell}
    others = {name: value for name, value in options.items() if left.get(name) != value}
    return {
        "task": task,
        "dataset": dataset,
        "cell": cell,
        "metric": metric,
        "figures": [metrics[metric] for _, metrics in pairs],
        "seeds": [metrics["seed"] for _, metrics in pairs],
        "reference": reference and reference.figure,
        "source": reference and reference.source,
        "seconds": statistics.median(run["seconds"] for run, _ in pairs),
        "command": " ".join(["seqzoo run", task, *flags(others)]),
    }
