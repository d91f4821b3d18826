"""What goes on inside a model of a task while it reads raw data."""

from typing import Any

import keras
import numpy as np

from seqzoo.layers import trace
from seqzoo.layers.inspection import Trace


def trace_model(model: Any, x: Any, layer: str = "recurrent_1") -> Trace:
    """Every gate and state of a recurrent layer of a task's model, on raw examples.

    Args:
        model: of a task, whose network has the layer; not of an encoder-decoder.
        x: raw examples, as `predict` takes them.
        layer: its name.

    Returns:
        As `seqzoo.layers.trace`; what pads a shorter example is NaN.

    Example:

    >>> import seqzoo
    >>> model = seqzoo.create_model("sentiment", texts=["so good", "so bad", "good"], labels=["bad", "good"], units=4)
    >>> trace_model(model, ["so good", "bad"])["forward/Γu"].shape
    (2, 2, 4)
    """
    preprocessor, layer = model.preprocessor, model.network.get_layer(layer)
    before = keras.Model(model.network.input, layer.input)
    return trace(layer, *keras.tree.flatten(before(preprocessor.inputs(preprocessor.rows(x)))))


def moved(inside: Trace, name: str) -> np.ndarray:
    """How far a state moves at each step: |c⟨t⟩ − c⟨t−1⟩|, the mean over its units.

    A backward chain comes to step t from step t + 1.

    Args:
        inside: what `trace` or `trace_model` gave.
        name: of the state, such as `"c"` or `"backward/a"`.

    Returns:
        Array of shape `(batch, time)`, NaN where a step is padding.

    Example:

    >>> moved(Trace({"c": np.array([[[0.5], [0.5], [-0.5]]])}), "c")
    array([[0.5, 0. , 1. ]])
    """
    states = inside[name]
    nothing = np.zeros_like(states[:, :1])
    backward = name.startswith("backward/")
    before = [states[:, 1:], nothing] if backward else [nothing, states[:, :-1]]
    before = np.nan_to_num(np.concatenate(before, axis=1))  # it begins with 0, before what is padding too
    return np.abs(states - before).mean(axis=-1)
