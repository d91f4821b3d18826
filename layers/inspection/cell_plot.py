"""The picture of a cell's inside."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import TYPE_CHECKING

from seqzoo.layers.cell import Cell
from seqzoo.layers.cell_names import CELLS
from seqzoo.layers.inspection.cell_graph import STACK, STATE, TIMES, UNIT, X, read_cell
from seqzoo.layers.inspection.cell_places import OUT, CellPlaces

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GATE, CANDIDATE = "#e1d5ee", "#cfe2f3"
HALF_BOX, REACH = 0.8, 0.18  # from the middle of a unit's box, and of a circle, to its edge
INK, PALE = "black", "0.85"  # what is computed already, and what is still to come
SYMBOL = re.compile("([^\\W\\d_])(\N{COMBINING TILDE}?)([a-z]*)(?:⟨([^⟩]*)⟩)?")


def plot_cell(cell: Cell | str, up_to: Collection[str] = ()) -> Figure:
    """Draws the inside of a cell: what goes in, its gates, what is multiplied and added, what comes out.

    Nothing is drawn by hand: the cell's own `call` is read (see `read_cell`), so that an arrow
    is there because the cell computes so. Boxes are g(W [·] + b), gates purple and others blue;
    circles act number by number. Lines that cross are joined only where there is a dot.

    Reference: the notes "Recurrent Neural Networks".

    Args:
        cell: a `Cell`, or the name of one, such as `"gru"`.
        up_to: names of values, such as `("Γu", "Γr")`, to draw a cell stage by stage: they and what
            they are made of, and the rest pale. Without any, the whole cell.

    Returns:
        `matplotlib.figure.Figure`.

    Raises:
        ValueError: there is no such cell, its `call` cannot be read, or it has no value of such a name.

    Example:

    >>> figure = plot_cell("gru")
    >>> [text.get_gid() for text in figure.axes[0].texts if text.get_gid() in ("Γu", "Γr", "c̃")]
    ['Γu', 'Γr', 'c̃']
    """
    import matplotlib.pyplot as plt

    graph = read_cell(_cell(cell))
    places = CellPlaces(graph)
    shown = graph.up_to(up_to) if up_to else set(graph.nodes)
    width, height = places.width, places.top + 0.5
    figure, axis = plt.subplots(figsize=(0.82 * width, 0.72 * (height + 0.5)), layout="constrained")
    drawn = [route for route in places.routes if (route.source if route.node is OUT else route.node) in shown]
    for ink, routes in ((PALE, [route for route in places.routes if route not in drawn]), (INK, drawn)):
        for route in routes:
            _draw_route(axis, places, route, ink)
        for x, y in places.joints(routes):
            axis.plot(x, y, "o", color=ink, markersize=4.5)
    for node in places.at:
        _draw_node(axis, places, node, INK if node in shown else PALE)
    for node in places.ends:
        _write(axis, graph.end(node), *places.end(node), ha="left", color=INK if node in shown else PALE)
    axis.set(xlim=(0, width), ylim=(-0.5, height))
    axis.axis("off")
    figure.set_label(f"The inside of a cell. {'; '.join(graph.equations(shown))}.")
    plt.close(figure)
    return figure


def in_math(text: str) -> str:
    r"""The notes' symbols as matplotlib and LaTeX typeset them.

    >>> in_math("[Γr ∗ c⟨t−1⟩, x⟨t⟩]"), in_math("Waa")
    ('$[\\Gamma_{r} \\ast c^{\\langle t-1\\rangle}, x^{\\langle t\\rangle}]$', '$W_{aa}$')
    """

    def typeset(match):
        letter, tilde, below, step = match.groups()
        letter = r"\Gamma" if letter == "Γ" else letter
        letter = rf"\tilde{{{letter}}}" if tilde else letter
        step = (step or "").replace("−", "-")
        return letter + (f"_{{{below}}}" if below else "") + (rf"^{{\langle {step}\rangle}}" if step else "")

    return f"${SYMBOL.sub(typeset, unicodedata.normalize('NFD', text))}$".replace("∗", r"\ast")


def _cell(cell):
    if isinstance(cell, Cell):
        return cell
    if cell not in CELLS:
        names = ", ".join(map(repr, CELLS))
        raise ValueError(f"Expected: a cell, or one of {names}. Received: {cell!r}. To do: choose one of these.")
    return CELLS[cell](1)


def _draw_route(axis, places, route, ink):
    """Straight lines, with the head of an arrow at every node that they come to."""
    points = [places.xy(point) for point in route.points]
    for begin, end in zip(points, points[1:]):
        stops = [node for node in route.stops if _between(begin, places.at_xy(node), end)]
        for node in stops:
            near = _edge(places, node, begin, places.at_xy(node))
            _arrow(axis, begin, near, ink)
            begin = places.at_xy(node)
        if route.node is OUT:
            _arrow(axis, begin, end, ink)
        elif not stops:
            axis.plot(*zip(begin, end), **_line(ink))


def _between(begin, place, end):
    (x0, y0), (x, y), (x1, y1) = begin, place, end
    return min(x0, x1) <= x <= max(x0, x1) and min(y0, y1) <= y <= max(y0, y1) and place != begin


def _edge(places, node, begin, place):
    """Where a line from `begin` meets the edge of a node."""
    y0, (x, y) = begin[1], place
    across = {UNIT: HALF_BOX, STACK: places.half_stack(node)}.get(node.kind, REACH)
    up = {UNIT: 0.36, STACK: 0.26}.get(node.kind, REACH)
    return (x - across, y) if y0 == y else (x, y - up if y0 < y else y + up)


def _line(ink):
    return dict(color=ink, linewidth=1.2, snap=True, zorder=1 if ink == PALE else 2)


def _arrow(axis, start, end, ink):
    line = _line(ink)
    arrow = dict(arrowstyle="-|>", shrinkA=0, shrinkB=0, **line)
    axis.annotate("", end, start, arrowprops=arrow, zorder=line["zorder"])


def _draw_node(axis, places, node, ink):
    symbol, (x, y) = places.graph.symbol(node), places.at_xy(node)
    if node.kind in (X, STATE):
        _write(axis, symbol, x, y, color=ink, bbox=dict(fc="white", ec="none", pad=2))
    elif node.kind == STACK:
        _write(axis, symbol, x, y, color=ink)
        _box(axis, x, y, places.half_stack(node), 0.26, "white", ink)
    elif node.kind == UNIT:
        gate = symbol.startswith("Γ")
        _box(axis, x, y, HALF_BOX, 0.36, "white" if ink == PALE else GATE if gate else CANDIDATE, ink)
        _write(axis, symbol, x, y + 0.14, "" if gate or not symbol else "⟨t⟩", color=ink)
        inside = ", ".join(filter(None, [node.function, *map(in_math, node.weights)]))
        axis.text(x, y - 0.18, inside, ha="center", va="center", fontsize=10, zorder=4, color=ink)
    else:
        circle = dict(boxstyle="circle,pad=0.2" if len(node.kind) == 1 else "round,pad=0.25", fc="white", ec=ink)
        text = r"$\ast$" if node.kind == TIMES else node.kind
        style = dict(ha="center", va="center", bbox=circle, gid=node.kind, fontsize=11, zorder=4, color=ink)
        axis.text(x, y, text, **style)


def _box(axis, x, y, across, up, colour, ink):
    from matplotlib.patches import FancyBboxPatch

    style = dict(boxstyle="round,pad=0,rounding_size=0.1", fc=colour, ec=ink, zorder=3)
    axis.add_patch(FancyBboxPatch((x - across, y - up), 2 * across, 2 * up, **style))


def _write(axis, symbol, x, y, at="", **options):
    options = {"ha": "center", "va": "center", "fontsize": 12, "zorder": 4, **options}
    axis.text(x, y, in_math(symbol + at), gid=symbol, **options)
