"""The cells of the notes as functions of packed weights: one step forward, and one back, by hand."""

import abc
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import keras
import numpy as np
from keras import activations, ops

from seqzoo.layers.backends.base import Tensor
from seqzoo.layers.backends.slopes import SLOPES
from seqzoo.layers.backends.xla_loop import under_xla
from seqzoo.layers.gru_cell import GRUCell
from seqzoo.layers.lstm_cell import LSTMCell
from seqzoo.layers.rnn_cell import RNNCell

GATES = {activations.sigmoid: ops.sigmoid, activations.hard_sigmoid: ops.hard_sigmoid}
CLOSED, OPEN = -1e9, 1e9  # gates are 0 and 1 there, whatever states up to 1e8 add; from 1e14 on LiteRT's σ is nan
LARGEST = 6e4  # or so, of float16

FUSED_CELLS: dict[type, type["FusedCell"]] = {}  # by the class of the cell; a subclass is another cell


def fused_form_of(cell_class: type):
    """Decorates the `FusedCell` of a class of cells, which makes these take the fast path."""

    def register(fused):
        FUSED_CELLS[cell_class] = fused
        return fused

    return register


def fused_form(cell: Any) -> "FusedCell":
    """The `FusedCell` of a cell, with its activations."""
    return FUSED_CELLS[type(cell)](cell.activation, getattr(cell, "recurrent_activation", activations.sigmoid))


@dataclass(frozen=True)
class FusedCell(abc.ABC):
    """The step of a cell as functions of tensors, with any activation and with σ, hard or not, for its gates.

    What is said of gates stands in lists: of an array for each of them, or of one array with all of
    them side by side. What a step does with the recurrent kernel is given to it as functions, one for
    each of the `blocks`: see `recurrent_products.py`. `OwnGradient` runs all of it, `JaxLoop`
    `forward` and `multiplied`, `FusedSteps` only `forward`.

    Args:
        activation: of the cell.
        gate_activation: of its gates, where it has any.

    Attributes:
        gates_of_blocks: how many gates, c̃ among them, the product of each block makes.
        extra_factors: how many factors `factors` gives besides those for z.
        keeps_output: whether a masked step must keep the output besides closing its gates.
        closed_gates: inputs of the gates that carry the state, a number for each gate; none
            where there is no gate.
    """

    gates_of_blocks: ClassVar[tuple[int, ...]]
    extra_factors: ClassVar[int]
    keeps_output: ClassVar[bool]
    closed_gates: ClassVar[tuple[float, ...]] = ()

    activation: Callable
    gate_activation: Callable

    @property
    def is_standard(self) -> bool:
        """Whether the activations are tanh and sigmoid."""
        return (self.activation, self.gate_activation) == (activations.tanh, activations.sigmoid)

    @property
    def has_gradient(self) -> bool:
        """Whether `factors` knows the slopes of the activations."""
        return self.activation in SLOPES

    def gates(self, z: Tensor) -> Tensor:
        """The gates, of which there may be several side by side."""
        return GATES[self.gate_activation](z)

    def slope(self, y: Tensor, x: Tensor) -> Tensor:
        """x times the slope of the activation where it gives y."""
        return SLOPES[self.activation](y, x)

    def gate_slope(self, y: Tensor, x: Tensor) -> Tensor:
        """x times the slope of the gates' activation where it gives y."""
        return SLOPES[self.gate_activation](y, x)

    def blocks(self, kernel: Tensor) -> list[Tensor]:
        """The blocks of the recurrent kernel, or of what is as wide: one for each product of a step."""
        units = kernel.shape[-1] // sum(self.gates_of_blocks)
        borders = [units * int(gates) for gates in np.cumsum(self.gates_of_blocks)]
        if keras.backend.backend() == "torch":  # whose split at borders computes them, which a traced program cannot
            return [kernel[..., begin:end] for begin, end in itertools.pairwise([0, *borders])]
        return ops.split(kernel, borders[:-1], axis=-1) if borders[1:] else [kernel]

    def whole_blocks(self, kernel: Tensor) -> list[list[Tensor]]:
        """For each block a list with one array."""
        return [[block] for block in self.blocks(kernel)]

    def blocks_by_gate(self, kernel: Tensor) -> list[list[Tensor]]:
        """For each block a list with an array for each gate."""
        gates = iter(ops.split(kernel, sum(self.gates_of_blocks), axis=-1))
        return [list(itertools.islice(gates, count)) for count in self.gates_of_blocks]

    def close(self, z, mask):
        """z where a step counts, and elsewhere what carries the state."""
        if not self.closed_gates:
            return z
        units = sum(part.shape[-1] for part in z) // len(self.closed_gates)
        closed = iter(self.closed_gates)
        values = (gatewise(list(itertools.islice(closed, part.shape[-1] // units)), part) for part in z)
        return [ops.where(mask, part, closed) for part, closed in zip(z, values)]

    @abc.abstractmethod
    def forward(self, states, inputs, keep=None) -> tuple[list[Tensor], list[Tensor]]:
        """One step: the states after it, and an array for each gate.

        Args:
            states: those before it.
            inputs: for each block, the function from what it is multiplied with to the inputs of its gates.
            keep: where the step counts, if the output needs to know.
        """

    @abc.abstractmethod
    def factors(self, gates, before, after, mask) -> tuple[list[Tensor], list[Tensor]]:
        """What `backward` multiplies by, of one step or of all: for each gate, and `extra_factors` more."""

    @abc.abstractmethod
    def multiplied(self, before, gates) -> list[Tensor]:
        """What each block of the recurrent kernel was multiplied with, from the gates or what else `factors` gives."""

    @abc.abstractmethod
    def backward(self, d_states, slopes, *others, keep=None, products) -> tuple[list[Tensor], list[Tensor]]:
        """The gradients of the states before a step, and of the inputs of its gates."""


@fused_form_of(RNNCell)
class FusedRNN(FusedCell):
    """a = g(z), z = x W + a Waa"""

    gates_of_blocks = (1,)
    extra_factors = 0
    keeps_output = True

    def forward(self, states, inputs, keep=None):
        (a,) = states
        (z,) = inputs[0](a)
        new = self.activation(z)
        a = new if keep is None else ops.where(keep, new, a)
        return [a], []

    def factors(self, gates, before, after, mask):
        (a,) = after
        slope = self.slope(a, ops.ones_like(a))
        return [slope if mask is None else slope * ops.cast(mask, a.dtype)], []

    def multiplied(self, before, gates):
        return before

    def backward(self, d_states, slopes, keep=None, *, products):
        (da,), (slope,) = d_states, slopes
        dz = [da * slope]
        before = products[0](dz)
        return [before if keep is None else before + da * (1 - keep)], dz


@fused_form_of(GRUCell)
class FusedGRU(FusedCell):
    """1 − Γu, Γr = σ(z), c̃ = tanh(z), c = c + Γu ∗ (c̃ − c); z = x W + c W, for c̃ x W + (Γr ∗ c) W"""

    gates_of_blocks = (2, 1)
    extra_factors = 2
    keeps_output = False
    closed_gates = (OPEN, 0.0, 0.0)

    def forward(self, states, inputs, keep=None):
        (c,) = states
        carried, Γr = _apart([self.gates(z) for z in inputs[0](c)], 2)
        (z,) = inputs[1](Γr * c)
        Γu, c̃ = 1 - carried, self.activation(z)
        return [c + Γu * (c̃ - c)], [carried, Γr, c̃]

    def factors(self, gates, before, after, mask):
        (carried, Γr, c̃), (c,) = gates, before
        slopes = [self.gate_slope(carried, c - c̃), self.gate_slope(Γr, c), self.slope(c̃, 1 - carried)]
        return slopes, [carried, Γr]

    def multiplied(self, before, gates):
        (c,), (_, Γr, *_) = before, gates
        return [c, Γr * c]

    def backward(self, d_states, slopes, carried, Γr, keep=None, *, products):
        (dc,) = d_states
        to_carried, to_Γr, to_c̃ = _apart(slopes, 3)
        dc̃ = dc * to_c̃
        d_product = products[1]([dc̃])
        d_gates = [dc * to_carried, d_product * to_Γr]
        before = dc * carried + d_product * Γr + products[0](d_gates)
        return [before], [*d_gates, dc̃]


@fused_form_of(LSTMCell)
class FusedLSTM(FusedCell):
    """Γu, Γf, Γo = σ(z), c̃ = tanh(z), z = x W + a W, c = Γu ∗ c̃ + Γf ∗ c, a = Γo ∗ tanh(c)"""

    gates_of_blocks = (4,)
    extra_factors = 2
    keeps_output = True
    closed_gates = (CLOSED, OPEN, 0.0, 0.0)

    def forward(self, states, inputs, keep=None):
        a, c = states
        Γu, Γf, c̃, Γo = gates = self.all_gates(inputs[0](a))
        c = Γu * c̃ + Γf * c
        new = Γo * self.activation(c)
        a = new if keep is None else ops.where(keep, new, a)
        return [a, c], gates

    def factors(self, gates, before, after, mask):
        (_, c_before), (_, c) = before, after
        Γu, Γf, c̃, Γo = gates
        tanh = self.activation(c)
        gates = zip((Γu, Γf, Γo), (c̃, c_before, tanh))
        to_Γu, to_Γf, to_Γo = (self.gate_slope(Γ, x) for Γ, x in gates)
        return [to_Γu, to_Γf, self.slope(c̃, Γu), to_Γo], [self.slope(tanh, Γo), Γf]

    def multiplied(self, before, gates):
        return before[:1]

    def backward(self, d_states, slopes, a_to_c, Γf, keep=None, *, products):
        da, dc = d_states
        d_new = da if keep is None else da * keep
        dc = dc + d_new * a_to_c
        upstream = [dc, dc, dc, d_new]
        dz = [d * slope for d, slope in zip(together(upstream, len(slopes)), slopes)]
        before = products[0](dz)
        return [before if keep is None else before + da * (1 - keep), dc * Γf], dz

    def all_gates(self, z):
        """Γu, Γf, c̃ and Γo."""
        by_xla = keras.backend.backend() == "tensorflow" and under_xla()
        if by_xla and self.is_standard and len(z) == 1:
            # One tanh for all four: σ(z) = ½ + ½ tanh(½ z). Under XLA it becomes a kernel of its
            # own, with vector instructions; four gates in the update of c would have none.
            half = gatewise([0.5, 0.5, 1.0, 0.5], z[0])
            return _apart([half * ops.tanh(half * z[0]) + (1 - half)], 4)
        u, f, c, o = _apart(z, 4)
        if by_xla and len(z) == 1:  # one σ for all four, for the same reason
            Γu, Γf, _, Γo = _apart([self.gates(z[0])], 4)
        else:
            Γu, Γf, Γo = (self.gates(part) for part in (u, f, o))
        return [Γu, Γf, self.activation(c), Γo]


def _apart(arrays, count):
    """So many arrays, where one may hold all of them."""
    return arrays if len(arrays) == count else ops.split(arrays[0], count, axis=-1)


def together(arrays: list[Tensor], count: int) -> list[Tensor]:
    """So many arrays, where one is to hold all of them."""
    return arrays if len(arrays) == count else [ops.concatenate(arrays, axis=-1)]


def gatewise(values: Sequence[float], like: Tensor) -> Tensor:
    """One value for each gate, repeated for its units: as wide as an array with all of them, of its dtype."""
    largest = LARGEST if keras.backend.standardize_dtype(like.dtype) == "float16" else np.inf
    each = values[0] if len(values) == 1 else np.repeat(values, like.shape[-1] // len(values))
    return ops.convert_to_tensor(np.clip(each, -largest, largest), like.dtype)
