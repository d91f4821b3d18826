"""Lets the gates of an exported GRU be seen: Γu and Γr at every step become outputs of the file.

ONNX's node gives the states c⟨t⟩ alone. The gates are computed beside it, from the node's own weights:

    Γu = σ(Wu [c⟨t−1⟩, x⟨t⟩] + bu)
    Γr = σ(Wr [c⟨t−1⟩, x⟨t⟩] + br)
"""

from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper


def let_gates_out(model: onnx.ModelProto) -> onnx.ModelProto:
    """Adds the gates of every GRU to a model's outputs, for one example at a time.

    Args:
        model: as `seqzoo.export` has written it; it is left as it is.

    Returns:
        A model with outputs such as `1 forward Γu`, of shape `(steps, units)`; the steps are in
        the order of x in both directions. 1 is the layer, from below.
    """
    shown = onnx.ModelProto()
    shown.CopyFrom(model)
    weights = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    grus = [node for node in model.graph.node if node.op_type == "GRU"]
    for layer, node in enumerate(grus, 1):
        direction = {each.name: helper.get_attribute_value(each) for each in node.attribute}["direction"].decode()
        names = ["forward", "backward"] if direction == "bidirectional" else ["forward"]
        for place, name in enumerate(names):
            _add_gates(shown.graph, node, [weights[w][place] for w in node.input[1:4]], f"{layer} {name}", place)
    return shown


def _add_gates(graph: Any, node: Any, weights: list, name: str, place: int) -> None:
    """Adds the gates of one direction of a node, which is the place of its weights and states."""
    W, R, b = weights
    units = R.shape[1]
    backward = place == 1

    def constant(key, value):
        graph.initializer.append(numpy_helper.from_array(np.asarray(value), f"{name} {key}"))
        return f"{name} {key}"

    def op(kind, *inputs, **attributes):
        output = f"{name} {kind} {len(graph.node)}"
        graph.node.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    # The entry at a place of an axis, which goes away.
    one = lambda tensor, axis, at: op("Gather", tensor, constant(f"{tensor} {axis}", at), axis=axis)
    x = one(node.input[0], 1, 0)  # (steps, features), of the first example
    c = one(op("Gather", node.output[0], constant("direction", place), axis=1), 1, 0)  # (steps, units)
    if len(node.input) > 5:  # it is given c⟨0⟩
        first = one(op("Gather", node.input[5], constant("given", [place]), axis=0), 1, 0)
    else:
        first = constant("zeros", np.zeros((1, units), "float32"))
    around = op("Concat", *((c, first) if backward else (first, c)), axis=0)
    begin, end = ([1], [2**31 - 1]) if backward else ([0], [-1])
    before = op("Slice", around, constant("begin", begin), constant("end", end), constant("axis", [0]))
    for gate, sign, k in (("Γu", -1, 0), ("Γr", 1, 1)):  # ONNX packs z = 1 − Γu, and r
        rows = slice(k * units, (k + 1) * units)
        Wx = op("MatMul", x, constant(f"{gate} Wx", sign * W[rows].T))
        Wc = op("MatMul", before, constant(f"{gate} Wc", sign * R[rows].T))
        bias = constant(f"{gate} b", sign * (b[: 3 * units][rows] + b[3 * units :][rows]))
        graph.node.append(helper.make_node("Sigmoid", [op("Add", op("Add", Wx, Wc), bias)], [f"{name} {gate}"]))
        graph.output.append(helper.make_tensor_value_info(f"{name} {gate}", onnx.TensorProto.FLOAT, [None, units]))
