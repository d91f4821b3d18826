"""Cells that are stacked within each step, one after the other over the whole sequence."""

from collections.abc import Sequence

from seqzoo.layers.backends.base import Backend
from seqzoo.layers.cell_protocol import state_sizes


class CellByCell(Backend):
    """Runs a stack of cells whose every cell has a way that runs it.

    A cell reads the output that the one below it has made in the same step, and nothing later: so the
    lower may go to the end of the sequence before the upper begins.

    Args:
        ways: that of each cell, from below.
    """

    def __init__(self, ways: Sequence[Backend]):
        self.ways = ways
        self.description = f"One cell after the other. {ways[0].description}"

    @property
    def supports_jit(self):
        return all(way.supports_jit for way in self.ways)

    def runs(self, cell, training):
        return all(way.runs(one, training) for way, one in zip(self.ways, cell.cells))

    def run(self, cell, x, states, mask, collect, training):
        after = []
        for place, (one, way) in enumerate(zip(cell.cells, self.ways)):
            count = len(state_sizes(one))
            before, states = states[:count], states[count:]
            is_last = place == len(cell.cells) - 1
            output, x, new = way.run(one, x, before, mask, collect or not is_last, training)
            after += new
        return output, x, after
