"""The cell's own step, called once for each moment: the specification of every other way."""

import inspect

from keras import ops, tree

from seqzoo.layers.backends.base import Backend
from seqzoo.layers.backends.scan import scan, swapped, where_it_counts
from seqzoo.layers.cell import Cell
from seqzoo.layers.cell_protocol import cells_of, output_size, state_sizes


class PlainSteps(Backend):
    """Runs any cell with `state_size` and `call(x, states) -> (output, states)`.

    Args:
        reason: why no faster way is taken, for `RNN.explain`.
        unroll: whether the graph holds one copy of the step for each moment.
    """

    def __init__(self, reason: str, unroll: bool = False):
        self.description = f"Plain steps: {reason}"
        self.unroll = unroll

    def runs(self, cell, training):
        return True

    def run(self, cell, x, states, mask, collect, training):
        first = [first_output(cell, x, states), *states]
        xs = [swapped(part) for part in (x, mask) if part is not None]
        (output, *after), outputs = scan(_step(cell, training), first, xs, collect, self.unroll)
        return output, swapped(outputs) if collect else None, after


def _step(cell, training):
    """The step, which carries output and states through the moments that are masked."""
    kwargs = {"training": training} if "training" in inspect.signature(cell.call).parameters else {}

    def step(carried, inputs):
        x, *keep = inputs
        _, *before = carried
        output, after = cell(x, tree.pack_sequence_as(state_sizes(cell), before), **kwargs)
        after = [output, *tree.flatten(after)]
        after = [ops.cast(new, old.dtype) for new, old in zip(after, carried)]
        after = where_it_counts(keep, after, carried)
        return after, after[0]

    return step


def first_output(cell, x, states):
    """What a row gives before its first step that counts."""
    *_, last = cells_of(cell)
    if isinstance(last, Cell):
        return states[-len(state_sizes(last))]
    dtype = getattr(cell, "compute_dtype", states[0].dtype)
    return ops.zeros((ops.shape(x)[0], output_size(cell)), dtype=dtype)
