"""JAX's transformations of a layer, whose loop has a tangent of its own: as those of `keras.layers`."""

import keras
import numpy as np
import pytest

from seqzoo.layers import RNN, GRUCell, LSTMCell
from tools import BACKEND, CELLS, as_keras, assert_same_results, normal, randomise

pytestmark = pytest.mark.skipif(BACKEND != "jax", reason="JAX's transformations")


def call(layer, mask):
    """A loss of the weights and of x, without a state of its own."""
    fixed = [variable.value for variable in layer.non_trainable_variables]

    def loss(weights, x, mask=mask):
        outputs, _ = layer.stateless_call(weights, fixed, x, mask=mask)
        return keras.ops.sum(keras.ops.sin(outputs) * (1 + keras.ops.arange(outputs.shape[-1], dtype="float32")))

    return loss, [variable.value for variable in layer.trainable_variables]


def along(values):
    """A direction to differentiate along."""
    import jax

    return jax.tree.map(keras.ops.cos, values)


def forward_mode(loss, weights, x, mask):
    import jax

    return jax.jit(lambda *values: jax.jvp(loss, values, along(values)))(weights, x)


def forward_over_reverse(loss, weights, x, mask):
    import jax

    return jax.jit(lambda *values: jax.jvp(jax.grad(loss, argnums=(0, 1)), values, along(values)))(weights, x)


def reverse_over_reverse(loss, weights, x, mask):
    import jax

    norm = lambda *values: sum(keras.ops.sum(g**2) for g in jax.tree.leaves(jax.grad(loss, argnums=(0, 1))(*values)))
    return jax.jit(jax.grad(norm, argnums=(0, 1)))(weights, x)


def of_each_row(loss, weights, x, mask):
    import jax

    of_row = lambda x, mask: jax.grad(loss)(weights, x[None], mask[None])
    return jax.jit(jax.vmap(of_row))(x, mask)


def of_many_weights(loss, weights, x, mask):
    import jax

    many = jax.tree.map(lambda weight: keras.ops.stack([weight, 0.5 * weight, -weight]), weights)
    return jax.jit(jax.vmap(jax.grad(loss), in_axes=(0, None)))(many, x)


def kept_nothing(loss, weights, x, mask):
    import jax

    return jax.jit(jax.grad(jax.checkpoint(loss), argnums=(0, 1)))(weights, x)


def without_jit(loss, weights, x, mask):
    import jax

    return jax.grad(loss, argnums=(0, 1))(weights, x)


@pytest.mark.parametrize(
    ("cell", "way"),
    [
        *((cell, way) for cell in CELLS for way in (forward_mode, forward_over_reverse)),
        (GRUCell, reverse_over_reverse),
        (LSTMCell, of_each_row),
        (GRUCell, of_many_weights),
        (LSTMCell, kept_nothing),
        (GRUCell, without_jit),
    ],
)
def test_transformations(cell, way):
    import jax

    rng = np.random.default_rng(0)
    ours = RNN(randomise(cell(4), rng, features=3), return_sequences=True)
    theirs = as_keras(ours.cell, return_sequences=True)
    x, mask = normal(rng, 3, 6, 3), rng.random((3, 6)) > 0.3
    x, mask = keras.ops.convert_to_tensor(x), keras.ops.convert_to_tensor(mask)
    for layer in (ours, theirs):
        layer(x)
    found, expected = (jax.tree.leaves(way(*call(layer, mask), x, mask)) for layer in (ours, theirs))
    assert any(np.abs(value).max() > 0.1 for value in map(np.asarray, expected))
    assert_same_results(found, expected)


@pytest.mark.parametrize("cell", CELLS)
def test_a_frozen_weight(cell):
    import jax

    rng = np.random.default_rng(0)
    layer = RNN(randomise(cell(4), rng, features=3))
    x = keras.ops.convert_to_tensor(normal(rng, 3, 6, 3))
    layer(x)
    loss, weights = call(layer, None)
    expected = jax.grad(loss)(weights, x)
    places = [weight is not layer.cell.recurrent_kernel for weight in layer.trainable_variables]
    layer.cell.recurrent_kernel.trainable = False
    loss, weights = call(layer, None)
    found = jax.grad(loss)(weights, x)
    assert_same_results(found, [gradient for gradient, free in zip(expected, places) if free])
