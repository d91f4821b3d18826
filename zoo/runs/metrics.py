"""The figures of a run, written where the next one cannot overwrite them."""

import json
import sys
from pathlib import Path


def write_metrics(file, metrics):
    """Writes metrics as JSON, beside and never over what an earlier run wrote.

    The `device` that TensorFlow works on goes with them.

    Args:
        file: path; where it exists already, `name-2.json`, `name-3.json` … is taken.
        metrics: dictionary of numbers and strings.

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
    path, number = file, 1
    while True:
        try:
            with path.open("x", encoding="utf-8") as out:
                out.write(text)
            return path
        except FileExistsError:
            number += 1
            path = file.with_stem(f"{file.stem}-{number}")


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
