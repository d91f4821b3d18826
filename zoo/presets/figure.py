"""The figure of a preset, computed anew from the preset alone."""

import inspect
from pathlib import Path

from seqzoo.presets.folder import from_preset, read_metadata
from seqzoo.registry import get_task


def figure(preset: str | Path, data_dir: str | None = None) -> float:
    """What a preset reaches on the test split that its card names.

    Args:
        preset: a name out of `seqzoo.list_presets()`, or the path of a folder that was made of a run.
        data_dir: where TFDS keeps its data; by default TFDS's own choice.

    Returns:
        The figure, of the metric in its `metadata.json`.

    Example:

    >>> figure("dna_gru")  # doctest: +SKIP
    0.9...
    """
    known = read_metadata(preset)
    task, run = get_task(known["task"]), known["run"]
    scoring = {name: run["parameters"][name] for name in task.recipe.scoring if name in run["parameters"]}
    batches = task.batches(run["dataset"], "test", data_dir=data_dir, **loading(task, run["parameters"]))
    return float(task.score(from_preset(preset), batches, **scoring)[run["metric"]])


def loading(task, parameters):
    """Those of a run's parameters that say how the task's data are read."""
    general = {"dataset", "split", "seed", "limit", "data_dir", "manual_dir", "large"}
    return {
        name: parameters[name]
        for name in inspect.signature(task.batches).parameters
        if name in parameters and name not in general
    }
