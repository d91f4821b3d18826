"""Runs a program in LiteRT's format."""

from collections.abc import Callable, Sequence

import numpy as np

from seqzoo.extras import import_extra


def on_litert(content: bytes, inputs: Sequence[str]) -> Callable[..., list[np.ndarray]]:
    """A program in LiteRT's format as a function from arrays to arrays.

    The interpreter knows LiteRT's own operations alone, so a file with Flex operations fails here.

    Args:
        content: of a `.tflite` file.
        inputs: their names, in the order in which the function takes them; `programs.json` has them.

    Returns:
        A function of arrays with a batch of 1 and of any length, which gives the outputs in their order.

    Raises:
        MissingExtraError: ai-edge-litert is not installed.

    Example:

    >>> from seqzoo import many_to_one
    >>> from seqzoo.exporting.programs import programs
    >>> from seqzoo.exporting.tensorflow_files import litert
    >>> program = programs(many_to_one((None, 3), outputs=2, units=4))["model"]
    >>> run = on_litert(litert(program), program.inputs)
    >>> [output.shape for output in run(np.ones((1, 7, 3), "float32"))]
    [(1, 2)]
    """
    interpreter = import_extra("ai_edge_litert.interpreter", "export").Interpreter(model_content=content)
    places = {given["name"]: given["index"] for given in interpreter.get_input_details()}

    def run(*arrays):
        for name, array in zip(inputs, arrays, strict=True):
            interpreter.resize_tensor_input(places[name], array.shape)
        interpreter.allocate_tensors()
        for name, array in zip(inputs, arrays):
            interpreter.set_tensor(places[name], array)
        interpreter.invoke()
        return [interpreter.get_tensor(output["index"]) for output in interpreter.get_output_details()]

    return run
