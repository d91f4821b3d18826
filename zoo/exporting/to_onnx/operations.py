"""Keras's operations, those of `keras.ops`, in ONNX: one entry each.

Masks are made of them, and so are most layers that are not Keras's own.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from seqzoo.exporting.to_onnx.graph import Graph, Tensor

OPERATIONS: dict[str, Callable] = {}  # by the name of the operation's class, which has no public place


def operation(*names: str) -> Callable:
    """Registers `function(graph, operation, *inputs, **more)` for operations of these names."""

    def register(function: Callable) -> Callable:
        OPERATIONS.update(dict.fromkeys(names, function))
        return function

    return register


def _binary(kind, dtype=None):
    return lambda g, _, a, b: g.binary(kind, a, b, dtype)


def _unary(kind, **attributes):
    return lambda g, _, x: g.op(kind, x, **attributes)


def _logical(kind):
    return lambda g, _, a, b: g.op(kind, g.cast(a, "bool"), g.cast(b, "bool"))


def _reduction(kind):
    def reduced(g, op, x):
        x = g.cast(x, "float32") if kind == "Mean" else g.cast(x, "int32") if x.dtype == "bool" else x
        y = g.reduce(kind, x, op.axis, op.keepdims)
        first = getattr(op, "initial", None)
        return y if first is None else g.binary(kind, y, first)

    return reduced


def _full(g, op, x, value):
    return g.op(
        "Expand", g.tensor(value, _of_graph(getattr(op, "dtype", None) or x.dtype)), g.op("Shape", x, dtype="int64")
    )


def _filled(value):
    return lambda g, op, x: _full(g, op, x, value)


OPERATIONS.update(
    Add=_binary("Add"), Subtract=_binary("Sub"), Multiply=_binary("Mul"), Maximum=_binary("Max"),
    Minimum=_binary("Min"), Matmul=_binary("MatMul"), Power=_binary("Pow"),
    Equal=_binary("Equal", "bool"), Greater=_binary("Greater", "bool"), Less=_binary("Less", "bool"),
    GreaterEqual=_binary("GreaterOrEqual", "bool"), LessEqual=_binary("LessOrEqual", "bool"),
    LogicalAnd=_logical("And"), LogicalOr=_logical("Or"),
    Sum=_reduction("Sum"), Mean=_reduction("Mean"), Max=_reduction("Max"), Min=_reduction("Min"),
    Absolute=_unary("Abs"), Negative=_unary("Neg"), Exp=_unary("Exp"), Log=_unary("Log"), Sqrt=_unary("Sqrt"),
    Floor=_unary("Floor"), Tanh=_unary("Tanh"), Sigmoid=_unary("Sigmoid"), Relu=_unary("Relu"),
    Identity=_unary("Identity"), ZerosLike=_filled(0), OnesLike=_filled(1),
)  # fmt: skip


@operation("Divide", "TrueDivide")
def divide(g: Graph, op: Any, a: Any, b: Any) -> Tensor:
    return g.binary("Div", g.cast(a, "float32"), b)


@operation("NotEqual")
def not_equal(g: Graph, op: Any, a: Any, b: Any) -> Tensor:
    return g.op("Not", g.binary("Equal", a, b, "bool"))


@operation("LogicalNot")
def logical_not(g: Graph, op: Any, x: Tensor) -> Tensor:
    return g.op("Not", g.cast(x, "bool"))


@operation("Any", "All")
def any_or_all(g: Graph, op: Any, x: Tensor) -> Tensor:
    kind = "Max" if type(op).__name__ == "Any" else "Min"
    return g.cast(g.reduce(kind, g.cast(g.cast(x, "bool"), "int32"), op.axis, op.keepdims), "bool")


@operation("FullLike")
def full_like(g: Graph, op: Any, x: Tensor, value: Any) -> Tensor:
    return _full(g, op, x, value)


@operation("Where")
def where(g: Graph, op: Any, condition: Any, a: Any, b: Any) -> Tensor:
    return g.where(condition, a, b)


@operation("Cast")
def cast(g: Graph, op: Any, x: Tensor) -> Tensor:
    return g.cast(x, op.dtype)


@operation("ExpandDims")
def expand_dims(g: Graph, op: Any, x: Tensor) -> Tensor:
    return g.unsqueeze(x, *np.atleast_1d(op.axis).tolist())


@operation("Squeeze")
def squeeze(g: Graph, op: Any, x: Tensor) -> Tensor:
    return g.op("Squeeze", x) if op.axis is None else g.squeeze(x, *np.atleast_1d(op.axis).tolist())


@operation("Concatenate")
def concatenate(g: Graph, op: Any, parts: list) -> Tensor:
    return g.concat(parts, op.axis)


@operation("Stack")
def stack(g: Graph, op: Any, parts: list) -> Tensor:
    return g.concat([g.unsqueeze(g.tensor(part), op.axis) for part in parts], op.axis)


@operation("Softmax")
def softmax(g: Graph, op: Any, x: Tensor) -> Tensor:
    return g.op("Softmax", x, axis=op.axis)


@operation("Flip")
def flip(g: Graph, op: Any, x: Tensor) -> Tensor:
    for axis in np.atleast_1d(op.axis).tolist():
        x = g.flip(x, axis)
    return x


@operation("SwapAxes", "Swapaxes")
def swap_axes(g: Graph, op: Any, x: Tensor) -> Tensor:
    order = list(range(len(x.shape)))
    order[op.axis1], order[op.axis2] = order[op.axis2], order[op.axis1]
    return g.op("Transpose", x, perm=order)


@operation("Transpose")
def transpose(g: Graph, op: Any, x: Tensor) -> Tensor:
    return g.op("Transpose", x, perm=list(op.axes or reversed(range(len(x.shape)))))


@operation("Reshape")
def reshape(g: Graph, op: Any, x: Tensor) -> Tensor:
    return g.reshape(x, *op.newshape)


@operation("Einsum")
def einsum(g: Graph, op: Any, *parts: Any) -> Tensor:
    return g.op("Einsum", *g.alike(*parts), equation=op.subscripts)


@operation("Pad")
def pad(g: Graph, op: Any, x: Tensor, constant_values: Any = 0) -> Tensor:
    widths = np.broadcast_to(op.pad_width, (len(x.shape), 2))
    return g.op("Pad", x, widths.T.reshape(-1).astype("int64"), g.tensor(constant_values or 0, x.dtype), mode=op.mode)


@operation("Repeat")
def repeat(g: Graph, op: Any, x: Tensor) -> Tensor:
    if x.shape[op.axis] != 1:
        raise NotImplementedError("repeats along an axis of size 1 alone")
    shape = np.ones(len(x.shape), "int64")
    shape[op.axis] = op.repeats
    return g.op("Expand", x, shape)


@operation("TakeAlongAxis")
def take_along_axis(g: Graph, op: Any, x: Tensor, places: Tensor) -> Tensor:
    return g.op("GatherElements", x, places, axis=op.axis)


@operation("Take")
def take(g: Graph, op: Any, x: Any, places: Any) -> Tensor:
    x = g.reshape(g.tensor(x), -1) if op.axis is None else x
    return g.op("Gather", x, places, axis=op.axis or 0)


@operation("Cumsum")
def cumsum(g: Graph, op: Any, x: Tensor) -> Tensor:
    return g.op("CumSum", x, np.int64(op.axis))


@operation("FloorDivide")
def floor_divide(g: Graph, op: Any, a: Any, b: Any) -> Tensor:
    a, b = g.alike(a, b)
    if a.dtype == "float32":
        return g.op("Floor", g.op("Div", a, b))
    return g.op("Div", g.op("Sub", a, g.op("Mod", a, b)), b)  # Div alone rounds towards 0


@operation("GetItem")
def get_item(g: Graph, op: Any, x: Tensor, key: Any) -> Tensor:
    """Slices, numbers, None and `...` between brackets."""
    key = key if isinstance(key, tuple) else tuple(key) if isinstance(key, list) else (key,)
    taken = sum(each is not None and each is not Ellipsis for each in key)
    rest = [slice(None)] * (len(x.shape) - taken)
    if Ellipsis in key:
        place = key.index(Ellipsis)
        key = (*key[:place], *rest, *key[place + 1 :])
    axis, new, gone = 0, [], []
    for place, each in enumerate(key):
        if each is None:
            new.append(place)
            continue
        if isinstance(each, int):
            x = g.slice(x, axis, each, each + 1 if each != -1 else None)
            gone.append(axis)
        elif each != slice(None):
            x = g.slice(x, axis, each.start, each.stop, each.step or 1)
        axis += 1
    x = g.squeeze(x, *gone) if gone else x
    new = [place - sum(isinstance(each, int) for each in key[:place]) for place in new]
    return g.unsqueeze(x, *new) if new else x


def _of_graph(dtype):
    return "float32" if "float" in dtype else dtype
