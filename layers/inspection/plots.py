"""Pictures of what `trace` and `gradient_norms` find. Each function returns its matplotlib figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from seqzoo.layers.inspection.series import series
from seqzoo.layers.inspection.tracing import in_greek

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_gates(
    trace: Mapping[str, np.ndarray],
    tokens: Sequence[str] | None = None,
    example: int = 0,
    names: Sequence[str] | None = None,
) -> Figure:
    """Draws the gates and states of one example over its tokens or frames.

    One heat map for each name: time runs to the right, one row for each unit. Gates are drawn
    from 0, white, to 1; states and candidates from negative, red, to positive, blue. Masked
    steps are grey. The two directions of a `Bidirectional` stand side by side.

    Reference: the notes "Recurrent Neural Networks".

    Args:
        trace: what `trace` returned.
        tokens: the tokens or frames, one string for each step, for the axis.
        example: which row of the batch.
        names: the arrays to draw, all by default, such as `["Γu", "c"]` or
            `["Gamma_u", "c"]`.

    Returns:
        `matplotlib.figure.Figure`.

    Raises:
        ValueError: a name is not in the trace, or there is not one token for each step.

    Example:

    >>> import numpy as np
    >>> from seqzoo.layers import RNN, LSTMCell, plot_gates, trace
    >>> inside = trace(RNN(LSTMCell(4)), np.random.rand(1, 5, 3).astype("float32"))
    >>> figure = plot_gates(inside, tokens="I did not like it".split(), names=["Γf", "c"])
    >>> [axis.get_title(loc="left") for axis in figure.axes[:2]]
    ['Γf', 'c']
    """
    names = list(trace) if names is None else [in_greek(name) for name in names]
    unknown = [name for name in names if name not in trace]
    if unknown or not names:
        raise ValueError(
            f"names must be some of {list(trace)}. Received: {names}. Choose from the names of this trace."
        )
    directions = list(dict.fromkeys(_direction(name) for name in names))
    grid = [[name for name in names if _direction(name) == direction] for direction in directions]
    steps = trace[names[0]].shape[1]
    if tokens is not None and len(tokens) != steps:
        raise ValueError(
            f"tokens must be one for each of the {steps} steps. Received: {len(tokens)}. "
            "Pad them as the sequence is padded, with empty strings."
        )
    figure, axes = _figure(grid, steps)
    for column, members in enumerate(grid):
        axes[0, column].set_title(directions[column])
        for axis, name in zip(axes[:, column], members):
            _heat_map(axis, trace[name][example], name, tokens, labelled=name == members[-1])
        for axis in axes[len(members) :, column]:
            axis.axis("off")
    return figure


def plot_gradient_norms(norms: np.ndarray | Mapping[str, np.ndarray], example: int | None = None) -> Figure:
    """Draws how much each step still moves the last output, for one layer or several.

    The axis of the norms is logarithmic: a straight line that sinks towards the beginning is
    a gradient that vanishes exponentially.

    Reference: the notes "Recurrent Neural Networks".

    Args:
        norms: what `gradient_norms` returned, or a dict of such arrays with the lines' names.
        example: which row of the batch; the mean over all by default.

    Returns:
        `matplotlib.figure.Figure`.

    Example:

    >>> import numpy as np
    >>> from seqzoo.layers import RNN, LSTMCell, RNNCell, gradient_norms, plot_gradient_norms
    >>> x = np.random.rand(2, 10, 3).astype("float32")
    >>> cells = {"RNN": RNNCell(4), "LSTM": LSTMCell(4)}
    >>> figure = plot_gradient_norms({name: gradient_norms(RNN(cell), x) for name, cell in cells.items()})
    >>> [line.get_label() for line in figure.axes[0].lines]
    ['RNN', 'LSTM']
    """
    import matplotlib.pyplot as plt

    figure, axis = plt.subplots(figsize=(7, 3.5), layout="constrained")
    lines = norms if isinstance(norms, Mapping) else {"": norms}
    for place, (name, values) in enumerate(lines.items()):
        values = np.ma.masked_invalid(values)
        line = values.mean(axis=0) if example is None else values[example]
        axis.plot(np.arange(1, len(line) + 1), line, **series(place), markersize=3, label=name)
    axis.set(xlabel="t", ylabel="‖∂a⟨Tx⟩ / ∂x⟨t⟩‖", yscale="log")
    axis.locator_params("x", integer=True)
    axis.grid(alpha=0.3)
    if isinstance(norms, Mapping):
        axis.legend()
    plt.close(figure)
    return figure


def _direction(name):
    first = name.split("/")[0]
    return first if first in ("forward", "backward") else ""


def _figure(grid, steps):
    import matplotlib.pyplot as plt

    rows, columns = max(map(len, grid)), len(grid)
    width = min(max(4.5, 1.5 + 0.3 * steps), 14 if columns == 1 else 7)
    figure, axes = plt.subplots(
        rows, columns, figsize=(columns * width, 0.5 + 1.4 * rows), squeeze=False, layout="constrained"
    )
    plt.close(figure)
    return figure, axes


def _heat_map(axis, values, name, tokens, labelled):
    """Time to the right from 1, units downwards from 1."""
    import matplotlib

    *cell, symbol = name.removeprefix(f"{_direction(name)}/").split("/")
    gate = symbol.startswith("Γ")
    top = 1 if gate else max(1, np.nanmax(np.abs(values), initial=0))
    colours = matplotlib.colormaps["Purples" if gate else "RdBu"].with_extremes(bad="lightgrey")
    steps, units = values.shape
    image = axis.imshow(
        values.T,
        cmap=colours,
        vmin=0 if gate else -top,
        vmax=top,
        aspect="auto",
        interpolation="nearest",
        extent=(0.5, steps + 0.5, units + 0.5, 0.5),
    )
    axis.figure.colorbar(image, ax=axis, pad=0.02)
    axis.set_title(" ".join([*cell, symbol]).replace("_", " "), loc="left")
    axis.set_ylabel("unit")
    axis.locator_params("y", integer=True)
    axis.locator_params("x", integer=True)
    if tokens is not None:
        every = -(-steps // 50)
        axis.set_xticks(range(1, steps + 1, every), list(tokens)[::every], rotation=90, parse_math=False)
    axis.tick_params(labelbottom=labelled)
    if labelled and tokens is None:
        axis.set_xlabel("t")
