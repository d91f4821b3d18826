"""The figures and the model of a run, written where the next one cannot overwrite them."""

import itertools
import json
import os
import sys
from pathlib import Path


def write_metrics(file, metrics, model=None):
    """Writes metrics as JSON, and the model beside them, never over what an earlier run wrote.

    The `device` that TensorFlow works on goes with the metrics.

    Args:
        file: path; where it exists already, `name-2.json`, `name-3.json` … is taken.
        metrics: dictionary of numbers and strings.
        model: a Keras model to keep, as `model.keras`, or `model-2.keras` beside `name-2.json`.

    Returns:
        The `Path` written.

    Example:

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> write_metrics(folder / "metrics.json", {"accuracy": 0.8}).name
    'metrics.json'
    >>> write_metrics(folder / "metrics.json", {"accuracy": 0.9}).name
    'metrics-2.json'
    """
    file = Path(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**metrics, "device": device()}, indent=2) + "\n"
    for number in itertools.count(1):
        suffix = "" if number == 1 else f"-{number}"
        path, kept = file.with_stem(file.stem + suffix), file.with_name(f"model{suffix}.keras")
        if model is not None and kept.exists():
            continue
        try:
            with path.open("x", encoding="utf-8") as out:
                out.write(text)
            break
        except FileExistsError:
            continue
    if model is not None:
        _keep(model, kept)
    return path


def _keep(model, file):
    """Whole or not at all: a save that is cut off leaves nothing of the model's name."""
    part = file.with_suffix(".part.keras")
    model.save(part)
    os.replace(part, file)


def device():
    """What TensorFlow works on: the GPU's name, or "CPU".

    >>> device()  # doctest: +SKIP
    'CPU'
    """
    tensorflow = sys.modules.get("tensorflow")
    gpus = tensorflow.config.list_physical_devices("GPU") if tensorflow else []
    if not gpus:
        return "CPU"
    return tensorflow.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU")
