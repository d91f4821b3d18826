"""A graph of ONNX as it is written, with tensors that one can compute with."""

import itertools
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from seqzoo.extras import import_extra

OPSET = 18  # of 2022: every runtime in use reads it
IR_VERSION = 9
WIDER = {"int8": "int32", "int16": "int32", "uint8": "int32", "uint16": "int32", "uint32": "int64"}  # to compute in
NUMPY = {"float32": "float32", "int32": "int32", "int64": "int64", "bool": "bool"}


class Tensor:
    """A tensor of a graph: its name there, its dtype, and its shape as far as Keras knows it.

    Operators add nodes: `x + 1`, `x - y`, `x * y`, `x / y`.
    """

    def __init__(self, graph: "Graph", name: str, dtype: str, shape: Any = None):
        self.graph, self.name, self.dtype, self.shape = graph, name, dtype, shape

    def __add__(self, other: Any) -> "Tensor":
        return self.graph.binary("Add", self, other)

    def __sub__(self, other: Any) -> "Tensor":
        return self.graph.binary("Sub", self, other)

    def __mul__(self, other: Any) -> "Tensor":
        return self.graph.binary("Mul", self, other)

    def __truediv__(self, other: Any) -> "Tensor":
        return self.graph.binary("Div", self.graph.cast(self, "float32"), other)


class Graph:
    """The nodes and weights of a graph, in the order in which they are added.

    Args:
        convert: function `(graph, layer, inputs, more)`, which adds a layer's nodes.
        right_padded: whether every mask is known to be one over padding at the ends of rows.
    """

    def __init__(self, convert: Callable, right_padded: bool = False):
        self.convert, self.right_padded = convert, right_padded
        self.nodes: list[Any] = []
        self.numbers = itertools.count()  # of nodes, for their names
        self.weights: dict[tuple, Any] = {}
        self.memory: dict[Any, Any] = {}  # what is computed once and used by several layers
        self._helper = import_extra("onnx.helper", "export")
        self._arrays = import_extra("onnx.numpy_helper", "export")

    def op(self, kind: str, *inputs: Any, dtype: str | None = None, **attributes: Any) -> Tensor:
        """Adds a node with one output.

        Args:
            kind: the operation's name in ONNX.
            *inputs: tensors, arrays or numbers; None for an optional one that is left out.
            dtype: of the output, that of the first input by default.
            **attributes: of the node.
        """
        return self.ops(kind, *inputs, outputs=1, dtype=dtype, **attributes)[0]

    def ops(self, kind: str, *inputs: Any, outputs: int, dtype: str | None = None, **attributes: Any) -> list[Tensor]:
        """Adds a node with several outputs."""
        tensors = [None if each is None else self.tensor(each) for each in inputs]
        number = next(self.numbers)
        names = [f"/{kind.lower()}_{number}{f'_{i}' if i else ''}" for i in range(outputs)]
        given = ["" if each is None else each.name for each in tensors]
        while given and not given[-1]:  # not all runtimes read an empty name that stands last
            given.pop()
        self.nodes.append(self._helper.make_node(kind, given, names, name=names[0], **attributes))
        dtype = dtype or self.tensor(inputs[0]).dtype
        return [Tensor(self, name, dtype) for name in names]

    def once(self, kind: str, *inputs: Tensor, **attributes: Any) -> Tensor:
        """Adds a node of tensors; what it gave before where there is the same one."""
        key = kind, *(each.name for each in inputs), repr(attributes)
        if key not in self.memory:
            self.memory[key] = self.op(kind, *inputs, **attributes)
        return self.memory[key]

    def rename(self, tensor: Tensor, name: str) -> None:
        """Gives the output of the node that makes a tensor another name."""
        for node in self.nodes:
            node.output[:] = [name if each == tensor.name else each for each in node.output]
        tensor.name = name

    def tensor(self, value: Any, dtype: str | None = None) -> Tensor:
        """A tensor as it is; an array or a number as a constant, each value once."""
        if isinstance(value, Tensor):
            return value
        array = np.asarray(value, dtype)
        if dtype is None and array.dtype.name not in NUMPY:
            array = array.astype({"f": "float32", "i": "int64", "u": "int64"}[array.dtype.kind])
        key = array.dtype.name, array.shape, array.tobytes()
        if key not in self.weights:
            self.weights[key] = self._arrays.from_array(
                np.ascontiguousarray(array).reshape(array.shape), f"/w_{len(self.weights)}"
            )
        return Tensor(self, self.weights[key].name, array.dtype.name, array.shape)

    def binary(self, kind: str, a: Any, b: Any, dtype: str | None = None) -> Tensor:
        """Adds a node of two inputs, which are brought to one dtype as Keras does."""
        a, b = self.alike(a, b)
        return self.op(kind, a, b, dtype=dtype)

    def alike(self, *values: Any) -> list[Tensor]:
        """Tensors of one dtype: of floats where one is of floats."""
        dtypes = [WIDER.get(v.dtype, v.dtype) if isinstance(v, Tensor) else None for v in values]
        known = [d for d in dtypes if d]
        numbers = [np.asarray(v).dtype.kind for v, d in zip(values, dtypes) if not d]
        some = {"float32": "f" in numbers, "int64": not known, "int32": bool(set("iu") & set(numbers)), "bool": True}
        dtype = next(dtype for dtype in some if dtype in known or some[dtype])
        return [self.cast(v, dtype) if d else self.tensor(v, dtype) for v, d in zip(values, dtypes)]

    def cast(self, x: Any, dtype: str) -> Tensor:
        """The tensor in a dtype; floats of any width are float32 in the graph."""
        dtype = "float32" if "float" in dtype else dtype
        x = self.tensor(x)
        if x.dtype == dtype:
            return x
        to = self._helper.np_dtype_to_tensor_dtype(np.dtype(NUMPY[dtype]))
        return self.op("Cast", x, dtype=dtype, to=to)

    def reduce(self, kind: str, x: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
        """Adds a sum, mean, maximum and so on, over all axes where `axis` is None."""
        axes = None if axis is None else np.atleast_1d(np.array(axis, "int64"))
        return self.op(f"Reduce{kind}", x, axes, keepdims=int(keepdims))

    def concat(self, parts: Iterable[Any], axis: int) -> Tensor:
        parts = list(parts)
        return parts[0] if len(parts) == 1 else self.op("Concat", *self.alike(*parts), axis=axis)

    def size(self, x: Tensor, axis: int) -> Tensor:
        """The size of an axis, int64 of shape `(1,)`."""
        return self.op("Shape", x, dtype="int64", start=axis, end=axis + 1)

    def reshape(self, x: Tensor, *sizes: Any) -> Tensor:
        """The tensor in another shape; a size is a number, or what `size` gives."""
        parts = [each if isinstance(each, Tensor) else np.array([each], "int64") for each in sizes]
        known = not any(isinstance(part, Tensor) for part in parts)
        return self.op("Reshape", x, np.array(sizes, "int64") if known else self.concat(parts, 0))

    def slice(self, x: Tensor, axis: int, start: Any = None, stop: Any = None, step: int = 1) -> Tensor:
        """What `x[start:stop:step]` is along an axis."""
        last = np.iinfo("int64").max
        start = (0 if step > 0 else last) if start is None else start
        stop = (last if step > 0 else -last) if stop is None else stop
        return self.op("Slice", x, *(np.array([each], "int64") for each in (start, stop, axis, step)))

    def flip(self, x: Tensor, axis: int) -> Tensor:
        """The tensor from its end; twice, and it is what it was."""
        flipped = self.memory.get(("flipped", x.name, axis)) or self.slice(x, axis, step=-1)
        self.memory["flipped", flipped.name, axis] = x
        self.memory["flipped", x.name, axis] = flipped
        return flipped

    def unsqueeze(self, x: Tensor, *axes: int) -> Tensor:
        return self.op("Unsqueeze", x, np.array(axes, "int64"))

    def squeeze(self, x: Tensor, *axes: int) -> Tensor:
        return self.op("Squeeze", x, np.array(axes, "int64"))

    def layer(self, layer: Any, *inputs: Any, **more: Any) -> Any:
        """What a Keras layer makes of tensors, their `shape` being known."""
        made = self.convert(self, layer, inputs, more)
        return made[0] if isinstance(made, list) and len(made) == 1 else made

    def where(self, condition: Any, a: Any, b: Any) -> Tensor:
        a, b = self.alike(a, b)
        return self.op("Where", self.cast(condition, "bool"), a, b, dtype=a.dtype)
