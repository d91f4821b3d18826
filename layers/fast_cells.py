"""The cells of the notes for the fast path: one step forward, and one back, by hand.

`engine.py` runs them; `packed_steps.py` only forward. Each cell gives, as functions of tensors:

- `saves`: how many states each step leaves besides its gates; 0 where the gates are the state;
- `keeps`: whether a masked step must keep the output besides closing gates;
- `weights(kernel)`: the blocks of the recurrent kernel, one for each product of a step;
- `closed`: gate inputs that carry the state, one number for each gate, where the cell has gates;
- `close(z, mask)`: gate inputs that carry the state through masked steps;
- `forward(states, z, keep=None)`: one step: the states, and the gates, as wide as z;
- `factors(gates, before, after, mask)`: what `backward` multiplies by, of one step or of all:
  one tensor as wide as z, and a list of as many as `others` says, as wide as a state;
- `multiplied(before, others)`: what each block of the recurrent kernel was multiplied with;
- `backward(d_states, factors, *others, keep=None)`: the gradients before a step, and dz, as
  wide as z.
"""

import keras
import numpy as np
from keras import ops

from seqzoo.layers.gru_cell import GRUCell
from seqzoo.layers.lstm_cell import LSTMCell
from seqzoo.layers.rnn_cell import RNNCell

CLOSED, OPEN = -1e4, 1e4  # σ is exactly 0 and 1 there, in half precision too


class FastRNN:
    """a = tanh(z + a Waa)"""

    saves = 0
    others = 0
    keeps = True

    def weights(kernel):
        return [kernel]

    def close(z, mask):
        return z  # it has no gate: `forward` keeps a where a step is masked

    def forward(states, z, keep=None, weights=None):
        (a,) = states
        new = ops.tanh(z + ops.matmul(a, weights[0]))
        a = new if keep is None else ops.where(keep, new, a)
        return [a], a

    def factors(a, before, after, mask):
        slope = 1 - a * a
        return (slope if mask is None else slope * ops.cast(mask, a.dtype)), []

    def multiplied(before, others):
        return before

    def backward(d_states, slope, keep=None, weights=None):
        (da,) = d_states
        dz = da * slope
        before = ops.matmul(dz, weights[0])
        return [before if keep is None else before + da * (1 - keep)], dz


class FastGRU:
    """Γu, Γr = σ(z + c W), c̃ = tanh(z + (Γr ∗ c) Wc), c = c + Γu ∗ (c̃ − c)"""

    saves = 1
    others = 2
    keeps = False
    closed = [CLOSED, 0.0, 0.0]

    def weights(kernel):
        gates = 2 * kernel.shape[0]
        return [kernel[:, :gates], kernel[:, gates:]]

    def close(z, mask):
        return _where(mask, z, FastGRU.closed)

    def forward(states, z, weights=None):
        (c,) = states
        units = c.shape[-1]
        Γ = ops.sigmoid(z[:, : 2 * units] + ops.matmul(c, weights[0]))
        Γu, Γr = Γ[:, :units], Γ[:, units:]
        c̃ = ops.tanh(z[:, 2 * units :] + ops.matmul(Γr * c, weights[1]))
        return [c + Γu * (c̃ - c)], ops.concatenate([Γ, c̃], axis=-1)

    def factors(gates, before, after, mask):
        (c,) = before
        Γu, Γr, c̃ = ops.split(gates, 3, axis=-1)
        slopes = ops.concatenate([(c̃ - c) * Γu * (1 - Γu), c * Γr * (1 - Γr), Γu * (1 - c̃ * c̃)], axis=-1)
        return slopes, [1 - Γu, Γr]

    def multiplied(before, others):
        (c,), (_, Γr) = before, others
        return [c, Γr * c]

    def backward(d_states, slopes, carried, Γr, weights=None):
        (dc,) = d_states
        to_Γu, to_Γr, to_c̃ = ops.split(slopes, 3, axis=-1)
        dc̃ = dc * to_c̃
        d_product = ops.matmul(dc̃, weights[1])
        dΓ = ops.concatenate([dc * to_Γu, d_product * to_Γr], axis=-1)
        before = dc * carried + d_product * Γr + ops.matmul(dΓ, weights[0])
        return [before], ops.concatenate([dΓ, dc̃], axis=-1)


class FastLSTM:
    """Γu, Γf, Γo = σ(z + a W), c̃ = tanh(z + a W), c = Γu ∗ c̃ + Γf ∗ c, a = Γo ∗ tanh(c)"""

    saves = 2
    others = 2
    keeps = True
    closed = [CLOSED, OPEN, 0.0, 0.0]

    def weights(kernel):
        return [kernel]

    def close(z, mask):
        return _where(mask, z, FastLSTM.closed)

    def forward(states, z, keep=None, weights=None):
        a, c = states
        gates = _lstm_gates(z + ops.matmul(a, weights[0]))
        Γu, Γf, c̃, Γo = ops.split(gates, 4, axis=-1)
        c = Γu * c̃ + Γf * c
        new = Γo * ops.tanh(c)
        a = new if keep is None else ops.where(keep, new, a)
        return [a, c], gates

    def factors(gates, before, after, mask):
        (_, c_before), (_, c) = before, after
        Γu, Γf, c̃, Γo = ops.split(gates, 4, axis=-1)
        tanh = ops.tanh(c)
        slopes = ops.concatenate(
            [c̃ * Γu * (1 - Γu), c_before * Γf * (1 - Γf), Γu * (1 - c̃ * c̃), tanh * Γo * (1 - Γo)], axis=-1
        )
        return slopes, [Γo * (1 - tanh * tanh), Γf]

    def multiplied(before, others):
        return before[:1]

    def backward(d_states, slopes, a_to_c, Γf, keep=None, weights=None):
        da, dc = d_states
        d_new = da if keep is None else da * keep
        dc = dc + d_new * a_to_c
        dz = ops.concatenate([dc, dc, dc, d_new], axis=-1) * slopes
        before = ops.matmul(dz, weights[0])
        return [before if keep is None else before + da * (1 - keep), dc * Γf], dz


FAST_CELLS = {RNNCell: FastRNN, GRUCell: FastGRU, LSTMCell: FastLSTM}


def _lstm_gates(z):
    if keras.backend.backend() != "tensorflow":
        u, f, c, o = ops.split(z, 4, axis=-1)
        return ops.concatenate([ops.sigmoid(u), ops.sigmoid(f), ops.tanh(c), ops.sigmoid(o)], axis=-1)
    # One tanh for all four: σ(z) = ½ + ½ tanh(½ z). Under XLA it becomes a kernel of its
    # own, with vector instructions; four gates in the update of c would have none.
    half = _gatewise([0.5, 0.5, 1.0, 0.5], z)
    return half * ops.tanh(half * z) + (1 - half)


def _where(mask, z, values):
    """z where a step counts, and elsewhere one value for each gate."""
    return ops.where(mask, z, _gatewise(values, z))


def _gatewise(values, z):
    """One value for each gate, repeated for its units."""
    return ops.convert_to_tensor(np.repeat(values, z.shape[-1] // len(values)), z.dtype)
