"""LiteRT's files and SavedModels, by TensorFlow's own converters."""

import json
from pathlib import Path
from typing import Any

import keras
from keras import tree

from seqzoo.exporting.programs import Program


def write_litert(programs: dict[str, Program], folder: Path, preprocessor: Any = None) -> None:
    """Writes each program as NAME.tflite, for a batch of 1 and any length, with LiteRT's own operations alone.

    LiteRT gives outputs numbers instead of names: `programs.json` has the names in their order.
    """
    names = {}
    for name, program in programs.items():
        (folder / f"{name}.tflite").write_bytes(litert(program))
        names[name] = {"inputs": program.inputs, "outputs": program.outputs}
    (folder / "programs.json").write_text(json.dumps(names, indent=1) + "\n")


def litert(program: Program) -> bytes:
    """A program in LiteRT's format: inputs have their names, outputs their order.

    The converter advises to name what holds the weights; then it goes by a SavedModel, which takes four times as
    long and changes the inputs' names.
    """
    import tensorflow as tf
    from absl import logging

    by_name = _by_name(program)

    def in_order(*inputs):
        made = by_name(*inputs)
        return tuple(made[name] for name in program.outputs)

    graph = tf.function(in_order, input_signature=_specs(program, batch=1)).get_concrete_function()
    level = logging.get_verbosity()
    logging.set_verbosity(logging.ERROR)
    try:
        return tf.lite.TFLiteConverter.from_concrete_functions([graph]).convert()
    finally:
        logging.set_verbosity(level)


def write_savedmodel(programs: dict[str, Program], folder: Path, preprocessor: Any = None) -> None:
    """Writes all programs as endpoints of one SavedModel; and `raw`, from strings, where TensorFlow can read them."""
    import tensorflow as tf

    archive = keras.export.ExportArchive()
    for name, program in programs.items():
        archive.track(program.model)
        archive.add_endpoint(name, _by_name(program), _specs(program))
    read = preprocessor.in_graph() if hasattr(preprocessor, "in_graph") else None
    if read is not None:
        # What reads an example: the encoder where the rest is written step by step, else the network.
        reader = programs.get("start") or programs["model"]
        archive.track(read)
        run = _by_name(reader)
        raw = lambda texts: run(*(read(texts)[name] for name in reader.inputs))
        archive.add_endpoint("raw", raw, [tf.TensorSpec([None], "string", name="texts")])
    archive.write_out(folder, verbose=False)


def _by_name(program):
    """The program as a function from tensors, in the order of its inputs, to outputs by their names."""

    def run(*inputs):
        outputs = program.model(list(inputs) if len(inputs) > 1 else inputs[0], training=False)
        return dict(zip(program.outputs, tree.flatten(outputs)))

    return run


def _specs(program, batch=None):
    import tensorflow as tf

    return [tf.TensorSpec([batch, *t.shape[1:]], t.dtype, name=t.name) for t in program.model.inputs]
