"""Pictures of a model that takes a table of columns."""

import matplotlib.pyplot as plt
import numpy as np


def plot_regions(model, columns, labels, names, across, up, grid=60):
    """Draws what a model answers over two columns, with the rows as points.

    Where the other columns are concerned, the grid holds the mean of numbers, and of words the
    commonest.

    Args:
        model: from a dictionary of columns to probabilities.
        columns: dictionary from name to the values of the rows, shape `(rows,)`.
        labels: integers, each row's label.
        names: the labels' names.
        across, up: the names of the two columns, of numbers.
        grid: points along each side.

    Returns:
        `matplotlib.figure.Figure`.

    Example:

    >>> from seqzoo.tasks.one_to_one import create_model
    >>> rows = {"a": [1.0, 2.0, 3.0], "b": [0.0, 5.0, 1.0], "word": ["x", "y", "x"]}
    >>> figure = plot_regions(create_model(columns=rows, labels=2), rows, [0, 1, 1], ["no", "yes"], "a", "b")
    """
    columns = {name: np.asarray(values) for name, values in columns.items()}
    axes = [np.linspace(*_room(columns[name]), grid) for name in (across, up)]
    x, y = np.meshgrid(*axes)
    points = {name: np.full(grid * grid, _usual(values)) for name, values in columns.items()}
    points |= {across: x.ravel().astype("float32"), up: y.ravel().astype("float32")}
    answers = model.predict(points, verbose=0, batch_size=1024).argmax(axis=-1).reshape(grid, grid)
    figure, axis = plt.subplots(figsize=(6, 4.2), layout="constrained")
    colours = plt.get_cmap("tab10")
    axis.contourf(x, y, answers, levels=np.arange(len(names) + 1) - 0.5, colors=[colours(i) for i in range(len(names))], alpha=0.25)  # fmt: skip
    for label, name in enumerate(names):
        rows = np.asarray(labels) == label
        axis.scatter(columns[across][rows], columns[up][rows], s=14, color=colours(label), label=name)
    axis.set(xlabel=across.replace("_", " "), ylabel=up.replace("_", " "))
    axis.legend()
    plt.close(figure)
    return figure


def _room(values):
    margin = 0.05 * (values.max() - values.min())
    return values.min() - margin, values.max() + margin


def _usual(values):
    if values.dtype.kind == "f":
        return values.mean()
    kinds, counts = np.unique(values, return_counts=True)
    return kinds[counts.argmax()]
