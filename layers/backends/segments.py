"""Recomputation: the sequence in segments, each of which runs again for its gradient."""

import contextlib
import math

import keras
from keras import ops

from seqzoo.layers.backends.base import Backend
from seqzoo.layers.backends.fused_cells import FUSED_CELLS
from seqzoo.layers.backends.plain_steps import first_output
from seqzoo.layers.backends.scan import scan
from seqzoo.layers.backends.tensorflow_loop import known_shape
from seqzoo.layers.cell import DropoutMasks
from seqzoo.layers.cell_protocol import cells_of

SHORT = 4  # so few steps are not cut
UNKNOWN = 64  # the steps of a segment where the graph does not know how many there are in all


class Segments(Backend):
    """Runs another way over one segment of the sequence after the other, about √T of √T steps.

    Forward, only the states at their borders are kept. For the gradient each segment runs again,
    from the last to the first, and what its gradient needs is there for one segment at a time.

    Reference: Chen et al., 2016, "Training Deep Nets with Sublinear Memory Cost".

    Args:
        way: what runs each segment.
    """

    def __init__(self, way: Backend):
        self.way, self.ways = way, getattr(way, "ways", [way])
        self.description = f"{way.description}; recompute=True runs each segment again for its gradient"
        self.supports_jit = way.supports_jit

    def runs(self, cell, training):
        return self.way.runs(cell, training)

    def run(self, cell, x, states, mask, collect, training):
        length = x.shape[1]
        if length is not None and length < SHORT:
            return self.way.run(cell, x, states, mask, collect, training)
        size = UNKNOWN if length is None else math.ceil(math.sqrt(length))
        whole = ops.shape(x)[1] // size * size
        parts = [part for part in (x, mask) if part is not None]
        step = _step(self.way, cell, collect, training)
        # Copies, because TensorFlow counts the gradient of a variable twice.
        carried = [ops.copy(part) for part in (first_output(cell, x, states), *states)]
        batch, units = ops.shape(carried[0])

        cut = [_cut(part[:, :whole], size) for part in parts]
        loop = _tensorflow_loop if keras.backend.backend() == "tensorflow" else scan
        carried, outputs = loop(step, carried, cut, collect)
        outputs = [ops.reshape(ops.swapaxes(outputs, 0, 1), (batch, whole, units))] if collect else []
        if length is None or whole < length:
            carried, rest = step(carried, [part[:, whole:] for part in parts])
            outputs += [ops.reshape(rest, (batch, -1, units))] if collect else []
        output, *after = carried
        return output, ops.concatenate(outputs, axis=1) if collect else None, after


def _cut(x, size):
    """(batch, n * size, …) → (n, batch, size, …)"""
    batch, _, *rest = ops.shape(x)
    return ops.swapaxes(ops.reshape(x, (batch, -1, size, *rest)), 0, 1)


def _tensorflow_loop(step, carried, xs, collect):
    """As `scan`, whose moments are rows of features alone on TensorFlow."""
    import tensorflow as tf

    first = xs[0]
    count = tf.shape(first)[0] if first.shape[0] is None else first.shape[0]
    room = tf.maximum(1, count)  # XLA compiles a segment where there is none too
    if first.shape[0] is None:
        xs = [tf.pad(x, [[0, room - count], *[[0, 0]] * (len(x.shape) - 1)]) for x in xs]
    xs = [tf.TensorArray(x.dtype, room, element_shape=x.shape[1:]).unstack(x) for x in xs]
    batch, units = ops.shape(carried[0])
    row = tf.zeros((batch, first.shape[2] * units), carried[0].dtype)
    rows = tf.TensorArray(row.dtype, room).write(0, row)

    def body(i, carried, rows):
        after, row = step(carried, [x.read(i) for x in xs])
        after = [known_shape(state, before.shape) for state, before in zip(after, carried)]
        return i + 1, after, rows.write(i, row) if collect else rows

    _, carried, rows = tf.while_loop(lambda i, *_: i < count, body, (0, carried, rows), maximum_iterations=room)
    return carried, rows.stack()[:count] if collect else None


def _step(way, cell, collect, training):
    """The step of a loop over segments: `(carried, inputs) -> (carried, outputs)`, a row's outputs side by side."""
    masks = _drawn_masks(cell) if training else []
    variables = getattr(cell, "variables", [])
    weights = [v for v in variables if keras.backend.is_float_dtype(v.dtype)]
    others = [(v, ops.copy(v)) for v in variables if not keras.backend.is_float_dtype(v.dtype)]
    values = [ops.copy(v) for v in weights]
    *_, last = cells_of(cell)

    def step(carried, inputs):
        x, *mask = inputs

        @keras.remat
        def segment(x, values, carried):
            output, *states = carried
            with _variables_are([*zip(weights, values), *others]), _masks_are(masks):
                new, outputs, after = way.run(cell, x, states, *(mask or [None]), collect, training)
            if mask and type(last) not in FUSED_CELLS:
                # What such a cell gives before its first step that counts need not be a state.
                begun = ops.cumsum(ops.cast(mask[0], "int32"), axis=1) > 0
                new = ops.where(begun[:, -1], new, output)
                outputs = ops.where(begun, outputs, output[:, None]) if collect else None
            return [new, *after, *([ops.reshape(outputs, (ops.shape(x)[0], -1))] if collect else [])]

        results = segment(x, values, carried)
        return list(results[: len(carried)]), results[-1]

    return step


@contextlib.contextmanager
def _variables_are(values):
    """Variables have these values, which stay: what runs again has to be the same."""
    scope = keras.StatelessScope(values)
    before = [scope.get_current_value(variable) for variable, _ in values]
    with scope:
        yield
    for (variable, _), value in zip(values, before):
        if scope.get_current_value(variable) is not value:
            raise ValueError(
                "recompute=True expects a cell that gives the same when it runs again.\n"
                f"Received: one that changes {variable.path!r} in its steps, as one does that draws random numbers.\n"
                "Leave recompute=False, or draw before the sequence."
            )


def _drawn_masks(cell):
    """The masks of dropout, which are drawn for all steps: `(cell, the method that gives it, mask)`."""
    methods = ("get_dropout_mask", "get_recurrent_dropout_mask")
    cells = [one for one in cells_of(cell) if isinstance(one, DropoutMasks)]
    return [(one, method, getattr(one, method)(None)) for one in cells for method in methods]


@contextlib.contextmanager
def _masks_are(drawn):
    """Cells give these masks, and not those of another call when a segment runs again."""
    for cell, method, mask in drawn:
        object.__setattr__(cell, method, lambda x, mask=mask: mask)
    try:
        yield
    finally:
        for cell, method, _ in drawn:
            object.__delattr__(cell, method)
