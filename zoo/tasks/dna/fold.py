"""Reading a sequence from both ends at once."""

from typing import Any

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable("seqzoo")
class Fold(keras.layers.Layer):
    """Folds a sequence in its middle, so that it is read from both ends towards the middle.

    Step t of the result is [x⟨t⟩, x⟨Tx+1−t⟩], for t up to Tx / 2, rounded up. Padding counts
    for nothing: the fold of a sequence is the same alone and beside a longer one.

    Call arguments:
        x: shape `(batch, time, features)`, with a mask over padding at its ends, or none.

    Output shape:
        `(batch, time / 2, 2 * features)`, with a mask.

    Example:

    >>> ops.convert_to_numpy(Fold()(ops.array([[[1.0], [2.0], [3.0], [4.0]]])))
    array([[[1., 4.],
            [2., 3.]]], dtype=float32)
    """

    steps_read = ("x⟨1⟩\nx⟨Tx⟩", "x⟨2⟩\nx⟨Tx−1⟩", "x⟨3⟩\nx⟨Tx−2⟩", "…", "x⟨Tx/2⟩\nx⟨Tx/2+1⟩")  # in pictures

    def call(self, x: Any, mask: Any = None) -> Any:
        batch, time, features = ops.shape(x)
        half = (time + 1) // 2
        counts = ops.ones((batch, time), "int32") if mask is None else ops.cast(mask, "int32")
        last = ops.sum(counts, axis=1, keepdims=True) - 1
        places = ops.maximum(last - ops.arange(half, dtype="int32"), 0)
        backwards = ops.take_along_axis(x, ops.repeat(places[..., None], features, axis=-1), axis=1)
        return ops.concatenate([x[:, :half], backwards], axis=-1)

    def to_onnx(self, graph: Any, x: Any, mask: Any = None) -> Any:
        """The same in ONNX, see `seqzoo.exporting`, which does not know how long a sequence is."""
        counts = graph.op("Expand", 1, graph.slice(graph.op("Shape", x, dtype="int64"), 0, 0, 2))
        step = graph.op("CumSum", counts, np.int64(1)) - 1
        step = graph.binary("Div", graph.slice(step, 1, step=2), 2)  # 0, 1, … up to the middle
        counts = counts if mask is None else graph.cast(mask, "int64")
        last = graph.reduce("Sum", counts, 1, keepdims=True) - 1
        both = (step, graph.binary("Max", last - step, 0))
        return graph.concat((graph.op("GatherND", x, graph.unsqueeze(t, 2), batch_dims=1) for t in both), -1)

    def compute_mask(self, x: Any, mask: Any = None) -> Any:
        return None if mask is None else mask[:, ::2]

    def compute_output_shape(self, shape: tuple) -> tuple:
        batch, time, features = shape
        return (batch, None if time is None else (time + 1) // 2, 2 * features)
