"""Where everything stands in the picture of a cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from seqzoo.layers.inspection.cell_graph import PLUS, STACK, STATE, TIMES, UNIT, CellGraph, Node, X

OPERATORS = (TIMES, PLUS)
OUT = Node("out")  # where a state leaves the cell


@dataclass(frozen=True, eq=False)
class Route:
    """The way of a value to what reads it: points, and the nodes on it, the last where it ends."""

    source: Node
    node: Node
    points: tuple[tuple[float, float], ...]
    stops: tuple[Node, ...]


class CellPlaces:
    """A column and a height for each node of a cell, and the routes between them.

    A state that comes out made of itself by products and sums alone has a lane, on top. Each
    unit that reads what goes in has a row below, and what is made of it stays in that row. A
    line runs along the row of what it comes from, then up or down in the column of what reads it.

    Args:
        graph: of the cell.

    Attributes:
        at: column and height of each node, the columns counted from 0.
        ends: the nodes that come out.
        top: the height of the highest.
    """

    def __init__(self, graph: CellGraph):
        self.graph = graph
        self.readers = {node: [n for n in graph.nodes if node in n.inputs] for node in graph.nodes}
        self.lanes = _lanes(graph)
        first = sorted((n for n in graph.nodes if self._is_first(n)), key=self._near_the_lane)
        self.rows = {unit: float(len(first) - i) for i, unit in enumerate(first)}
        self.middle = (len(first) + 1) / 2
        self.top = len(first) + (0.6 + max(self.lanes.values(), default=0) + 1 if self.lanes else 0.0)
        self.at: dict[Node, tuple[int, float]] = {}
        self._taken: list = []
        for node in graph.nodes:
            if not _is_single(node):
                self._place(node)
        self.ends = list(dict.fromkeys(graph.after))
        self._widths = self._measure()
        self.routes = [*self._inner(), *self._outer()]

    @property
    def width(self) -> float:
        return sum(self._widths)

    def xy(self, place: tuple[float, float]) -> tuple[float, float]:
        """Where a place is drawn: whole columns are their middles, halves the borders between."""
        column, y = place
        whole = int(column)
        part = 0.5 if column == whole else 1.0
        return sum(self._widths[:whole]) + part * self._widths[whole], y

    def at_xy(self, node: Node) -> tuple[float, float]:
        return self.xy(self.at[node])

    def end(self, node: Node) -> tuple[float, float]:
        """Where the name of a state that comes out begins."""
        return self.width - self._widths[-1] + 0.3, self.at[node][1]

    def half_stack(self, node: Node) -> float:
        """Half the width of the box of [a, x]."""
        return 0.2 + 0.054 * len(self.graph.symbol(node))

    def joints(self, routes: Sequence[Route]) -> list[tuple[float, float]]:
        """Where a line of these routes parts: there it goes on in more than one direction."""
        parts: dict = {}
        for route in routes:
            for here, after in zip(route.points[1:], route.points[2:]):
                parts.setdefault((route.source, here), set()).add(_direction(here, after))
        for (source, here), directions in parts.items():
            for route in routes:
                for begin, end in zip(route.points, route.points[1:]):
                    if route.source is source and _passes(begin, here, end):
                        directions.add(_direction(begin, end))
        return [self.xy(here) for (_, here), directions in parts.items() if len(directions) > 1]

    def _is_first(self, node):
        return node.kind == UNIT and all(n.kind in (X, STATE) for n in _leaves(node.inputs[0]))

    def _near_the_lane(self, unit):
        """Units that act on a lane come first, then in the order in which they are used."""
        readers = [r for n in self.readers[unit] for r in (self.readers[n] if _is_single(n) else [n])]
        first = min((self.graph.nodes.index(reader) for reader in readers), default=0)
        place = next((r.inputs.index(unit) for r in readers if unit in r.inputs), 0)
        return not any(reader in self.lanes for reader in readers), first, place

    def _place(self, node):
        inputs = [_source(n) for n in node.inputs]
        y = self._height(node, inputs)
        column = 0
        if inputs:
            column = max(self._after(node, each, y) for each in inputs)
            column = max(column, 2) if node in self.rows else column
            while node.kind in OPERATORS and any(self._meets(column, y, each) for each in inputs):
                column += 1
        self.at[node] = column, y
        for each in inputs:
            self._taken.append((column, *sorted((self.at[each][1], y)), each))
        for each in node.inputs:
            chain = _chain(each)
            begin = self.at[_source(each)][1]
            for i, single in enumerate(chain, 1):
                self.at[single] = column, begin + (y - begin) * i / (len(chain) + 1)

    def _height(self, node, inputs):
        if node in self.lanes:
            return self.top - self.lanes[node]
        if node.kind == X:
            return 0.0
        if node in self.rows:
            return self.rows[node]
        if all(n.kind in (X, STATE) for n in inputs):
            return self.middle
        return next(self.at[n][1] for n in inputs if n.kind != STATE and n not in self.lanes)

    def _after(self, node, each, y):
        column, height = self.at[each]
        above = each.kind in OPERATORS and height != y and node in self.lanes
        return column if above else column + 1

    def _meets(self, column, y, each):
        low, high = sorted((self.at[each][1], y))
        return any(
            taken == column and low < up and down < high and whose is not each for taken, down, up, whose in self._taken
        )

    def _measure(self):
        widths = [0.95] * (max(column for column, _ in self.at.values()) + 2)
        for node, (column, _) in self.at.items():
            width = {UNIT: 2.15, STACK: 2 * self.half_stack(node) + 0.3}.get(node.kind, 0.95)
            widths[column] = max(widths[column], width)
        widths[-1] = max(0.5 + 0.13 * len(self.graph.end(node)) for node in self.ends)
        return widths

    def _inner(self):
        for node, (column, y) in self.at.items():
            for each in () if _is_single(node) else node.inputs:
                source = _source(each)
                start, height = self.at[source]
                if node.kind == UNIT and height != y:
                    bends = ((column - 0.5, height), (column - 0.5, y))
                else:
                    bends = ((column, height),) if height != y and start != column else ()
                points = ((start, height), *bends, (column, y))
                yield Route(source, node, points, (*_chain(each), node))

    def _outer(self):
        for node in self.ends:
            column, y = self.at[node]
            yield Route(node, OUT, ((column, y), (len(self._widths) - 1.5, y)), ())


def _is_single(node):
    """A function of one value, which stands on the line to whatever reads it."""
    return len(node.inputs) == 1 and node.kind != UNIT


def _source(node):
    return _source(node.inputs[0]) if _is_single(node) else node


def _chain(node):
    return (*_chain(node.inputs[0]), node) if _is_single(node) else ()


def _leaves(node):
    return node.inputs if node.kind == STACK else (node,)


def _lanes(graph):
    """For each node on the way of a state through products and sums alone: which lane that is, from 0."""
    found: dict[Node, int] = {}
    for before, after in zip(graph.before, graph.after):
        way = _way(before, after)
        if way:
            found |= dict.fromkeys(way, len(set(found.values())))
    return found


def _way(before, after):
    if after is before:
        return [before]
    for each in after.inputs if after.kind in OPERATORS else ():
        way = _way(before, each)
        if way:
            return [*way, after]
    return []


def _direction(begin, end):
    (x0, y0), (x1, y1) = begin, end
    return (x1 > x0) - (x1 < x0), (y1 > y0) - (y1 < y0)


def _passes(begin, place, end):
    """Whether a straight line goes through a place and on."""
    (x0, y0), (x, y), (x1, y1) = begin, place, end
    if y0 == y1 == y:
        return min(x0, x1) < x < max(x0, x1)
    return x0 == x1 == x and min(y0, y1) < y < max(y0, y1)
