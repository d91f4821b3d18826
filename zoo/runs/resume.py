"""Which run was cut off, and can go on."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from seqzoo.runs.held import hold
from seqzoo.runs.record import RECORD, read_record

BACKUP = "backup"
SAME = ("notebook", "digest", "parameters", "versions")


def cut_off(out: Path, record: Mapping) -> tuple[Path, BinaryIO] | None:
    """The latest run in `out` that began as `record` says, was cut off and was backed up, and its log, held.

    Args:
        out: where runs are kept.
        record: what `run.json` says of the run that is to begin.

    Returns:
        None where there is none, or others are at work in them.
    """
    wanted = json.loads(json.dumps({name: record[name] for name in SAME}, default=repr))
    for file in sorted(out.glob(f"*/{RECORD}"), reverse=True):
        folder = file.parent
        if _is_unfinished(file, wanted) and (log := hold(folder)):
            if _is_unfinished(file, wanted):  # still: it may have ended just now
                return folder, log
            log.close()
    return None


def _is_unfinished(file, wanted):
    try:
        record = read_record(file)
        same = {name: record.get(name) for name in SAME} == wanted
        return same and record["status"] != "ok" and any((file.parent / BACKUP).glob("*.state"))
    except (OSError, ValueError, KeyError, AttributeError):  # cut off while it was written
        return False


def seconds_done(folder: Path, record: Mapping[str, Any]) -> float:
    """How long a run had been at work when it was cut off; where it was killed, up to its last backup."""
    seconds = record["seconds"] or 0.0
    if record["status"] == "running":
        began = datetime.fromisoformat(record.get("resumed") or record["started"]).timestamp()
        latest = max((file.stat().st_mtime for file in (folder / BACKUP).glob("*.state")), default=0.0)
        seconds += max(latest - began, 0.0)
    return round(seconds, 3)
