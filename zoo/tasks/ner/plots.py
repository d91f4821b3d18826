"""The pictures of the task named entity recognition. Each function returns its matplotlib figure."""

import matplotlib.pyplot as plt
import numpy as np

from seqzoo.plots.text import text_is_text


@text_is_text
def plot_tags(tagged, width=11.0):
    """Draws sentences with each token on the colour of its label, the label below it.

    Args:
        tagged: list of sentences, each a list of pairs of strings, a token and its label;
            `Tagger.answer` gives them. Tokens labelled O stay white.
        width: of the picture, in inches; longer sentences go on in the next line.

    Returns:
        `matplotlib.figure.Figure`.

    Example:

    >>> figure = plot_tags([[("12", "number"), ("Elm", "name"), ("St", "type")]])
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['12', 'number', 'Elm', 'name', 'St', 'type']
    """
    labels = sorted({_kind(label) for sentence in tagged for _, label in sentence} - {"O"})
    colours = {label: plt.get_cmap("tab20")(i % 20) for i, label in enumerate(labels)} | {"O": "white"}
    boxes, columns, line = [], int(width * 11), 0
    for sentence in tagged:
        x = 0
        for token, label in sentence:
            size = max(len(token) * 1.5, len(label)) + 2
            if x and x + size > columns:
                x, line = 2, line + 1
            boxes.append((x, line, size, token, label))
            x += size + 1
        line += 1
    figure, axis = plt.subplots(figsize=(width, 0.3 + 0.62 * line), layout="constrained")
    for x, line, size, token, label in boxes:
        axis.add_patch(plt.Rectangle((x, line), size, 0.8, fc=colours[_kind(label)], ec="none", alpha=0.55))
        axis.text(x + size / 2, line + 0.27, token, ha="center", va="center", fontsize=10)
        axis.text(x + size / 2, line + 0.62, label, ha="center", va="center", fontsize=6.5, color="#333333")
    axis.set(xlim=(-1, columns), ylim=(max((box[1] for box in boxes), default=0) + 1, -0.1))
    axis.axis("off")
    lines = [" ".join(f"{token} ({label})" for token, label in sentence) for sentence in tagged]
    figure.set_label(" ".join(f"{line}." for line in lines))
    plt.close(figure)
    return figure


@text_is_text
def plot_f1_by_kind(by_kind):
    """Draws the F1 of each kind of span, the commonest kind on top, with how many there are.

    Args:
        by_kind: from `seqzoo.metrics.spans.span_scores`.

    Returns:
        `matplotlib.figure.Figure`.

    Example:

    >>> figure = plot_f1_by_kind({"City": {"f1": 0.9, "spans": 40}, "Zip": {"f1": 1.0, "spans": 38}})
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['City', 'Zip']
    """
    kinds = sorted(by_kind, key=lambda kind: -by_kind[kind]["spans"])
    f1 = [by_kind[kind]["f1"] for kind in kinds]
    figure, axis = plt.subplots(figsize=(8, 0.8 + 0.27 * len(kinds)), layout="constrained")
    axis.barh(np.arange(len(kinds)), f1, color="#6fa8dc")
    for y, kind in enumerate(kinds):
        axis.text(0.01, y, f"{f1[y]:.2f} of {by_kind[kind]['spans']}", va="center", fontsize=8)
    axis.set_yticks(range(len(kinds)), kinds)
    axis.set(xlim=(0, 1), xlabel="F1")
    axis.invert_yaxis()
    plt.close(figure)
    return figure


@text_is_text
def plot_common_confusions(truth, predicted, most=10):
    """Draws how often each of the commonest labels was taken for each other.

    Args:
        truth: list of sentences, each the list of its tokens' labels.
        predicted: the same, of the same lengths.
        most: how many labels to show; the others are taken together.

    Returns:
        `matplotlib.figure.Figure`.

    Example:

    >>> figure = plot_common_confusions([["name", "type"]], [["name", "name"]])
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['name', 'type', 'others']
    """
    truth, predicted = (np.array([y for each in tags for y in each]) for tags in (truth, predicted))
    names, counts = np.unique(truth, return_counts=True)
    shown = names[np.argsort(-counts, kind="stable")][:most]
    names, place = [*shown, "others"], {name: i for i, name in enumerate(shown)}
    share = np.zeros((len(names), len(names)))
    for a, b in zip(truth, predicted):
        share[place.get(a, len(names) - 1), place.get(b, len(names) - 1)] += 1
    totals = share.sum(axis=1, keepdims=True)
    share /= np.maximum(totals, 1)
    figure, axis = plt.subplots(figsize=(3.5 + 0.5 * len(names), 2.5 + 0.5 * len(names)), layout="constrained")
    axis.imshow(share, cmap="Blues", vmin=0, vmax=1)
    axis.set_xticks(range(len(names)), names, rotation=45, ha="right")
    axis.set_yticks(range(len(names)), names)
    axis.set(xlabel="predicted", ylabel="true")
    for (row, column), value in np.ndenumerate(share):
        if value >= 0.005:
            colour = "white" if value > 0.5 else "black"
            axis.text(column, row, f"{value:.0%}", ha="center", va="center", color=colour, fontsize=8)
    plt.close(figure)
    return figure


def _kind(label):
    return label.removeprefix("B-").removeprefix("I-")
