"""The record of a run: its `run.json`, and the metrics beside it."""

import json
from pathlib import Path
from typing import Any

from seqzoo.runs.held import is_left

RECORD = "run.json"
CELLS = ("rnn", "gru", "lstm")  # the cells of the notes come first, in this order


def run_files(folder: str | Path) -> list[Path]:
    """The records of all runs below a folder.

    >>> run_files("no/such/folder")
    []
    """
    return sorted(Path(folder).rglob(RECORD))


def read_record(file: str | Path) -> dict[str, Any]:
    """What the runner wrote of one run: notebook, parameters, status, seconds and so on."""
    return json.loads(Path(file).read_text(encoding="utf-8"))


def read_metrics(file: str | Path) -> dict[str, Any]:
    """The metrics beside a record; none where the run did not reach its end."""
    metrics = Path(file).with_name("metrics.json")
    return json.loads(metrics.read_text(encoding="utf-8")) if metrics.exists() else {}


def read_run(file: str | Path) -> dict[str, Any]:
    """What one run says: its metrics, its parameters, and what the runner knows.

    Args:
        file: its `run.json`; `metrics.json` lies beside it where the run reached its end.

    Returns:
        Dictionary of parameters and metrics with `status`, `seconds`, `device`, `folder` and,
        unless it is "ok", `error`. The status of a run that was killed, "running" in its record,
        is "killed".

    Example:

    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "run.json"
    >>> length = file.write_text('{"parameters": {"cell": "gru"}, "status": "running", "seconds": null}')
    >>> run = read_run(file)
    >>> run["cell"], run["status"]
    ('gru', 'running')
    """
    run = read_record(file)
    known = {"status": run["status"], "seconds": run["seconds"], "folder": str(Path(file).parent)}
    if run["status"] == "running" and is_left(Path(file).parent):
        known["status"] = "killed"
    if run["status"] != "ok":
        known["error"] = run.get("error")
    return {**read_metrics(file), **run["parameters"], **known}


def cell_rank(cell: str) -> tuple[int, str]:
    """Where a cell stands in tables and pictures: those of the notes first, others by name.

    >>> sorted(["min_gru", "lstm", "rnn"], key=cell_rank)
    ['rnn', 'lstm', 'min_gru']
    """
    return (CELLS.index(cell) if cell in CELLS else len(CELLS)), cell
