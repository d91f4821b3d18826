"""Pictures of networks unrolled over time, as in the notes: of an architecture, or of a model."""

from collections.abc import Sequence

import keras
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from seqzoo.architectures.encoder_decoder import EncoderDecoder
from seqzoo.architectures.one_to_many import OneToMany
from seqzoo.layers import RNN
from seqzoo.layers.cell_protocol import cells_of, output_size

# What stands below and above each step of the picture.
STEPS = {
    "one-to-one": (["x"], ["ŷ"]),
    "one-to-many": (["x", "y⟨0⟩", "ŷ⟨1⟩", "…", "ŷ⟨Ty−1⟩"], ["", "ŷ⟨1⟩", "ŷ⟨2⟩", "…", "ŷ⟨Ty⟩"]),
    "many-to-one": (["x⟨1⟩", "x⟨2⟩", "x⟨3⟩", "…", "x⟨Tx⟩"], ["", "", "", "…", "ŷ"]),
    "many-to-many, Tx = Ty": (["x⟨1⟩", "x⟨2⟩", "x⟨3⟩", "…", "x⟨Tx⟩"], ["ŷ⟨1⟩", "ŷ⟨2⟩", "ŷ⟨3⟩", "…", "ŷ⟨Ty⟩"]),
    "many-to-many, Tx ≠ Ty": (
        ["x⟨1⟩", "x⟨2⟩", "…", "x⟨Tx⟩", "y⟨0⟩", "ŷ⟨1⟩", "…", "ŷ⟨Ty−1⟩"],
        ["", "", "…", "", "ŷ⟨1⟩", "ŷ⟨2⟩", "…", "ŷ⟨Ty⟩"],
    ),
}
ENCODER_STEPS = 4
ARROW = dict(arrowstyle="-|>", color="black", shrinkA=0, shrinkB=0)
BOX = dict(boxstyle="round,pad=0.6", fc="#cfe2f3", ec="black")


def plot_architecture(
    architecture: str, labels: Sequence[str] = ("",), bidirectional: bool = False, attention: bool = False
) -> Figure:
    """Draws an architecture of the notes unrolled over time.

    Args:
        architecture: `"one-to-one"`, `"one-to-many"`, `"many-to-one"`,
            `"many-to-many, Tx = Ty"` or `"many-to-many, Tx ≠ Ty"`.
        labels: a text for each recurrent layer, the lowest first.
        bidirectional: whether arrows go both ways; with Tx ≠ Ty in the encoder only.
        attention: whether the decoder looks back at the encoder, where Tx ≠ Ty.

    Returns:
        `matplotlib.figure.Figure`.

    Raises:
        ValueError: there is no picture of this architecture.

    Example:

    >>> figure = plot_architecture("many-to-one", labels=["GRU, 32 units"], bidirectional=True)
    """
    if architecture not in STEPS:
        raise ValueError(
            f"architecture must be one of {', '.join(map(repr, STEPS))}. "
            f"Received: {architecture!r}. Choose one of these."
        )
    below, above = STEPS[architecture]
    encoder = ENCODER_STEPS if architecture == "many-to-many, Tx ≠ Ty" else len(below)
    size = (1.3 * len(below) + 2.6, 1.1 * len(labels) + 1.7)
    figure, axis = plt.subplots(figsize=size, layout="constrained")
    top = len(labels) + 1
    for x, (low, high) in enumerate(zip(below, above)):
        dots = "…" in (low, high)
        for y in range(1, top):
            _box(axis, x, y, dots)
            if x + 1 < len(below):
                _between(axis, x, y, both=bidirectional and x + 1 < encoder)
        if not dots:
            _column(axis, x, low, high, top)
    for y, label in enumerate(labels, 1):
        axis.text(-1.0, y, label or "a⟨0⟩", ha="right" if label else "center", va="center")
        axis.annotate("", (-0.3, y), (-0.75, y), arrowprops=ARROW)
    if attention:
        _attention(axis, below, encoder, top - 1)
    axis.set(xlim=(-3.2 if any(labels) else -1.4, len(below) - 0.4), ylim=(-0.3, top + 0.3))
    axis.axis("off")
    plt.close(figure)
    return figure


def plot_unrolled(model: keras.Model) -> Figure:
    """Draws a model unrolled over time: its architecture, its cells, layers and directions.

    Args:
        model: a `keras.Model` made by one of the architectures of the zoo, or with
            `seqzoo.layers.RNN` layers of its own.

    Returns:
        `matplotlib.figure.Figure`.

    Raises:
        ValueError: the model has no `RNN` layer.

    Example:

    >>> from seqzoo import many_to_one
    >>> model = many_to_one((None, 8), outputs=3, cell="gru", units=16, layers=2)
    >>> architecture_of(model)
    'many-to-one'
    >>> figure = plot_unrolled(model)
    """
    layers = _recurrent(model)
    if not layers:
        raise ValueError(
            f"Expected a model with seqzoo.layers.RNN layers. Received: {model.name!r} without one. "
            "Give a model of the zoo, or build yours on RNN."
        )
    labels = [_label(layer) for layer in layers]
    both = any(isinstance(layer, keras.layers.Bidirectional) for layer in layers)
    attention = False
    if isinstance(model, EncoderDecoder):
        labels = [_label(layer) for layer in model.decoder.recurrent]
        both = any(getattr(layer, "go_backwards", False) for layer in layers)
        attention = model.decoder.has_attention
    return plot_architecture(architecture_of(model), labels, both, attention)


def architecture_of(model: keras.Model) -> str:
    """Names the architecture of a model with `RNN` layers: one of the keys of `STEPS`."""
    if isinstance(model, OneToMany):
        return "one-to-many"
    if isinstance(model, EncoderDecoder):
        return "many-to-many, Tx ≠ Ty"
    layers = _recurrent(model)
    if keras.tree.flatten(layers[0].input)[0].shape[1] == 1:
        return "one-to-one"
    last = getattr(layers[-1], "forward_layer", layers[-1])
    return "many-to-many, Tx = Ty" if last.return_sequences else "many-to-one"


def _recurrent(model):
    """The recurrent layers of a model and of the models within, in order."""
    found = []
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            found += _recurrent(layer)
        elif isinstance(getattr(layer, "forward_layer", layer), RNN):
            found.append(layer)
    return found


def _label(layer):
    cell = getattr(layer, "forward_layer", layer).cell
    return "; ".join(f"{type(one).__name__.removesuffix('Cell')}, {output_size(one)} units" for one in cells_of(cell))


def _box(axis, x, y, dots):
    axis.text(x, y, "…" if dots else "a", ha="center", va="center", bbox=None if dots else BOX)


def _between(axis, x, y, both):
    above = y + 0.08 if both else y
    axis.annotate("", (x + 0.7, above), (x + 0.3, above), arrowprops=ARROW)
    if both:
        axis.annotate("", (x + 0.3, y - 0.08), (x + 0.7, y - 0.08), arrowprops=ARROW)


def _column(axis, x, low, high, top):
    """The texts below and above a step, and the arrows that lead up."""
    for y in range(1, top - 1):
        axis.annotate("", (x, y + 0.7), (x, y + 0.3), arrowprops=ARROW)
    if low:
        axis.text(x, 0, low, ha="center", va="center")
        axis.annotate("", (x, 0.7), (x, 0.18), arrowprops=ARROW)
    if high:
        axis.text(x, top, high, ha="center", va="center")
        axis.annotate("", (x, top - 0.18), (x, top - 0.7), arrowprops=ARROW)


def _attention(axis, below, encoder, y):
    """Dashed lines from the steps of the encoder to the first of the decoder."""
    look = dict(arrowstyle="-|>", color="tab:red", linestyle="--", connectionstyle="arc3,rad=-0.3")
    for x in (x for x in range(encoder) if below[x] != "…"):
        axis.annotate("", (encoder - 0.15, y + 0.2), (x, y + 0.32), arrowprops=look)
    box = dict(facecolor="white", edgecolor="none", pad=2)
    axis.text(encoder / 2, y + 0.95, "attention", color="tab:red", ha="center", va="center", bbox=box)
