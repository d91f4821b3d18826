import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras

from seqzoo import door
from seqzoo.exporting.preprocessor_file import write_preprocessor
from seqzoo.exporting.programs import Program, programs
from seqzoo.exporting.tensorflow_files import write_litert, write_savedmodel
from seqzoo.layers.convert.model import is_plain
from seqzoo.task_model import TaskModel
from seqzoo.wording import clipped


def export(model: keras.Model, path: str | Path, format: str = "onnx") -> Path:
    """Writes a model for where there is no Keras.

    The network becomes `model.onnx`, `model.tflite` or an endpoint `model` of a SavedModel. What
    writes one symbol after another becomes two programs more: `start`, from an example to states,
    and `step`, from a token and the states to logits and new states. Where every layer reads
    forwards, `stream` takes the next steps of a sequence and the states. A task's model brings
    `preprocessor.json`, with all that its preprocessor has learned, and what reads it without
    TensorFlow: `read.py` with NumPy alone, and `read.js`; `answer.py` answers by onnxruntime.

    In ONNX every recurrent layer is one node, `RNN`, `GRU` or `LSTM`, in both directions too;
    a mask is the node's `sequence_lens`. In LiteRT there is nothing but its own operations; the
    batch is 1 and the length free. A SavedModel takes raw strings too, by its endpoint `raw`,
    where TensorFlow can read them: in sentiment, ner, dna, music and translation. There letters
    are expected composed (Unicode's NFC).

    Args:
        model: of a task, or a functional or Sequential model of `seqzoo.layers` and Keras's.
        path: a folder, made where it is missing; files of the same names are replaced.
        format: `"onnx"`, `"litert"` or `"savedmodel"`. LiteRT and SavedModel need Keras's
            TensorFlow backend; ONNX and LiteRT `pip install "seqzoo[export]"`.

    Returns:
        The folder.

    Raises:
        Refused: an unknown format, or a model whose own code hides its layers.
        Unconvertible: a layer has no place in ONNX; says which and why.
        MissingExtraError: a package of `seqzoo[export]` is not installed.

    Example:

    >>> import tempfile
    >>> import seqzoo
    >>> model = seqzoo.create_model("sentiment", texts=["a good film", "a bad film"], units=4)
    >>> folder = seqzoo.export(model, tempfile.mkdtemp())
    >>> sorted(file.name for file in folder.iterdir())
    ['answer.py', 'model.onnx', 'preprocessor.json', 'read.js', 'read.py']
    """
    door.choose("format", format, FORMATS)
    preprocessor = model.preprocessor if isinstance(model, TaskModel) else None
    network = model.network if isinstance(model, TaskModel) else model
    if not is_plain(network):
        raise door.Refused(
            "a model of a task, or a functional or Sequential model",
            clipped(f"{type(model).__name__} {getattr(model, 'name', '')!r}"),
            "export the functional model that it holds, or make one of its layers: keras.Model(inputs, outputs)",
        )
    if format != "onnx" and keras.backend.backend() != "tensorflow":
        raise door.Refused(
            f'Keras\'s TensorFlow backend for format="{format}"',
            f"the backend {keras.backend.backend()}",
            "save the model, and load and export it where KERAS_BACKEND=tensorflow",
        )
    folder = Path(path)
    with _all_at_the_end(folder) as part:
        FORMATS[format](programs(network), part, preprocessor)
        if preprocessor is not None:
            write_preprocessor(model, part, format)
    return folder


@contextlib.contextmanager
def _all_at_the_end(folder: Path) -> Iterator[Path]:
    """A folder to write to, whose files come into `folder` once all are whole."""
    part = folder / ".part"
    shutil.rmtree(part, ignore_errors=True)  # of an export that was cut off
    part.mkdir(parents=True)
    try:
        yield part
        for new in part.iterdir():
            if new.is_dir():
                shutil.rmtree(folder / new.name, ignore_errors=True)
            os.replace(new, folder / new.name)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _write_onnx(found: dict[str, Program], folder: Path, preprocessor: Any) -> None:
    from seqzoo.exporting.to_onnx.model import to_onnx

    right_padded = preprocessor is not None and preprocessor.right_padded
    protos = {name: to_onnx(one.model, one.outputs, right_padded) for name, one in found.items()}
    for name, proto in protos.items():
        (folder / f"{name}.onnx").write_bytes(proto.SerializeToString())


FORMATS: dict[str, Callable] = {"onnx": _write_onnx, "litert": write_litert, "savedmodel": write_savedmodel}
