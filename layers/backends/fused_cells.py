"""The cells of the notes with all gates in one product: one step forward, and one back, by hand."""

import abc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import keras
import numpy as np
from keras import activations, ops

from seqzoo.layers.backends.base import Tensor
from seqzoo.layers.backends.scan import under_xla
from seqzoo.layers.backends.slopes import SLOPES
from seqzoo.layers.gru_cell import GRUCell
from seqzoo.layers.lstm_cell import LSTMCell
from seqzoo.layers.rnn_cell import RNNCell

GATES = {activations.sigmoid: ops.sigmoid, activations.hard_sigmoid: ops.hard_sigmoid}
CLOSED, OPEN = -1e4, 1e4  # gates are exactly 0 and 1 there, in half precision too

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

    z stands for the inputs of all gates, x⟨t⟩ W + b, side by side. `OwnGradient` runs all of
    it, `FusedSteps` only `forward`. What a step does with the recurrent kernel is given to it as
    functions, `products`, one for each of the `blocks`: see `recurrent_products.py`.

    Args:
        activation: of the cell.
        gate_activation: of its gates, where it has any.

    Attributes:
        saved_states: how many states each step leaves besides its gates; 0 where the gates
            are the state.
        extra_factors: how many factors `factors` gives besides that for z.
        keeps_output: whether a masked step must keep the output besides closing its gates.
        closed_gates: inputs of the gates that carry the state, a number for each gate; none
            where there is no gate.
    """

    saved_states: ClassVar[int]
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

    def blocks(self, kernel):
        """The blocks of the recurrent kernel, one for each product of a step."""
        return [kernel]

    def close(self, z, mask):
        """z where a step counts, and elsewhere what carries the state."""
        return ops.where(mask, z, _gatewise(self.closed_gates, z)) if self.closed_gates else z

    @abc.abstractmethod
    def forward(self, states, z, keep=None, *, products) -> tuple[list[Tensor], Tensor]:
        """One step: the states after it, and the gates, as wide as z."""

    @abc.abstractmethod
    def factors(self, gates, before, after, mask) -> tuple[Tensor, list[Tensor]]:
        """What `backward` multiplies by, of one step or of all.

        One tensor as wide as z, and a list of `extra_factors`, each as wide as a state.
        """

    @abc.abstractmethod
    def multiplied(self, before, others) -> list[Tensor]:
        """What each block of the recurrent kernel was multiplied with."""

    @abc.abstractmethod
    def backward(self, d_states, factors, *others, keep=None, products) -> tuple[list[Tensor], Tensor]:
        """The gradients of the states before a step, and dz, as wide as z."""


@fused_form_of(RNNCell)
class FusedRNN(FusedCell):
    """a = g(z + a Waa)"""

    saved_states = 0
    extra_factors = 0
    keeps_output = True

    def forward(self, states, z, keep=None, *, products):
        (a,) = states
        new = self.activation(z + products[0](a))
        a = new if keep is None else ops.where(keep, new, a)
        return [a], a

    def factors(self, a, before, after, mask):
        slope = SLOPES[self.activation](a)
        return (slope if mask is None else slope * ops.cast(mask, a.dtype)), []

    def multiplied(self, before, others):
        return before

    def backward(self, d_states, slope, keep=None, *, products):
        (da,) = d_states
        dz = da * slope
        before = products[0](dz)
        return [before if keep is None else before + da * (1 - keep)], dz


@fused_form_of(GRUCell)
class FusedGRU(FusedCell):
    """1 − Γu, Γr = σ(z + c W), c̃ = tanh(z + (Γr ∗ c) Wc), c = c + Γu ∗ (c̃ − c)"""

    saved_states = 1
    extra_factors = 2
    keeps_output = False
    closed_gates = (OPEN, 0.0, 0.0)

    def blocks(self, kernel):
        gates = 2 * kernel.shape[0]
        return [kernel[:, :gates], kernel[:, gates:]]

    def forward(self, states, z, keep=None, *, products):
        (c,) = states
        units = c.shape[-1]
        gates = self.gates(z[:, : 2 * units] + products[0](c))
        Γu, Γr = 1 - gates[:, :units], gates[:, units:]
        c̃ = self.activation(z[:, 2 * units :] + products[1](Γr * c))
        return [c + Γu * (c̃ - c)], ops.concatenate([gates, c̃], axis=-1)

    def factors(self, gates, before, after, mask):
        (c,) = before
        carried, Γr, c̃ = ops.split(gates, 3, axis=-1)
        σ_slope, slope = SLOPES[self.gate_activation], SLOPES[self.activation]
        slopes = ops.concatenate([(c - c̃) * σ_slope(carried), c * σ_slope(Γr), (1 - carried) * slope(c̃)], axis=-1)
        return slopes, [carried, Γr]

    def multiplied(self, before, others):
        (c,), (_, Γr) = before, others
        return [c, Γr * c]

    def backward(self, d_states, slopes, carried, Γr, keep=None, *, products):
        (dc,) = d_states
        to_carried, to_Γr, to_c̃ = ops.split(slopes, 3, axis=-1)
        dc̃ = dc * to_c̃
        d_product = products[1](dc̃)
        d_gates = ops.concatenate([dc * to_carried, d_product * to_Γr], axis=-1)
        before = dc * carried + d_product * Γr + products[0](d_gates)
        return [before], ops.concatenate([d_gates, dc̃], axis=-1)


@fused_form_of(LSTMCell)
class FusedLSTM(FusedCell):
    """Γu, Γf, Γo = σ(z + a W), c̃ = tanh(z + a W), c = Γu ∗ c̃ + Γf ∗ c, a = Γo ∗ tanh(c)"""

    saved_states = 2
    extra_factors = 2
    keeps_output = True
    closed_gates = (CLOSED, OPEN, 0.0, 0.0)

    def forward(self, states, z, keep=None, *, products):
        a, c = states
        Γu, Γf, c̃, Γo, gates = self.all_gates(z + products[0](a))
        c = Γu * c̃ + Γf * c
        new = Γo * self.activation(c)
        a = new if keep is None else ops.where(keep, new, a)
        return [a, c], gates

    def factors(self, gates, before, after, mask):
        (_, c_before), (_, c) = before, after
        Γu, Γf, c̃, Γo = ops.split(gates, 4, axis=-1)
        tanh = self.activation(c)
        σ_slope, slope = SLOPES[self.gate_activation], SLOPES[self.activation]
        slopes = ops.concatenate([c̃ * σ_slope(Γu), c_before * σ_slope(Γf), Γu * slope(c̃), tanh * σ_slope(Γo)], axis=-1)
        return slopes, [Γo * slope(tanh), Γf]

    def multiplied(self, before, others):
        return before[:1]

    def backward(self, d_states, slopes, a_to_c, Γf, keep=None, *, products):
        da, dc = d_states
        d_new = da if keep is None else da * keep
        dc = dc + d_new * a_to_c
        dz = ops.concatenate([dc, dc, dc, d_new], axis=-1) * slopes
        before = products[0](dz)
        return [before if keep is None else before + da * (1 - keep), dc * Γf], dz

    def all_gates(self, z):
        """Γu, Γf, c̃ and Γo, and then all of them side by side."""
        by_xla = keras.backend.backend() == "tensorflow" and under_xla()
        if by_xla and self.is_standard:
            # One tanh for all four: σ(z) = ½ + ½ tanh(½ z). Under XLA it becomes a kernel of its
            # own, with vector instructions; four gates in the update of c would have none.
            half = _gatewise([0.5, 0.5, 1.0, 0.5], z)
            gates = half * ops.tanh(half * z) + (1 - half)
            return *ops.split(gates, 4, axis=-1), gates
        u, f, c, o = ops.split(z, 4, axis=-1)
        if by_xla:  # one σ for all four, for the same reason
            Γu, Γf, _, Γo = ops.split(self.gates(z), 4, axis=-1)
        else:
            Γu, Γf, Γo = (self.gates(part) for part in (u, f, o))
        gates = [Γu, Γf, self.activation(c), Γo]
        return *gates, ops.concatenate(gates, axis=-1)


def _gatewise(values, z):
    """One value for each gate, repeated for its units."""
    return ops.convert_to_tensor(np.repeat(values, z.shape[-1] // len(values)), z.dtype)
