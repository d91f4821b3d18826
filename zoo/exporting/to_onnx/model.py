"""A functional Keras model, operation by operation, as a model of ONNX."""

from typing import Any

import keras
import numpy as np
from keras import tree

from seqzoo.door import Refused
from seqzoo.exporting.to_onnx.graph import IR_VERSION, OPSET, Graph, Tensor
from seqzoo.exporting.to_onnx.layers import converter_of
from seqzoo.exporting.to_onnx.operations import OPERATIONS
from seqzoo.exporting.walk import walk
from seqzoo.extras import import_extra
from seqzoo.layers.convert.model import MODELS, is_plain


class Unconvertible(Refused):
    """A layer that ONNX has no place for."""

    def __init__(self, layer: Any, why: Any):
        super().__init__(
            "layers that can be written in ONNX",
            f"{type(layer).__name__} {layer.name!r}: {why}",
            'export with format="litert" or "savedmodel", or say how it is written: '
            "a method `to_onnx(graph, *inputs)` of the layer, see seqzoo.exporting",
        )


def to_onnx(model: keras.Model, outputs: list[str] | None = None, right_padded: bool = False) -> Any:
    """Makes an `onnx.ModelProto` of a functional or Sequential model.

    Args:
        model: of any layers of `seqzoo.layers` and the usual ones of Keras; of others that are
            written in `keras.ops`; and of others that have a method `to_onnx(graph, *inputs)`.
        outputs: their names; `output`, or `output_0`, `output_1` and so on by default.
        right_padded: whether all padding stands at the ends of rows, which saves moving it there.

    Returns:
        An `onnx.ModelProto`. Its inputs have the names of the model's.

    Raises:
        Unconvertible: a layer cannot be written in ONNX; says which and why.
    """
    onnx = import_extra("onnx", "export")
    graph = Graph(_add, right_padded)
    inputs = [Tensor(graph, tensor.name, _dtype(tensor), tensor.shape) for tensor in model.inputs]
    made = convert(graph, model, inputs)
    outputs = outputs or (["output"] if len(made) == 1 else [f"output_{i}" for i in range(len(made))])
    for tensor, name in zip(made, outputs):
        graph.nodes.append(onnx.helper.make_node("Identity", [tensor.name], [name], name=name))

    def info(name, tensor):
        kind = onnx.helper.np_dtype_to_tensor_dtype(np.dtype(_dtype(tensor)))
        return onnx.helper.make_tensor_value_info(name, kind, _axes(name, tensor))

    used = {name for node in graph.nodes for name in node.input}
    body = onnx.helper.make_graph(
        graph.nodes,
        model.name,
        [info(tensor.name, tensor) for tensor in model.inputs],
        [info(name, tensor) for name, tensor in zip(outputs, tree.flatten(model.outputs))],
        [weight for weight in graph.weights.values() if weight.name in used],
    )
    opset = [onnx.helper.make_opsetid("", OPSET)]
    proto = onnx.helper.make_model(body, producer_name="seqzoo", ir_version=IR_VERSION, opset_imports=opset)
    try:
        onnx.checker.check_model(proto, full_check=True)
    except Exception as error:  # onnx's, which name a node and no layer
        raise Unconvertible(model, " ".join(str(error).split())[:300]) from error
    return proto


def convert(graph: Graph, model: keras.Model, inputs: list[Tensor]) -> list[Tensor]:
    """Adds a model's operations to a graph, and gives its outputs."""
    return walk(model, inputs, lambda *call: _add(graph, *call), lambda t, shape: Tensor(graph, t.name, t.dtype, shape))


def _add(graph, operation, args, kwargs):
    """Adds one operation: as it says itself, as its class is known, or as the operations that it is made of."""
    kwargs = {key: each for key, each in kwargs.items() if key != "training"}
    try:
        if hasattr(operation, "to_onnx"):
            return operation.to_onnx(graph, *args, **kwargs)
        if is_plain(operation):
            return convert(graph, operation, tree.flatten(args[0]))
        if isinstance(operation, MODELS):
            raise NotImplementedError("a model with a `call` of its own")
        if not isinstance(operation, keras.layers.Layer):
            return _add_operation(graph, operation, args, kwargs)
        known = converter_of(operation)
        return known(graph, operation, *args, **kwargs) if known else _traced(graph, operation.call, args, kwargs)
    except Unconvertible:
        raise
    except Exception as error:
        raise Unconvertible(operation, error) from error


def _add_operation(graph, operation, args, kwargs):
    kind = type(operation).__name__
    if kind not in OPERATIONS:
        raise NotImplementedError(f"the operation {kind} of keras.ops")
    return OPERATIONS[kind](graph, operation, *args, **kwargs)


def _traced(graph, function, args, kwargs):
    """What a function of Keras tensors, written in `keras.ops`, adds to a graph."""
    tensors = {each.name: each for each in tree.flatten((args, kwargs)) if isinstance(each, Tensor)}
    symbols = {name: keras.Input(batch_shape=t.shape, dtype=t.dtype) for name, t in tensors.items()}
    stands = lambda each: symbols[each.name] if isinstance(each, Tensor) else each
    result = function(*tree.map_structure(stands, list(args)), **tree.map_structure(stands, kwargs))
    return convert(graph, keras.Model(list(symbols.values()), result), list(tensors.values()))


def _dtype(tensor):
    return "float32" if "float" in tensor.dtype else tensor.dtype


def _axes(name, tensor):
    """The sizes of a tensor's axes; names where they are free."""
    names = ["batch", *(f"{name}_{axis}" for axis in range(1, len(tensor.shape)))]
    return [free if size is None else size for size, free in zip(tensor.shape, names)]
