"""The cells of the notes for the fast path: one step forward, and one back, by hand.

`engine.py` runs them. Each cell gives, as functions of TensorFlow tensors:

- `saves`: the widths, in units, of what `forward` leaves for the gradient, the output first;
- `keeps`: whether a masked step must keep the output besides closing gates;
- `weights(kernel)`: the blocks of the recurrent kernel, one for each product of a step;
- `close(z, mask)`: gate inputs that carry the state through masked steps;
- `forward(states, z, keep=None)`: one step, and what it saves;
- `states(saved)`: the states after each step, out of what was saved;
- `factors(saved, before, mask)`: what `backward` multiplies by, for all steps at once, and
  what each block of the recurrent kernel was multiplied with;
- `backward(d_states, *factors)`: the gradients before a step, and of its gate inputs z.
"""

from seqzoo.layers.gru_cell import GRUCell
from seqzoo.layers.lstm_cell import LSTMCell
from seqzoo.layers.rnn_cell import RNNCell

CLOSED, OPEN = -1e4, 1e4  # σ is exactly 0 and 1 there, in half precision too


class FastRNN:
    """a = tanh(z + a Waa)"""

    saves = (1,)
    keeps = True

    def weights(kernel):
        return [kernel]

    def close(z, mask):
        return _where(mask, z, [0.0])

    def forward(states, z, keep=None, weights=None):
        import tensorflow as tf

        (a,) = states
        new = tf.tanh(z + tf.matmul(a, weights[0]))
        a = new if keep is None else tf.where(keep, new, a)
        return [a], [a]

    def states(saved):
        return saved

    def factors(saved, before, mask):
        import tensorflow as tf

        (a,) = saved
        slope = 1 - a * a
        if mask is None:
            return [slope], before
        keep = tf.cast(mask, a.dtype)
        return [slope * keep, 1 - keep], before

    def backward(d_states, slope, carried=None, weights=None):
        import tensorflow as tf

        (da,) = d_states
        dz = da * slope
        before = tf.matmul(dz, weights[0])
        return [before if carried is None else before + da * carried], [dz]


class FastGRU:
    """Γu, Γr = σ(z + c W), c̃ = tanh(z + (Γr ∗ c) Wc), c = c + Γu ∗ (c̃ − c)"""

    saves = (1, 2, 1)
    keeps = False

    def weights(kernel):
        gates = 2 * kernel.shape[0]
        return [kernel[:, :gates], kernel[:, gates:]]

    def close(z, mask):
        return _where(mask, z, [CLOSED, 0.0, 0.0])

    def forward(states, z, weights=None):
        import tensorflow as tf

        (c,) = states
        units = c.shape[-1]
        Γ = tf.sigmoid(z[:, : 2 * units] + tf.matmul(c, weights[0]))
        Γu, Γr = Γ[:, :units], Γ[:, units:]
        c̃ = tf.tanh(z[:, 2 * units :] + tf.matmul(Γr * c, weights[1]))
        c = c + Γu * (c̃ - c)
        return [c], [c, Γ, c̃]

    def states(saved):
        return saved[:1]

    def factors(saved, before, mask):
        import tensorflow as tf

        _, Γ, c̃ = saved
        (c,) = before
        Γu, Γr = tf.split(Γ, 2, axis=-1)
        to_c̃ = Γu * (1 - c̃ * c̃)
        to_Γu = (c̃ - c) * Γu * (1 - Γu)
        to_Γr = c * Γr * (1 - Γr)
        return [to_c̃, to_Γu, to_Γr, 1 - Γu, Γr], [c, Γr * c]

    def backward(d_states, to_c̃, to_Γu, to_Γr, carried, Γr, weights=None):
        import tensorflow as tf

        (dc,) = d_states
        dc̃ = dc * to_c̃
        d_product = tf.matmul(dc̃, weights[1])
        dΓ = tf.concat([dc * to_Γu, d_product * to_Γr], axis=-1)
        before = dc * carried + d_product * Γr + tf.matmul(dΓ, weights[0])
        return [before], [tf.concat([dΓ, dc̃], axis=-1)]


class FastLSTM:
    """Γu, Γf, Γo = σ(z + a W), c̃ = tanh(z + a W), c = Γu ∗ c̃ + Γf ∗ c, a = Γo ∗ tanh(c)"""

    saves = (1, 4, 1)
    keeps = True

    def weights(kernel):
        return [kernel]

    def close(z, mask):
        return _where(mask, z, [CLOSED, OPEN, 0.0, 0.0])

    def forward(states, z, keep=None, weights=None):
        import tensorflow as tf

        a, c = states
        units = a.shape[-1]
        z = z + tf.matmul(a, weights[0])
        Γ = tf.sigmoid(z[:, : 2 * units])
        c̃ = tf.tanh(z[:, 2 * units : 3 * units])
        Γo = tf.sigmoid(z[:, 3 * units :])
        c = Γ[:, :units] * c̃ + Γ[:, units:] * c
        new = Γo * tf.tanh(c)
        a = new if keep is None else tf.where(keep, new, a)
        return [a, c], [a, tf.concat([Γ, c̃, Γo], axis=-1), c]

    def states(saved):
        return [saved[0], saved[2]]

    def factors(saved, before, mask):
        import tensorflow as tf

        _, gates, c = saved
        a_before, c_before = before
        Γu, Γf, c̃, Γo = tf.split(gates, 4, axis=-1)
        tanh = tf.tanh(c)
        a_to_c, a_to_Γo = Γo * (1 - tanh * tanh), tanh * Γo * (1 - Γo)
        c_to_gates = tf.concat(
            [c̃ * Γu * (1 - Γu), c_before * Γf * (1 - Γf), Γu * (1 - c̃ * c̃)], axis=-1
        )
        if mask is None:
            return [a_to_c, a_to_Γo, c_to_gates, Γf], [a_before]
        keep = tf.cast(mask, c.dtype)
        return [a_to_c * keep, a_to_Γo * keep, c_to_gates, Γf, 1 - keep], [a_before]

    def backward(d_states, a_to_c, a_to_Γo, c_to_gates, Γf, carried=None, weights=None):
        import tensorflow as tf

        da, dc = d_states
        dc = dc + da * a_to_c
        dz = tf.concat([tf.tile(dc, (1, 3)) * c_to_gates, da * a_to_Γo], axis=-1)
        before = tf.matmul(dz, weights[0])
        return [before if carried is None else before + da * carried, dc * Γf], [dz]


FAST_CELLS = {RNNCell: FastRNN, GRUCell: FastGRU, LSTMCell: FastLSTM}


def _where(mask, z, values):
    """z where a step counts, and elsewhere one value for each gate."""
    import tensorflow as tf

    units = z.shape[-1] // len(values)
    return tf.where(mask, z, tf.repeat(tf.constant(values, z.dtype), units))
