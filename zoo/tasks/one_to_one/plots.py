"""Pictures of a model that takes a table of columns."""

import collections
from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from seqzoo.classifier import Classifier
from seqzoo.door import choose, label_places
from seqzoo.plots.series import series
from seqzoo.plots.text import text_is_text
from seqzoo.tasks.one_to_one import column_kinds


@text_is_text
def plot_regions(
    model: Classifier,
    columns: Mapping[str, Sequence],
    labels: Sequence[int],
    across: str,
    up: str,
    grid: int = 60,
) -> Figure:
    """Draws what a model answers over two columns, with the rows as points.

    Where the other columns are concerned, the grid holds the mean of numbers, and of words the
    commonest.

    Args:
        model: of a table, with a label for each row.
        columns: dictionary from name to the values of the rows, shape `(rows,)`.
        labels: of the rows, names or places.
        across, up: the names of the two columns, of numbers; rows that lack one have no point.
        grid: points along each side.

    Returns:
        `matplotlib.figure.Figure`.

    Example:

    >>> from seqzoo.tasks.one_to_one import task
    >>> rows = {"a": [1.0, 2.0, 3.0], "b": [0.0, 5.0, 1.0], "word": ["x", "y", "x"]}
    >>> model = task.create_model(columns=rows, labels=["no", "yes"])
    >>> figure = plot_regions(model, rows, ["no", "yes", "yes"], "a", "b")
    """
    names, labels = model.labels, label_places(labels, model.labels)
    numbers, words = _read(model.preprocessor, columns)
    for name in (across, up):
        choose("a column of numbers", name, numbers)
    axes = [np.linspace(*_room(numbers[name]), grid) for name in (across, up)]
    x, y = np.meshgrid(*axes)
    usual = {name: np.nanmean(values) for name, values in numbers.items()} | {
        name: collections.Counter(values).most_common(1)[0][0] for name, values in words.items()
    }
    points = {name: [value] * grid**2 for name, value in usual.items()} | {across: x.ravel(), up: y.ravel()}
    answers = model.probabilities(points, batch_size=1024).argmax(axis=-1).reshape(grid, grid)
    figure, axis = plt.subplots(figsize=(6, 4.2), layout="constrained")
    looks = [series(place) for place in range(len(names))]
    colours = ListedColormap([look["color"] for look in looks])
    axis.pcolormesh(x, y, answers, cmap=colours, vmin=-0.5, vmax=len(names) - 0.5, alpha=0.2, edgecolors="none")
    for label, name in enumerate(names):
        rows = labels == label
        look = {key: looks[label][key] for key in ("color", "marker")}
        axis.scatter(numbers[across][rows], numbers[up][rows], s=14, label=name, **look)
    axis.set(xlabel=across.replace("_", " "), ylabel=up.replace("_", " "))
    axis.legend()
    plt.close(figure)
    return figure


def _room(values):
    margin = 0.05 * (np.nanmax(values) - np.nanmin(values))
    return np.nanmin(values) - margin, np.nanmax(values) + margin


def _read(preprocessor, columns):
    """The columns of numbers, nan where there is none, and those of words, as the model reads them."""
    found = column_kinds.by_name(columns, [*preprocessor.numbers, *preprocessor.words])
    cells = {name: column_kinds.cells(name, values) for name, values in found.items()}
    numbers = {name: column_kinds.as_numbers(name, cells[name]) for name in preprocessor.numbers}
    return numbers, {name: column_kinds.as_words(name, cells[name]) for name in preprocessor.words}
