"""Keras's own layers in ONNX, and the few others whose code needs sizes that a graph does not know."""

import functools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from seqzoo import layers
from seqzoo.exporting.to_onnx.graph import Graph, Tensor
from seqzoo.exporting.to_onnx.recurrent import bidirectional, one_step, recurrent

LAYERS: dict[type, Callable] = {}


def converts(*kinds: type) -> Callable:
    """Registers `function(graph, layer, *inputs, **more)` for layers of these classes and of those made from them.

    Args:
        *kinds: classes of layers.

    Example:

    >>> @converts(keras.layers.LeakyReLU)
    ... def leaky_relu(graph, layer, x, **more):
    ...     return graph.op("LeakyRelu", x, alpha=layer.negative_slope)
    """

    def register(function: Callable) -> Callable:
        LAYERS.update(dict.fromkeys(kinds, function))
        return function

    return register


def converter_of(layer: Any) -> Callable | None:
    """The function for a layer's class, or for the nearest that it is made from; none where its `call` is its own."""
    kinds = type(layer).__mro__
    calls = next(kind for kind in kinds if "call" in vars(kind))
    if calls not in LAYERS and not calls.__module__.startswith(("keras.", "seqzoo.")):
        return None
    return next((LAYERS[kind] for kind in kinds if kind in LAYERS), None)


converts(keras.layers.RNN)(recurrent)
converts(keras.layers.Bidirectional)(bidirectional)
converts(
    layers.RNNCell, layers.GRUCell, layers.LSTMCell, keras.layers.SimpleRNNCell, keras.layers.GRUCell,
    keras.layers.LSTMCell, keras.layers.StackedRNNCells,
)(one_step)  # fmt: skip


@converts(
    keras.layers.Dropout, keras.layers.SpatialDropout1D, keras.layers.SpatialDropout2D, keras.layers.GaussianNoise,
    keras.layers.GaussianDropout, keras.layers.ActivityRegularization, keras.layers.Identity,
)  # fmt: skip
def nothing(g: Graph, layer: Any, x: Tensor, **_: Any) -> Tensor:
    return x


@converts(keras.layers.Embedding)
def embedding(g: Graph, layer: Any, ids: Tensor, **_: Any) -> Tensor:
    return g.op("Gather", _array(layer.embeddings), g.cast(ids, "int32"), axis=0)


@converts(keras.layers.Dense)
def dense(g: Graph, layer: Any, x: Tensor, **_: Any) -> Tensor:
    y = g.op("MatMul", x, _array(layer.kernel))
    return activation(g, layer.activation, y + _array(layer.bias) if layer.use_bias else y)


@converts(keras.layers.Activation)
def activated(g: Graph, layer: Any, x: Tensor, **_: Any) -> Tensor:
    return activation(g, layer.activation, x)


@converts(keras.layers.Softmax)
def softmax(g: Graph, layer: Any, x: Tensor, mask: Any = None) -> Tensor:
    if mask is None:
        return g.op("Softmax", x, axis=layer.axis)
    some = g.reduce("Max", g.cast(mask, "int32"), layer.axis, keepdims=True)
    return g.op("Softmax", g.where(mask, x, -3.4e38), axis=layer.axis) * g.cast(some, "float32")


@converts(keras.layers.Conv2D)
def convolution(g: Graph, layer: Any, x: Tensor, **_: Any) -> Tensor:
    if layer.data_format != "channels_last" or layer.padding not in ("same", "valid"):
        raise NotImplementedError(f"data_format={layer.data_format!r}, padding={layer.padding!r}")
    if layer.padding == "same" and any(rate != 1 for rate in layer.dilation_rate):
        raise NotImplementedError(f"padding='same' with dilation_rate={layer.dilation_rate}")
    y = g.op(
        "Conv",
        g.op("Transpose", x, perm=[0, 3, 1, 2]),
        _array(layer.kernel).transpose(3, 2, 0, 1),
        _array(layer.bias) if layer.use_bias else None,
        strides=list(layer.strides),
        dilations=list(layer.dilation_rate),
        group=layer.groups,
        auto_pad={"same": "SAME_UPPER", "valid": "VALID"}[layer.padding],
    )
    return activation(g, layer.activation, g.op("Transpose", y, perm=[0, 2, 3, 1]))


@converts(keras.layers.GlobalMaxPooling2D, keras.layers.GlobalAveragePooling2D)
def pooling(g: Graph, layer: Any, x: Tensor, **_: Any) -> Tensor:
    kind = "Max" if isinstance(layer, keras.layers.GlobalMaxPooling2D) else "Mean"
    return g.reduce(kind, x, (1, 2) if layer.data_format == "channels_last" else (2, 3), layer.keepdims)


@converts(keras.layers.LayerNormalization)
def layer_normalization(g: Graph, layer: Any, x: Tensor, **_: Any) -> Tensor:
    rank, axes = len(x.shape), np.atleast_1d(layer.axis)
    if sorted(axes % rank) != list(range(rank - len(axes), rank)) or getattr(layer, "rms_scaling", False):
        raise NotImplementedError(
            f"LayerNormalization over the last axes alone, without rms_scaling; axis={layer.axis}"
        )
    shape = [x.shape[axis] for axis in sorted(axes % rank)]
    scale = _array(layer.gamma) if layer.gamma is not None else np.ones(shape, "float32")
    bias = _array(layer.beta) if layer.beta is not None else None
    return g.op("LayerNormalization", x, scale, bias, axis=-len(shape), epsilon=layer.epsilon)


@converts(keras.layers.BatchNormalization)
def batch_normalization(g: Graph, layer: Any, x: Tensor, **_: Any) -> Tensor:
    shape = [1] * len(x.shape)
    shape[layer.axis] = -1
    mean, variance = (_array(w) for w in (layer.moving_mean, layer.moving_variance))
    scale = (_array(layer.gamma) if layer.scale else 1.0) / np.sqrt(variance + layer.epsilon)
    shift = (_array(layer.beta) if layer.center else 0.0) - mean * scale
    return x * scale.reshape(shape).astype("float32") + shift.reshape(shape).astype("float32")


MERGES = {
    keras.layers.Add: "Add", keras.layers.Subtract: "Sub", keras.layers.Multiply: "Mul",
    keras.layers.Average: "Add", keras.layers.Maximum: "Max", keras.layers.Minimum: "Min",
}  # fmt: skip


@converts(*MERGES)
def merge(g: Graph, layer: Any, parts: list, **_: Any) -> Tensor:
    """Parts of fewer axes get theirs after the batch's, as in Keras."""
    rank = max(len(part.shape) for part in parts)
    parts = [g.unsqueeze(x, *range(1, 1 + rank - len(x.shape))) if len(x.shape) < rank else x for x in parts]
    kind = next(kind for layers, kind in MERGES.items() if isinstance(layer, layers))
    merged = functools.reduce(lambda a, b: g.binary(kind, a, b), parts)
    return merged / float(len(parts)) if isinstance(layer, keras.layers.Average) else merged


@converts(keras.layers.Concatenate)
def concatenate(g: Graph, layer: Any, parts: list, **_: Any) -> Tensor:
    return g.concat(parts, layer.axis)


@converts(keras.layers.Rescaling)
def rescaling(g: Graph, layer: Any, x: Tensor, **_: Any) -> Tensor:
    return g.cast(x, "float32") * np.float32(layer.scale) + np.float32(layer.offset)


@converts(keras.layers.Masking)
def masking(g: Graph, layer: Any, x: Tensor, **_: Any) -> Tensor:
    absent = g.cast(g.binary("Equal", x, float(layer.mask_value), "bool"), "int32")
    return x * g.cast(g.op("Not", g.cast(g.reduce("Min", absent, -1, keepdims=True), "bool")), "float32")


@converts(keras.layers.Reshape)
def reshape(g: Graph, layer: Any, x: Tensor, **_: Any) -> Tensor:
    return g.reshape(x, g.size(x, 0), *layer.target_shape)


@converts(keras.layers.Flatten)
def flatten(g: Graph, layer: Any, x: Tensor, **_: Any) -> Tensor:
    if layer.data_format == "channels_first" and len(x.shape) > 1:
        x = g.op("Transpose", x, perm=[0, *range(2, len(x.shape)), 1])
    return g.op("Flatten", x, axis=1)


@converts(keras.layers.TimeDistributed)
def time_distributed(g: Graph, layer: Any, x: Tensor, mask: Any = None, **_: Any) -> Tensor:
    moments, masks = _moments(g, x), {}
    if mask is not None and len(mask.shape) > 2:
        masks["mask"] = _moments(g, mask)
    y = g.layer(layer.layer, moments, **masks)
    sizes = layer.layer.compute_output_shape(moments.shape)[1:]
    return g.reshape(y, g.size(x, 0), g.size(x, 1), *sizes)


def _moments(g, x):
    """All moments of all rows as one batch."""
    rest = x.shape[2:]
    sizes = [size if size is not None else g.size(x, axis) for axis, size in enumerate(rest, 2)]
    moments = g.reshape(x, -1, *sizes)
    moments.shape = (None, *rest)
    return moments


@converts(keras.layers.ReLU, keras.layers.LeakyReLU, keras.layers.ELU, keras.layers.PReLU)
def rectified(g: Graph, layer: Any, x: Tensor, **_: Any) -> Tensor:
    if isinstance(layer, keras.layers.PReLU):
        return g.op("PRelu", x, _array(layer.alpha))
    if isinstance(layer, keras.layers.ELU):
        return g.op("Elu", x, alpha=float(layer.alpha))
    if isinstance(layer, keras.layers.LeakyReLU):
        return g.op("LeakyRelu", x, alpha=float(layer.negative_slope))
    if layer.max_value is not None or layer.negative_slope or layer.threshold:
        raise NotImplementedError("a ReLU with max_value, negative_slope or threshold")
    return g.op("Relu", x)


@converts(keras.layers.Permute)
def permute(g: Graph, layer: Any, x: Tensor, **_: Any) -> Tensor:
    return g.op("Transpose", x, perm=[0, *layer.dims])


def activation(g: Graph, function: Any, x: Tensor) -> Tensor:
    """One of Keras's activations."""
    name = getattr(function, "__name__", repr(function))
    nodes: dict[str, tuple[str, dict]] = {
        "softmax": ("Softmax", {"axis": -1}),
        "log_softmax": ("LogSoftmax", {"axis": -1}),
        "hard_sigmoid": ("HardSigmoid", {"alpha": 1 / 6, "beta": 0.5}),
        **{n: (n.capitalize(), {}) for n in ("tanh", "sigmoid", "relu", "elu", "softsign", "softplus")},
    }
    if function is keras.activations.linear:
        return x
    if name not in nodes or function is not getattr(keras.activations, name):
        raise NotImplementedError(f"the activation {name}")
    kind, attributes = nodes[name]
    return g.op(kind, x, **attributes)


def _array(weight):
    return ops.convert_to_numpy(weight).astype("float32")
