"""What a picture of a network shows: what each step reads, the chains of states, and where it answers."""

from collections.abc import Sequence
from dataclasses import dataclass

import keras

from seqzoo.architectures.encoder_decoder import EncoderDecoder
from seqzoo.architectures.one_to_many import OneToMany
from seqzoo.layers import RNN
from seqzoo.layers.cell_protocol import cells_of, output_size

ARCHITECTURES = ("one-to-one", "one-to-many", "many-to-one", "many-to-many, Tx = Ty", "many-to-many, Tx ≠ Ty")
FORWARD, BACKWARD = "forward", "backward"
BOTH = (FORWARD, BACKWARD)
GAP = "…"  # steps that are not drawn
DRAWN = 5  # steps of a sequence that are


@dataclass(frozen=True)
class Layer:
    """A recurrent layer: its text, and its chains, `"forward"`, `"backward"` or both."""

    label: str
    chains: tuple[str, ...] = (FORWARD,)


@dataclass(frozen=True)
class Answer:
    """An answer: its text, above which column it stands, and the states of the highest layer that it is made from.

    A state is a pair of its column and its chain.
    """

    text: str
    column: int
    states: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Network:
    """A network unrolled over time.

    Args:
        reads: what is read in each column, "…" for steps that are not drawn.
        layers: the lowest first. In an encoder-decoder the decoder has their forward chains only.
        answers: in the order of time.
        encoder: how many columns the encoder has; none where there is no encoder.
        attention: whether each step of the decoder looks at all of the encoder.
    """

    reads: tuple[str, ...]
    layers: tuple[Layer, ...]
    answers: tuple[Answer, ...]
    encoder: int = 0
    attention: bool = False

    @property
    def columns(self) -> list[int]:
        """The columns with a step in them."""
        return [column for column, read in enumerate(self.reads) if read != GAP]

    def in_words(self) -> str:
        """What its picture shows.

        Example:

        >>> of_architecture("many-to-one", [Layer("GRU, 4 units", BOTH)], time=2).in_words()
        'A network unrolled over time: GRU, 4 units, in two directions. It reads x⟨1⟩, x⟨2⟩ and answers ŷ, of the \
forward state at x⟨2⟩ and the backward state at x⟨1⟩.'
        """
        layers = "; then ".join(
            (layer.label or "a layer") + (", in two directions" if len(layer.chains) > 1 else "")
            for layer in self.layers
        )
        text = f"A network unrolled over time: {layers}. It reads {', '.join(map(self._read, range(len(self.reads))))}"
        answers = [answer for answer in self.answers if answer.text != GAP]
        text += f" and answers {', '.join(answer.text for answer in answers)}"
        if len(answers) == 1 and len(self.reads) > 1 and GAP not in {self.reads[at] for at, _ in answers[0].states}:
            both = BACKWARD in {chain for _, chain in answers[0].states}
            states = [
                f"the {f'{chain} ' if both else ''}state at {self._read(column)}" for column, chain in answers[0].states
            ]
            text += f", of {' and '.join(states)}" if len(states) <= 2 else ", of all states"
        if self.encoder:
            text += f"; the encoder ends at {self._read(self.encoder - 1)}, and there the decoder begins"
        return text + (". Each step of the decoder looks at all states of the encoder." if self.attention else ".")

    def _read(self, column):
        return self.reads[column].replace("\n", " ")


def network_of(model: keras.Model) -> Network:
    """Finds out what the picture of a model shows.

    Args:
        model: made by one of the architectures of the zoo, or with `seqzoo.layers.RNN` layers of its own.

    Raises:
        ValueError: the model has no `RNN` layer.

    Example:

    >>> from seqzoo import many_to_one
    >>> network = network_of(many_to_one((None, 8), outputs=3, cell="gru", units=16, bidirectional=True))
    >>> network.layers, network.answers[0].states
    ((Layer(label='GRU, 16 units', chains=('forward', 'backward')),), ((4, 'forward'), (0, 'backward')))
    """
    layers = _recurrent(model)
    if not layers:
        raise ValueError(
            f"Expected a model with seqzoo.layers.RNN layers. Received: {model.name!r} without one. "
            "Give a model of the zoo, or build yours on RNN."
        )
    architecture = architecture_of(model)
    if isinstance(model, EncoderDecoder):
        chains = BOTH if any(layer.go_backwards for layer in layers) else (FORWARD,)
        decoder = model.decoder
        return of_architecture(
            architecture, [Layer(_label(layer), chains) for layer in decoder.recurrent], decoder.has_attention
        )
    time = keras.tree.flatten(layers[0].input)[0].shape[1]
    pooled = len(model.outputs[0].shape) == 2 and "Ty" in architecture
    drawn = [Layer(_label(layer), _chains(layer)) for layer in layers]
    return of_architecture(architecture, drawn, time=time, reads=_steps_read(model), pooled=pooled)


def of_architecture(
    architecture: str,
    layers: Sequence[Layer],
    attention: bool = False,
    time: int | None = None,
    reads: Sequence[str] = (),
    pooled: bool = False,
) -> Network:
    """An architecture of the notes with its layers.

    Args:
        architecture: one of `ARCHITECTURES`.
        layers: the lowest first.
        attention: whether the decoder looks back at the encoder, where Tx ≠ Ty.
        time: how many steps a sequence has; None where it varies.
        reads: what is read in each column, where it is not simply x⟨1⟩ … x⟨Tx⟩.
        pooled: whether the states of all steps make one answer, where Tx = Ty.

    Raises:
        ValueError: there is no such architecture.

    Example:

    >>> of_architecture("many-to-one", [Layer("GRU")]).answers
    (Answer(text='ŷ', column=4, states=((4, 'forward'),)),)
    """
    layers = tuple(layers)
    if architecture == "one-to-many":
        reads = ("x", "y⟨0⟩", "y⟨1⟩", GAP, "y⟨Ty−1⟩")
        return Network(reads, layers, _written("ŷ⟨1⟩", "ŷ⟨2⟩", GAP, "ŷ⟨Ty⟩", first=1))
    if architecture == "many-to-many, Tx ≠ Ty":
        reads = ("x⟨1⟩", "x⟨2⟩", GAP, "x⟨Tx⟩", "y⟨0⟩", "y⟨1⟩", GAP, "y⟨Ty−1⟩")
        return Network(reads, layers, _written("ŷ⟨1⟩", "ŷ⟨2⟩", GAP, "ŷ⟨Ty⟩", first=4), 4, attention)
    if architecture not in ARCHITECTURES:
        raise ValueError(
            f"architecture must be one of {', '.join(map(repr, ARCHITECTURES))}. "
            f"Received: {architecture!r}. Choose one of these."
        )
    reads = ("x",) if architecture == "one-to-one" else tuple(reads or steps("x", time))
    chains, last = layers[-1].chains, len(reads) - 1
    if architecture == "many-to-many, Tx = Ty":
        states = {column: tuple((column, chain) for chain in chains) for column in range(len(reads))}
        if pooled:
            return Network(reads, layers, (Answer("ŷ", last, sum(states.values(), ())),))
        texts = enumerate(steps("ŷ", time))
        return Network(reads, layers, tuple(Answer(text, t, states[t]) for t, text in texts if text != GAP))
    ends = {FORWARD: last, BACKWARD: 0}  # a chain's last state is where it has read everything
    return Network(reads, layers, (Answer("ŷ", last, tuple((ends[chain], chain) for chain in chains)),))


def steps(symbol: str, count: int | None) -> tuple[str, ...]:
    """The texts of a sequence's steps; those in the middle of a long one, or of any length, are left out.

    >>> steps("x", 3), steps("x", None)
    (('x⟨1⟩', 'x⟨2⟩', 'x⟨3⟩'), ('x⟨1⟩', 'x⟨2⟩', 'x⟨3⟩', '…', 'x⟨Tx⟩'))
    """
    if count is not None and count <= DRAWN:
        return tuple(f"{symbol}⟨{t}⟩" for t in range(1, count + 1))
    return (*(f"{symbol}⟨{t}⟩" for t in range(1, DRAWN - 1)), GAP, f"{symbol}⟨{count or 'Tx'}⟩")


def architecture_of(model: keras.Model) -> str:
    """Names the architecture of a model with `RNN` layers: one of `ARCHITECTURES`."""
    if isinstance(model, OneToMany):
        return "one-to-many"
    if isinstance(model, EncoderDecoder):
        return "many-to-many, Tx ≠ Ty"
    layers = _recurrent(model)
    if keras.tree.flatten(layers[0].input)[0].shape[1] == 1:
        return "one-to-one"
    last = getattr(layers[-1], "forward_layer", layers[-1])
    return "many-to-many, Tx = Ty" if last.return_sequences else "many-to-one"


def _written(*texts, first):
    return tuple(Answer(text, t, ((t, FORWARD),)) for t, text in enumerate(texts, first) if text != GAP)


def _steps_read(model):
    """What each step reads, where a layer that makes other steps of a sequence says so in its `steps_read`."""
    return next((layer.steps_read for layer in model.layers if hasattr(layer, "steps_read")), ())


def _chains(layer):
    if isinstance(layer, keras.layers.Bidirectional):
        return BOTH
    return (BACKWARD,) if layer.go_backwards else (FORWARD,)


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
