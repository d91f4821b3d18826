"""Pictures of networks unrolled over time, as in the notes: of an architecture, or of a model."""

from collections.abc import Sequence

import keras
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from seqzoo.plots.network import (
    BACKWARD,
    BOTH,
    FORWARD,
    GAP,
    Layer,
    Network,
    architecture_of,
    network_of,
    of_architecture,
)

__all__ = ["architecture_of", "plot_architecture", "plot_unrolled"]

ARROW = dict(arrowstyle="-|>", color="black", shrinkA=0, shrinkB=0)
LOOK = dict(arrowstyle="-|>", color="tab:red", linestyle="--", shrinkA=0, shrinkB=0)
BOX = dict(boxstyle="round,pad=0.5", ec="black")
COLOURS = {FORWARD: "#cfe2f3", BACKWARD: "#fce5cd"}
SIDE = 0.2  # how far the chains of two directions stand beside each other
REACH = 0.17  # from the middle of a box to where its arrows begin and end
LIFT = 0.3  # the same, upwards


def plot_architecture(
    architecture: str, labels: Sequence[str] = ("",), bidirectional: bool = False, attention: bool = False
) -> Figure:
    """Draws an architecture of the notes unrolled over time.

    Args:
        architecture: `"one-to-one"`, `"one-to-many"`, `"many-to-one"`,
            `"many-to-many, Tx = Ty"` or `"many-to-many, Tx ≠ Ty"`.
        labels: a text for each recurrent layer, the lowest first.
        bidirectional: whether each layer is two chains, one in each direction; with Tx ≠ Ty in
            the encoder only.
        attention: whether the decoder looks back at the encoder at every step, where Tx ≠ Ty.

    Returns:
        `matplotlib.figure.Figure`.

    Raises:
        ValueError: there is no picture of this architecture.

    Example:

    >>> figure = plot_architecture("many-to-one", labels=["GRU, 32 units"], bidirectional=True)
    """
    layers = [Layer(label, BOTH if bidirectional else (FORWARD,)) for label in labels]
    return _drawn(of_architecture(architecture, layers, attention))


def plot_unrolled(model: keras.Model) -> Figure:
    """Draws a model unrolled over time: what it reads, its cells, layers and directions, and where it answers.

    Args:
        model: a `keras.Model` made by one of the architectures of the zoo, or with
            `seqzoo.layers.RNN` layers of its own.

    Returns:
        `matplotlib.figure.Figure`.

    Raises:
        ValueError: the model has no `RNN` layer.

    Example:

    >>> from seqzoo import many_to_one
    >>> figure = plot_unrolled(many_to_one((None, 8), outputs=3, cell="gru", units=16, layers=2))
    """
    return _drawn(network_of(model))


class _Places:
    """Where everything stands: a column for each step, a row for each chain."""

    def __init__(self, network: Network):
        self.network = network
        self.rows, self.joints, y = [], [], 1.0
        for layer in network.layers:
            self.rows.append({chain: y + 0.75 * i for i, chain in enumerate(layer.chains)})
            y += 0.75 * (len(layer.chains) - 1) + 0.6
            self.joints.append(y)  # where the states of two chains come together
            y += 0.6 if len(layer.chains) > 1 else 0.4
        self.look = y + 0.35 if network.attention else None  # the height of what attention gives
        self.top = y + (1.0 if network.attention else 0.1)

    def chains(self, depth, column):
        """The rows of a layer's chains in a column: the decoder has forward chains only."""
        decodes = self.network.encoder and column >= self.network.encoder
        return {c: y for c, y in self.rows[depth].items() if c == FORWARD or not decodes}

    def box(self, depth, column, chain):
        beside = 0 if len(self.chains(depth, column)) == 1 else SIDE
        return column + (beside if chain == BACKWARD else -beside), self.rows[depth][chain]


def _drawn(network):
    places = _Places(network)
    labelled = any(layer.label for layer in network.layers)
    left, right = (-3.2 if labelled else -1.4), len(network.reads) + 0.2
    size = (1.3 * (right - left), 0.85 * (places.top + 0.6))
    figure, axis = plt.subplots(figsize=size, layout="constrained")
    for depth, layer in enumerate(network.layers):
        for column in range(len(network.reads)):
            _step(axis, places, depth, column)
        _ends(axis, places, depth, layer)
    for column in network.columns:
        axis.text(column, 0, network.reads[column], ha="center", va="center")
    for answer in network.answers:
        _answer(axis, places, answer)
    if network.attention:
        _attention(axis, places)
    axis.set(xlim=(left, right), ylim=(-0.3, places.top + 0.3))
    axis.axis("off")
    figure.set_label(network.in_words())
    plt.close(figure)
    return figure


def _arrow(axis, start, end, **style):
    axis.annotate("", end, start, arrowprops={**ARROW, **style})


def _step(axis, places, depth, column):
    """The boxes of a layer in one column, what leads into them, and on to the next column."""
    network, chains = places.network, places.chains(depth, column)
    for chain in chains:
        x, y = places.box(depth, column, chain)
        if column + 1 < len(network.reads) and chain in places.chains(depth, column + 1):
            here, there = x + REACH, places.box(depth, column + 1, chain)[0] - REACH
            _arrow(axis, *(((there, y), (here, y)) if chain == BACKWARD else ((here, y), (there, y))))
        if network.reads[column] == GAP:
            axis.text(x, y, GAP, ha="center", va="center")
            continue
        name = {FORWARD: r"$\overrightarrow{a}$", BACKWARD: r"$\overleftarrow{a}$"}[chain] if len(chains) > 1 else "a"
        axis.text(x, y, name, ha="center", va="center", bbox={**BOX, "fc": COLOURS[chain]})
        _arrow(axis, _below(places, depth, column), (x, y - LIFT))
    if len(chains) > 1 and network.reads[column] != GAP and _is_joined(places, depth, column):
        _join(axis, places, depth, column)


def _below(places, depth, column):
    """Where the arrows into a layer's boxes come from: what is read, or the layer below."""
    if depth == 0:
        return column, 0.18 + 0.14 * places.network.reads[column].count("\n")
    chains = places.chains(depth - 1, column)
    if len(chains) > 1:
        return column, places.joints[depth - 1]
    ((chain, y),) = chains.items()
    return places.box(depth - 1, column, chain)[0], y + LIFT


def _is_joined(places, depth, column):
    """Whether anything is made of both states of a step: the next layer, an answer, or the decoder's look."""
    network = places.network
    if depth + 1 < len(network.layers) or network.attention:
        return True
    return any({(column, chain) for chain in BOTH} <= set(answer.states) for answer in network.answers)


def _join(axis, places, depth, column):
    joint = (column, places.joints[depth])
    for chain in BOTH:
        x, y = places.box(depth, column, chain)
        axis.annotate("", joint, (x, y + LIFT), arrowprops={**ARROW, "arrowstyle": "-"})
    axis.plot(*joint, "ko", markersize=4)


def _ends(axis, places, depth, layer):
    """A layer's text, and where its chains begin: a⟨0⟩; those of a decoder begin where the encoder's end."""
    encoder = places.network.encoder
    last = (encoder or len(places.network.reads)) - 1
    for chain in layer.chains:
        x, y = places.box(depth, last if chain == BACKWARD else 0, chain)
        away = 1 if chain == BACKWARD else -1
        _arrow(axis, (x + away * 0.5, y), (x + away * REACH, y))
        if not layer.label and not (encoder and chain == BACKWARD):  # there the decoder stands
            axis.text(x + away * 0.55, y, "a⟨0⟩", ha="left" if chain == BACKWARD else "right", va="center")
    if layer.label:
        axis.text(-1.0, sum(places.rows[depth].values()) / len(layer.chains), layer.label, ha="right", va="center")
    if encoder and len(layer.chains) > 1:
        x, y = places.box(depth, 0, BACKWARD)
        end, row = places.box(depth, encoder, FORWARD)
        _arrow(axis, (x, y + LIFT), (end, row + LIFT), connectionstyle="arc3,rad=-0.2", color="tab:grey")


def _answer(axis, places, answer):
    depth, head = len(places.network.layers) - 1, (answer.column, places.top - 0.18)
    axis.text(answer.column, places.top, answer.text, ha="center", va="center")
    if places.network.attention:
        _arrow(axis, (answer.column, places.look + LIFT - 0.1), head)
        return
    joined = {column for column, chain in answer.states if (column, BACKWARD) in answer.states and chain == FORWARD}
    for column in joined:
        _arrow(axis, (column, places.joints[depth]), head)
    for column, chain in answer.states:
        if column not in joined and places.network.reads[column] != GAP:
            x, y = places.box(depth, column, chain)
            _arrow(axis, (x, y + LIFT), head)


def _attention(axis, places):
    """Dashed: every state of the encoder goes into a band, and every step of the decoder takes of it."""
    network, depth = places.network, len(places.network.layers) - 1
    band = places.look - 0.55
    axis.plot([0, len(network.reads) - 1 - SIDE], [band, band], color="tab:red", linestyle="--", linewidth=1)
    axis.text(network.encoder / 2 - 0.5, band + 0.18, "attention", color="tab:red", ha="center", va="bottom")
    for column in network.columns:
        y = places.look
        if column < network.encoder:
            _arrow(axis, _below(places, depth + 1, column), (column, band), **LOOK)
            continue
        x, row = places.box(depth, column, FORWARD)
        axis.text(column, y, "ã", ha="center", va="center", bbox={**BOX, "fc": "#f4cccc"})
        _arrow(axis, (x, row + LIFT), (column, y - LIFT + 0.1))
        _arrow(axis, (column - SIDE, band), (column - 0.1, y - LIFT + 0.1), **LOOK)
