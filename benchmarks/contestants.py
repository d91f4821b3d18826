"""One training step or one inference of a recurrent layer, by each who can compute it.

Each function returns a function without arguments, all of them from the same weights, in
the order of `keras.layers`: kernel, recurrent kernel, bias, with gates z, r, h and i, f, c, o.
"""

import os

import tensorflow as tf

from seqzoo.layers.backends.fused_cells import fused_form
from seqzoo.layers.backends.sequence import input_products
from seqzoo.layers.backends.tensorflow_loop import loop_over_arrays
from seqzoo.layers.backends.xla_loop import under_xla, xla_loop, xla_loop_by_blocks

THREADS = os.cpu_count()
TORCH = {"rnn": "RNN", "lstm": "LSTM"}


def tensorflow_call(layer, x, mask, training, jit):
    """A Keras layer, ours or Keras's own: the outputs, or the gradients of the weights."""

    def run():
        if not training:
            return layer(x, mask=mask)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(layer(x, mask=mask, training=True) ** 2)
        return tape.gradient(loss, [w.value for w in layer.trainable_weights])

    compiled = tf.function(run, jit_compile=jit)
    return lambda: [value.numpy() for value in tf.nest.flatten(compiled())]


def products_call(ours, x, training, jit):
    """The matrix products alone that a layer cannot do without, each step after the other."""
    fused = fused_form(ours.cell)
    kernel, recurrent = (tf.constant(w.numpy()) for w in (ours.cell.kernel, ours.cell.recurrent_kernel))
    units = ours.cell.units

    blocks = fused.blocks(recurrent)
    widths = [w.shape[1] for w in blocks]

    def forward(states, z):
        products = [tf.matmul(states[0], w) for w in blocks]
        return [z[:, :units] + tf.add_n([p[:, :units] for p in products])], None

    def backward(_, dz):
        parts = zip(tf.split(dz, widths, axis=-1), blocks)
        return [tf.add_n([tf.matmul(dz, w, transpose_b=True) for dz, w in parts])], None

    of_inputs = lambda x: input_products(x, kernel)

    def loop(step, states, z, reverse=False):
        if under_xla():
            return xla_loop(lambda states, _, z: (step(states, *z)[0], [], []), states, [], [z], reverse=reverse)[0]
        return loop_over_arrays(lambda states, z: (step(states, *z)[0], []), states, [z], reverse=reverse)[0]

    def run():
        first = [tf.zeros((x.shape[0], units))]
        if under_xla() and not training:
            return xla_loop_by_blocks(forward, of_inputs, first, x, [], kernel.shape[1], collect=False)[1]
        ordered = x if under_xla() else tf.transpose(x, (1, 0, 2))
        z = of_inputs(ordered)
        last = loop(forward, first, z)
        if not training:
            return last
        d_first = loop(backward, first, z, reverse=True)
        dz = tf.reshape(z, (-1, z.shape[-1]))
        d_recurrent = [tf.matmul(dz[:, :units], part, transpose_a=True) for part in tf.split(dz, widths, axis=-1)]
        rows = tf.reshape(ordered, (-1, x.shape[-1]))
        return last, d_first, d_recurrent, tf.matmul(rows, dz, transpose_a=True)

    compiled = tf.function(run, jit_compile=jit)
    return lambda: [value.numpy() for value in tf.nest.flatten(compiled())]


def torch_call(name, weights, x, training):
    import torch

    torch.set_num_threads(THREADS)
    layer = getattr(torch.nn, TORCH[name])(x.shape[-1], weights[1].shape[0], batch_first=True)
    kernel, recurrent, bias = (torch.tensor(w) for w in weights)
    with torch.no_grad():
        for ours, value in (
            (layer.weight_ih_l0, kernel.T),
            (layer.weight_hh_l0, recurrent.T),
            (layer.bias_ih_l0, bias),
            (layer.bias_hh_l0, torch.zeros_like(bias)),
        ):
            ours.copy_(value)
    data = torch.tensor(x.numpy())

    def run():
        if not training:
            with torch.no_grad():
                return layer(data)[0]
        layer.zero_grad()
        (layer(data)[0] ** 2).mean().backward()

    return run


def jax_call(name, weights, x, training):
    """Plain `jax.lax.scan` over the cell's step, with the input product before it."""
    import jax
    import jax.numpy as jnp

    step = {"rnn": _jax_rnn, "gru": _jax_gru, "lstm": _jax_lstm}[name]
    data = jnp.asarray(x.numpy()).swapaxes(0, 1)
    zeros = jnp.zeros((data.shape[1], weights[1].shape[0]))

    def outputs(weights, data):
        kernel, recurrent, bias = weights
        z = data @ kernel + bias
        first = (zeros, zeros) if name == "lstm" else (zeros,)
        return jax.lax.scan(lambda states, z: step(states, z, recurrent), first, z)[1]

    loss = jax.grad(lambda weights, data: jnp.mean(outputs(weights, data) ** 2))
    compiled = jax.jit(loss if training else outputs)
    weights = [jnp.asarray(w) for w in weights]
    return lambda: jax.block_until_ready(compiled(weights, data))


def _jax_rnn(states, z, recurrent):
    import jax.numpy as jnp

    a = jnp.tanh(z + states[0] @ recurrent)
    return (a,), a


def _jax_gru(states, z, recurrent):
    import jax
    import jax.numpy as jnp

    (h,) = states
    units = h.shape[-1]
    gates = jax.nn.sigmoid(z[:, : 2 * units] + h @ recurrent[:, : 2 * units])
    update, reset = jnp.split(gates, 2, axis=-1)
    candidate = jnp.tanh(z[:, 2 * units :] + (reset * h) @ recurrent[:, 2 * units :])
    h = update * h + (1 - update) * candidate
    return (h,), h


def _jax_lstm(states, z, recurrent):
    import jax
    import jax.numpy as jnp

    h, c = states
    i, f, candidate, o = jnp.split(z + h @ recurrent, 4, axis=-1)
    c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(candidate)
    h = jax.nn.sigmoid(o) * jnp.tanh(c)
    return (h, c), h
