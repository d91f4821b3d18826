"""What several test files need: arrays, random weights, and gradients on each backend."""

import itertools

import keras
import numpy as np
from keras import ops, tree

from seqzoo.layers import RNN, GRUCell, LSTMCell, RNNCell
from seqzoo.layers.cell import Weight

CELLS = [RNNCell, GRUCell, LSTMCell]
BACKEND = keras.backend.backend()


def array(x):
    return np.asarray(ops.convert_to_numpy(x), "float64")


# What a layer may be told that its fast path has to heed.
OPTIONS = [
    {},
    {"return_sequences": True},
    {"return_sequences": True, "go_backwards": True},
    {"return_sequences": True, "zero_output_for_mask": True},
    {"return_sequences": True, "cell_options": {"use_bias": False}},
]
EVERY_MASK = np.array([*itertools.product([False, True], repeat=6)])  # a row for each
# What no library's loop has. With the same seed two layers drop the same.
RECURRENT_DROPOUT = {"return_sequences": True, "cell_options": {"recurrent_dropout": 0.5, "seed": 1}}


def activations_of(cell, activation, gates):
    """The options of a cell that give it these activations; an RNN has no gates."""
    return {"activation": activation} if cell is RNNCell else {"activation": activation, "recurrent_activation": gates}


def few_on_jax(cases, few=2):
    """Cases of what is the same code on every backend: only the first few on JAX, which compiles for each."""
    return list(cases)[: few if BACKEND == "jax" else None]


def arrays(xs):
    return [array(x) for x in tree.flatten(xs)]


def normal(rng, *shape):
    return rng.normal(size=shape).astype("float32")


def assert_close(actual, expected, atol=1e-5):
    actual, expected = arrays(actual), arrays(expected)
    assert len(actual) == len(expected)
    for ours, theirs in zip(actual, expected):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=atol)


class MaskReader(keras.layers.Layer):
    def call(self, x, mask=None):
        return x if mask is None else mask


def mask_of(x):
    """The mask that a layer after `x` receives."""
    return array(MaskReader()(x)).astype(bool)


def randomise(cell, rng, features):
    """Builds a cell and gives every gate's weights and bias other random numbers."""
    if not cell.built:
        cell.build((None, features))
    for name, value in cell.symbols.items():
        setattr(cell, name, rng.normal(size=value.shape) * 0.5)
    return cell


def states_of(cell, rng, batch):
    return [normal(rng, batch, size) for size in tree.flatten(cell.state_size)]


def fast_and_plain(cell, rng, features=3, units=4, length=6, scale=1.0, **options):
    """The same weights in a layer that takes the fast path and in one that steps plainly.

    `cell` is a class of cells, or a list of them, which makes a stack.
    """
    cell_options = options.pop("cell_options", {})
    make = lambda: (
        [one(units, **cell_options) for one in cell] if isinstance(cell, list) else cell(units, **cell_options)
    )
    fast, plain = (RNN(make(), return_state=True, unroll=unroll, **options) for unroll in (False, True))
    for layer in (fast, plain):
        layer.build((None, length, features))
    for ours, theirs in zip(fast.weights, plain.weights):
        ours.assign(scale * normal(rng, *ours.shape))
        theirs.assign(ours)
    assert "Fast path" in fast.explain(training=True) and plain.explain().startswith("Plain steps: unroll=True")
    return fast, plain


def as_keras(cell, **kwargs):
    """The layer of Keras that is the same function, with the cell's weights."""
    name = type(cell).__name__
    layer_class = {
        "RNNCell": keras.layers.SimpleRNN,
        "GRUCell": keras.layers.GRU,
        "LSTMCell": keras.layers.LSTM,
    }[name]
    if name == "GRUCell":
        kwargs["reset_after"] = False
    if name == "LSTMCell":  # through cuDNN on JAX it returns the outputs of go_backwards in another order
        kwargs["use_cudnn"] = False
    layer = layer_class(cell.units, dtype=cell.dtype_policy, use_bias=cell.use_bias, **kwargs)
    layer.cell.build((None, cell.kernel.shape[0]))
    layer.cell.set_weights(cell.get_weights())
    return layer


def gradients(total, variables):
    """Gradients of the scalar `total()` by Keras variables, on the backend that runs."""
    if BACKEND == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            value = total()
        found = tape.gradient(value, [variable.value for variable in variables], unconnected_gradients="zero")
    elif BACKEND == "jax":
        import jax

        def of(values):
            with keras.StatelessScope(state_mapping=zip(variables, values)):
                return total()

        found = jax.grad(of)([variable.value for variable in variables])
    else:
        import torch

        values = [variable.value for variable in variables]
        value = total() + 0 * sum(v.sum() for v in values)  # torch refuses what depends on nothing
        found = torch.autograd.grad(value, values)
    return [array(gradient) for gradient in found]


def assert_same_results(found, expected):
    """That outputs, states and gradients agree, as far as single precision goes."""
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=5e-5)


def results(layer, x, states, mask=None, training=True):
    """Outputs, states, and the gradients of x, the states and the weights."""
    sources = [keras.Variable(value) for value in (x, *states)]

    def call():
        first = [ops.convert_to_tensor(state) for state in sources[1:]]
        return layer(ops.convert_to_tensor(sources[0]), initial_state=first, mask=mask, training=training)

    def total():
        return sum(ops.sum(ops.sin((i + 1.0) * part)) for i, part in enumerate(tree.flatten(call())))

    return [*arrays(tree.flatten(call())), *gradients(total, [*sources, *layer.trainable_weights])]


def results_by_tape(layer, x, states, mask=None, training=True):
    """As `results`, of one call of the layer, on TensorFlow."""
    import tensorflow as tf

    x, states = tf.convert_to_tensor(x), [tf.convert_to_tensor(state) for state in states]
    with tf.GradientTape() as tape:
        tape.watch([x, *states])
        results = layer(x, initial_state=states, mask=mask, training=training)
        total = tf.add_n([tf.reduce_sum(tf.sin((i + 1.0) * r)) for i, r in enumerate(results)])
    sources = [x, *states, *(w.value for w in layer.trainable_weights)]
    return [*results, *tape.gradient(total, sources)]


def results_in_a_graph(layer, x, states, mask=None, training=True, jit=False):
    """As `results_by_tape`, in a graph that XLA compiles or not."""
    import tensorflow as tf

    run = tf.function(lambda x, states: results_by_tape(layer, x, states, mask, training), jit_compile=jit)
    return run(tf.constant(x), [tf.constant(state) for state in states])


def by_symbol(cell, kernel, recurrent_kernel, bias):
    """Arrays shaped like the packed weights, cut into the notes' symbols."""
    packed = {"kernel": kernel, "recurrent_kernel": recurrent_kernel, "bias": bias}
    return {
        name: weight.sign
        * np.concatenate([packed[part][..., cell.columns(weight.gate)].T for part in weight.parts], axis=-1)
        for name, weight in vars(type(cell)).items()
        if isinstance(weight, Weight)
    }
