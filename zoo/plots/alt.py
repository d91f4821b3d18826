"""Pictures in words, made of what was drawn: for readers who do not see them."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import PathCollection
from matplotlib.container import BarContainer, ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter, FuncFormatter

FEW = 12  # names or values that are told one by one
MOST = 600  # letters


def alt_text(figure: Figure) -> str:
    """Says what a figure shows: its panels, their axes, and the numbers of what is drawn in them.

    A function that draws what numbers do not say gives its figure a label, `figure.set_label(...)`,
    which is taken instead.

    Args:
        figure: of matplotlib, drawn to its end.

    Example:

    >>> from seqzoo.plots import plot_curves
    >>> alt_text(plot_curves({"loss": [0.6, 0.4], "val_loss": [0.5, 0.7]}))
    'loss over epoch 1 to 2: training from 0.6 to 0.4; validation from 0.5 to 0.7.'
    """
    if label := figure.get_label():
        return str(label)
    panels = [words for axis in figure.axes if axis.get_label() != "<colorbar>" and (words := _panel(axis))]
    text = (f"{len(panels)} pictures. " if len(panels) > 1 else "") + " ".join(f"{panel}." for panel in panels)
    return text if len(text) <= MOST else f"{text[: text.rfind(' ', 0, MOST)]} …"


class _WithWords:
    """A figure as its formatter draws it, with its words beside."""

    def __init__(self, drawn):
        self.drawn = drawn

    def __call__(self, figure):
        return self.drawn(figure), {"alt": alt_text(figure)}


def alt_texts() -> None:
    """In a notebook: from here on, each picture keeps its words with it, as the `alt` of its output.

    Called again, it changes nothing.
    """
    from IPython import get_ipython

    formatter = get_ipython().display_formatter.formatters["image/png"]
    drawn = formatter.lookup_by_type(Figure)
    if not isinstance(drawn, _WithWords):
        formatter.for_type(Figure, _WithWords(drawn))


def _panel(axis: Axes) -> str:
    title = " ".join(filter(None, (axis.get_title(loc=place) for place in ("left", "center", "right"))))
    if axis.images:
        return _named(title, _heat_map(axis))
    drawn = [*_bars(axis), *_points_with_bars(axis), *_lines(axis), *_clouds(axis)]
    if not axis.axison:
        drawn += [", ".join(" ".join(text.get_text().split()) for text in axis.texts if text.get_text())]
        return _named(title, "; ".join(filter(None, drawn)))
    over = (
        " over ".join(filter(None, (axis.get_ylabel(), f"{axis.get_xlabel()} {_span(axis)}".strip()))) if drawn else ""
    )
    return _named(title, _named(over, "; ".join(drawn)))


def _named(name: str, text: str) -> str:
    return f"{name}: {text}" if name and text else name or text


def _ticks(axis: Axis) -> list[str]:
    """The names along an axis; none where it has numbers."""
    named = isinstance(axis.get_major_formatter(), (FixedFormatter, FuncFormatter))
    return [" ".join(label.get_text().split()) for label in axis.get_ticklabels()] if named else []


def _span(axis: Axes) -> str:
    """From where to where lines go."""
    x = [value for line in _named_lines(axis) for value in line.get_xdata()]
    return f"{min(x):.4g} to {max(x):.4g}" if x else ""


def _heat_map(axis: Axes) -> str:
    values = np.ma.masked_invalid(axis.images[0].get_array())
    if values.ndim > 2 or not axis.axison:
        return f"an image of {values.shape[0]} by {values.shape[1]} points"
    rows, columns = _ticks(axis.yaxis), _ticks(axis.xaxis)
    size = f"{axis.get_ylabel() or 'rows'} down ({_names(rows) or values.shape[0]})"
    size += f", {axis.get_xlabel() or 'columns'} across ({_names(columns) or values.shape[1]})"
    text = f"heat map, {size}, from {values.min():.2g} to {values.max():.2g}"
    if len(rows) == values.shape[0] <= FEW and len(columns) == values.shape[1]:
        signed = values.min() < 0
        best = (abs(values) if signed else values).argmax(axis=1)
        again = len(set(columns)) < len(columns)  # letters of a sequence, say: their place tells them apart
        names = [f"{name} (place {at})" if again else name for at, name in enumerate(columns, 1)]
        pairs = [f"{row} at {names[at]} {values[i, at]:.2f}" for i, (row, at) in enumerate(zip(rows, best))]
        text += f"; {'furthest from 0 in' if signed else 'the most of'} each row: {', '.join(pairs)}"
    return text


def _names(names: list[str]) -> str:
    return " ".join(names[:FEW]) + (" …" if len(names) > FEW else "")


def _named_lines(axis: Axes) -> list[Any]:
    named = [line for line in axis.lines if not line.get_label().startswith("_")]
    return [line for line in named if _finite(line).any()]


def _finite(line: Any) -> np.ndarray:
    return np.isfinite(np.asarray(line.get_ydata(), float))


def _lines(axis: Axes) -> list[str]:
    told = []
    for line in _named_lines(axis):
        there = _finite(line)
        x, y = np.asarray(line.get_xdata())[there], np.asarray(line.get_ydata())[there]
        if y[0] == y[-1] == y.min() == y.max():
            told.append(f"{line.get_label()} {y[0]:.3g}")
            continue
        words = f"{line.get_label()} from {y[0]:.3g} to {y[-1]:.3g}"
        for name, at in (("least", y.argmin()), ("most", y.argmax())):
            if at not in (0, len(y) - 1):
                words += f", {name} {y[at]:.3g} at {x[at]:.4g}"
        told.append(words)
    others = sum(line.get_label().startswith("_") and len(line.get_xdata()) > 2 for line in axis.lines)
    return [*told, *([f"{others} lines"] if others and not axis.containers else [])]


def _bars(axis: Axes) -> list[str]:
    told = []
    for bars in (each for each in axis.containers if isinstance(each, BarContainer)):
        upright = bars.orientation == "vertical"
        sizes = [bar.get_height() if upright else bar.get_width() for bar in bars]
        told.append(_named(_label(bars), _values(_ticks(axis.xaxis if upright else axis.yaxis), sizes)))
    return told


def _points_with_bars(axis: Axes) -> list[str]:
    drawn = [each for each in axis.containers if isinstance(each, ErrorbarContainer)]
    return [_named(_label(each), _values(_ticks(axis.xaxis), each.lines[0].get_ydata())) for each in drawn]


def _clouds(axis: Axes) -> list[str]:
    clouds = [each for each in axis.collections if isinstance(each, PathCollection)]
    return [_named(_label(each), f"{len(each.get_offsets())} points") for each in clouds]


def _label(drawn: Any) -> str:
    return "" if drawn.get_label().startswith("_") else drawn.get_label()


def _values(names: list[str], values: Any) -> str:
    if len(names) != len(values) or len(values) > 3 * FEW:
        return f"{len(values)} values from {min(values):.3g} to {max(values):.3g}"
    return ", ".join(f"{name}: {value:.3g}" for name, value in zip(names, values))
