"""The record of a run: its `run.json`, and the metrics beside it."""

import json
import warnings
from pathlib import Path
from typing import Any

from seqzoo.runs.held import is_left
from seqzoo.wording import clipped

RECORD = "run.json"
CELLS = ("rnn", "gru", "lstm")  # the cells of the notes come first, in this order


def run_files(folder: str | Path) -> list[Path]:
    """The records of all runs below a folder.

    >>> run_files("no/such/folder")
    []
    """
    return sorted(Path(folder).rglob(RECORD))


def read_records(folder: str | Path) -> list[tuple[Path, dict[str, Any], dict[str, Any]]]:
    """The file, record and metrics of all runs below a folder. What cannot be read is left out, and named in a warning.

    >>> read_records("no/such/folder")
    []
    """
    found = []
    for file in run_files(folder):
        try:
            found.append((file, read_record(file), read_metrics(file)))
        except (OSError, ValueError) as error:
            warnings.warn(f"A run is left out. {error}", stacklevel=2)
    return found


def read_record(file: str | Path) -> dict[str, Any]:
    """What the runner wrote of one run: notebook, parameters, status, seconds and so on.

    Raises:
        ValueError: the file is no record, or was cut off.
    """
    return _read(Path(file), at_least={"notebook", "parameters", "status", "seconds"})


def read_metrics(file: str | Path) -> dict[str, Any]:
    """The metrics beside a record; none where the run did not reach its end.

    Raises:
        ValueError: the file does not hold metrics, or was cut off.
    """
    metrics = Path(file).with_name("metrics.json")
    return _read(metrics) if metrics.exists() else {}


def _read(file, at_least=frozenset()):
    try:
        read = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"Expected JSON in {file.name}: {error}: {file}") from error
    if not isinstance(read, dict):
        raise ValueError(f"Expected names and values in {file.name}, received a {type(read).__name__}: {file}")
    if not at_least <= read.keys():
        raise ValueError(f"Expected what a run writes in {file}, received {clipped(repr(read), 60)}.")
    return read


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
    >>> record = {"notebook": "dna", "parameters": {"cell": "gru"}, "status": "running", "seconds": None}
    >>> length = file.write_text(json.dumps(record))
    >>> run = read_run(file)
    >>> run["cell"], run["status"]
    ('gru', 'running')
    """
    return as_run(Path(file), read_record(file), read_metrics(file))


def as_run(file: Path, run: dict[str, Any], metrics: dict[str, Any]) -> dict[str, Any]:
    """As `read_run`, of a record and metrics that are read already."""
    known = {"status": run["status"], "seconds": run["seconds"], "folder": str(file.parent)}
    if run["status"] == "running" and is_left(file.parent):
        known["status"] = "killed"
    if run["status"] != "ok":
        known["error"] = run.get("error")
    return {**metrics, **run["parameters"], **known}


def cell_rank(cell: str) -> tuple[int, str]:
    """Where a cell stands in tables and pictures: those of the notes first, others by name.

    >>> sorted(["min_gru", "lstm", "rnn"], key=cell_rank)
    ['rnn', 'lstm', 'min_gru']
    """
    return (CELLS.index(cell) if cell in CELLS else len(CELLS)), cell
