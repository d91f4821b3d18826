"""A functional Keras model, operation by operation, as a model of ONNX."""

from typing import Any

import keras
from keras import tree

from seqzoo.exporting.to_onnx.graph import IR_VERSION, NUMPY, OPSET, Graph, Tensor
from seqzoo.exporting.to_onnx.layers import converter_of
from seqzoo.exporting.to_onnx.operations import OPERATIONS
from seqzoo.extras import import_extra


class Unconvertible(ValueError):
    """A layer that ONNX has no place for."""

    def __init__(self, layer: Any, why: Any):
        super().__init__(
            "Expected: layers that can be written in ONNX.\n"
            f"Received: {type(layer).__name__} {layer.name!r}: {why}.\n"
            'To do: export with format="litert" or "savedmodel", or say how it is written: '
            "a method `to_onnx(graph, *inputs)` of the layer, see seqzoo.exporting."
        )


def to_onnx(model: keras.Model, right_padded: bool = False) -> Any:
    """Makes an `onnx.ModelProto` of a functional or Sequential model.

    Args:
        model: of any layers of `seqzoo.layers` and the usual ones of Keras; of others that are
            written in `keras.ops`; and of others that have a method `to_onnx(graph, *inputs)`.
        right_padded: whether all padding stands at the ends of rows, which saves moving it there.

    Returns:
        An `onnx.ModelProto` with the names of the model's inputs; outputs are called `output`,
        or `output_0`, `output_1` and so on.

    Raises:
        Unconvertible: a layer cannot be written in ONNX; says which and why.
    """
    onnx = import_extra("onnx", "export")
    graph = Graph(_converted, right_padded)
    given = [Tensor(graph, tensor.name, _dtype(tensor.dtype), tensor.shape) for tensor in model.inputs]
    made = tree.flatten(convert(graph, model, given))
    names = ["output"] if len(made) == 1 else [f"output_{i}" for i in range(len(made))]
    for tensor, name in zip(made, names):
        graph.nodes.append(onnx.helper.make_node("Identity", [tensor.name], [name], name=name))

    def described(names, tensors):
        return [
            onnx.helper.make_tensor_value_info(name, onnx.helper.np_dtype_to_tensor_dtype(NUMPY_TYPES[_dtype(t.dtype)]), _axes(t))
            for name, t in zip(names, tensors)
        ]

    body = onnx.helper.make_graph(
        graph.nodes,
        model.name,
        described([t.name for t in model.inputs], model.inputs),
        described(names, tree.flatten(model.outputs)),
        list(graph.weights.values()),
    )
    proto = onnx.helper.make_model(
        body,
        producer_name="seqzoo",
        ir_version=IR_VERSION,
        opset_imports=[onnx.helper.make_opsetid("", OPSET)],
    )
    onnx.checker.check_model(proto, full_check=True)
    return proto


def convert(graph: Graph, model: keras.Model, inputs: list[Tensor]) -> Any:
    """Adds a model's operations to a graph, and gives its outputs."""
    if isinstance(model, keras.Sequential):
        model = keras.Model(model.inputs, model.outputs)
    config = model.get_config()
    operations = {operation.name: operation for operation in model.operations}
    made: dict[tuple, list] = {}
    for (name, *_), tensor in zip(_triples(config["input_layers"]), inputs):
        made[name, 0] = [tensor]

    def value(described):
        """What an argument is: a tensor that was made, or what its configuration says."""
        if isinstance(described, dict) and described.get("class_name") == "__keras_tensor__":
            name, node, place = described["config"]["keras_history"]
            tensor = made[name, node][place]
            return Tensor(graph, tensor.name, tensor.dtype, tuple(described["config"]["shape"]))
        if isinstance(described, dict) and "class_name" in described:
            found = keras.saving.deserialize_keras_object(described)
            return keras.ops.convert_to_numpy(found) if described["class_name"] == "__tensor__" else found
        if isinstance(described, dict):
            return {key: value(each) for key, each in described.items()}
        if isinstance(described, (list, tuple)):
            return type(described)(value(each) for each in described)
        return described

    waiting = [(layer["name"], i, node) for layer in config["layers"] for i, node in enumerate(layer["inbound_nodes"])]
    while waiting:
        left = []
        for name, i, node in waiting:
            if not all(key in made for key in _needs(node)):
                left.append((name, i, node))
                continue
            args, kwargs = value(node["args"]), value(node["kwargs"])
            kwargs.pop("training", None)
            made[name, i] = tree.flatten(_converted(graph, operations[name], args, kwargs))
        if len(left) == len(waiting):
            raise AssertionError(f"operations {[name for name, *_ in left]} wait for each other")
        waiting = left
    return [made[name, node][place] for name, node, place in _triples(config["output_layers"])]


def _converted(graph, operation, args, kwargs):
    try:
        if hasattr(operation, "to_onnx"):
            return operation.to_onnx(graph, *args, **kwargs)
        if isinstance(operation, MODELS):
            return convert(graph, operation, tree.flatten(args[0]))
        if not isinstance(operation, keras.layers.Layer):
            return _operation(graph, operation, args, kwargs)
        convert_layer = converter_of(operation)
        if convert_layer:
            return convert_layer(graph, operation, *args, **kwargs)
        return traced(graph, operation.call, args, kwargs)
    except Unconvertible:
        raise
    except Exception as error:
        raise Unconvertible(operation, error) from error


def traced(graph: Graph, function: Any, args: Any, kwargs: Any) -> Any:
    """What a function of Keras tensors, written in `keras.ops`, adds to a graph."""
    tensors = [each for each in tree.flatten((args, kwargs)) if isinstance(each, Tensor)]
    symbols = {t.name: keras.Input(batch_shape=t.shape, dtype=t.dtype) for t in tensors}
    stands = lambda each: symbols[each.name] if isinstance(each, Tensor) else each
    result = function(*tree.map_structure(stands, list(args)), **tree.map_structure(stands, kwargs))
    model = keras.Model(list(symbols.values()), result)
    return convert(graph, model, list({t.name: t for t in tensors}.values()))


def _operation(graph, operation, args, kwargs):
    kind = type(operation).__name__
    if kind not in OPERATIONS:
        raise NotImplementedError(f"the operation {kind} of keras.ops")
    return OPERATIONS[kind](graph, operation, *args, **kwargs)


_x = keras.Input((1,), name="x")
_functional = keras.Model(_x, keras.layers.Identity(name="y")(_x), name="functional")  # its class has no public name
MODELS = (type(_functional), keras.Sequential)
NUMPY_TYPES = {name: __import__("numpy").dtype(kind) for name, kind in NUMPY.items()}


def _needs(node):
    """Which calls of which operations a call takes tensors from."""
    found = []

    def look(described):
        if isinstance(described, dict) and described.get("class_name") == "__keras_tensor__":
            found.append(tuple(described["config"]["keras_history"][:2]))
        elif isinstance(described, dict):
            look(list(described.values()))
        elif isinstance(described, (list, tuple)):
            for each in described:
                look(each)

    look([node["args"], node["kwargs"]])
    return found


def _triples(described):
    """Names of operations with their calls and outputs: one alone, a list or a dictionary of them."""
    if isinstance(described, dict):
        return [triple for each in described.values() for triple in _triples(each)]
    if described and isinstance(described[0], str):
        return [described]
    return [triple for each in described for triple in _triples(each)]


def _dtype(dtype):
    return "float32" if "float" in dtype else dtype


def _axes(tensor):
    """Axes with names where a size is free: all inputs share batch and time."""
    names = ["batch", *(f"{tensor.name}_{axis}" for axis in range(1, len(tensor.shape)))]
    return [size if size is not None else name for size, name in zip(tensor.shape, names)]
