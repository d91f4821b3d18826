"""What a model's preprocessor has learned, as JSON, and what reads it elsewhere."""

import json
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

READERS = ("read.py", "read.js", "answer.py")


def write_preprocessor(model: Any, folder: Path, format: str) -> None:
    """Writes `preprocessor.json`, and with ONNX what reads it, beside a model's files.

    Args:
        model: of a task.
        folder: where.
        format: of the model's files.
    """
    text = json.dumps(described(model), ensure_ascii=False, indent=1) + "\n"
    (folder / "preprocessor.json").write_text(text, encoding="utf-8")
    for name in READERS if format == "onnx" else ():
        (folder / name).write_bytes(files("seqzoo.exporting").joinpath("readers", name).read_bytes())


def described(model: Any) -> dict[str, Any]:
    """All that a reader needs: what kind of preprocessor it is, what it has learned, and which ids mean what.

    Example:

    >>> import seqzoo
    >>> model = seqzoo.create_model("dna", labels=["left", "right"], units=4)
    >>> described(model)["kind"], described(model)["labels"]
    ('DnaPreprocessor', ['left', 'right'])
    """
    preprocessor = model.preprocessor
    ids = {
        name: getattr(preprocessor, name) for name in ("start", "end", "never_written") if hasattr(preprocessor, name)
    }
    return {
        "seqzoo": version("seqzoo"),
        "model": type(model).__name__,
        "kind": type(preprocessor).__name__,
        "inputs": [tensor.name for tensor in model.network.inputs],
        "labels": list(preprocessor.labels),
        **ids,
        **preprocessor.get_config(),
    }
