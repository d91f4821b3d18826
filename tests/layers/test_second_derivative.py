"""The gradient of a gradient, as a gradient penalty asks for: that of Keras's layers, and of differences."""

import keras
import numpy as np
import pytest

from seqzoo.layers import RNN, GRUCell, LSTMCell, RNNCell
from tools import CELLS, RECURRENT_DROPOUT, as_keras, fast_and_plain, normal, randomise, states_of

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="the other ways can be differentiated")
WAYS = {"eager": None, "graph": False, "jit": True}


def problem(cell_class):
    rng = np.random.default_rng(0)
    cell = randomise(cell_class(4, dtype="float64"), rng, features=3)
    x, states = normal(rng, 2, 5, 3), states_of(cell, rng, 2)
    mask = np.array([[1, 1, 0, 1, 0], [1, 0, 1, 1, 1]], bool)
    return cell, *(tf.constant(value, "float64") for value in (x, *states)), tf.constant(mask)


def penalty(layer, x, states, mask, training):
    """How far the gradients by x, by the states and by the weights are from zero."""
    weights = [weight.value for weight in layer.trainable_weights]
    with tf.GradientTape() as tape:
        tape.watch([x, *states])
        results = layer(x, initial_state=states, mask=mask, training=training)
        total = tf.add_n([tf.reduce_sum(tf.sin((i + 1.0) * part)) for i, part in enumerate(results)])
    return tf.add_n([tf.reduce_sum(tf.square(slope)) for slope in tape.gradient(total, [x, *states, *weights])])


def second(layer, x, states, mask, training):
    weights = [weight.value for weight in layer.trainable_weights]
    with tf.GradientTape() as tape:
        tape.watch([x, *states])
        value = penalty(layer, x, states, mask, training)
    return tape.gradient(value, [x, *states, *weights])


def compiled(function, layer, x, states, way, known, training):
    """The function of x, the states and the mask, with the length of time known or not."""
    call = lambda x, states, mask: function(layer, x, states, mask, training)
    if WAYS[way] is None:
        return call
    shape = x.shape if known else (None, None, 3)
    unknown = [tf.TensorSpec(shape, "float64"), [tf.TensorSpec(s.shape, "float64") for s in states]]
    unknown.append(tf.TensorSpec(shape[:2], "bool"))
    return tf.function(call, input_signature=unknown, jit_compile=WAYS[way])


@pytest.mark.parametrize(
    ("way", "known", "training", "return_sequences"), [("eager", True, False, False), ("graph", False, True, True)]
)
@pytest.mark.parametrize("cell_class", CELLS)
def test_it_is_that_of_keras(cell_class, way, known, training, return_sequences):
    cell, x, *states, mask = problem(cell_class)
    options = {"return_sequences": return_sequences, "return_state": True, "dtype": "float64"}
    ours = RNN(cell, **options)
    ours.build(x.shape)
    theirs = as_keras(cell, **{key: value for key, value in options.items() if key != "dtype"})
    theirs.build(x.shape)
    assert ours.explain(training=training).startswith("Fast path")
    found = compiled(second, ours, x, states, way, known, training)(x, states, mask)
    expected = list(second(theirs, x, states, mask, training))
    for mine, keras_ in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine, keras_, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("cell_class", CELLS)
def test_it_is_the_slope_of_the_gradient(cell_class):
    cell, x, *states, mask = problem(cell_class)
    layer = RNN(cell, return_sequences=True, return_state=True, dtype="float64")
    layer.build(x.shape)
    by_x, *by_states = second(layer, x, states, mask, True)[: 1 + len(states)]
    rng, h = np.random.default_rng(1), 1e-5
    along = [rng.normal(size=part.shape) for part in (x, *states)]

    def moved(step):
        new, *first = (part + step * way for part, way in zip((x, *states), along))
        return penalty(layer, new, first, mask, True)

    slope = sum(np.sum(a * b) for a, b in zip(along, (by_x, *by_states)))
    np.testing.assert_allclose(slope, (moved(h) - moved(-h)) / (2 * h), rtol=1e-6)


@pytest.mark.parametrize(("cell_class", "way"), [(RNNCell, "eager"), (GRUCell, "eager"), (LSTMCell, "graph")])
def test_with_recurrent_dropout_it_is_that_of_plain_steps(cell_class, way):
    rng = np.random.default_rng(0)
    cell_options = {**RECURRENT_DROPOUT["cell_options"], "dtype": "float64"}
    fast, plain = fast_and_plain(
        cell_class, rng, **{**RECURRENT_DROPOUT, "cell_options": cell_options, "dtype": "float64", "length": 9}
    )
    x, *states = (tf.constant(rng.normal(size=shape)) for shape in ((2, 9, 3), *[(2, 4)] * len(fast.state_size)))
    mask = tf.constant(rng.random((2, 9)) > 0.3)
    found = compiled(second, fast, x, states, way, True, True)(x, states, mask)
    expected = second(plain, x, states, mask, True)
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)


def test_it_under_xla_is_the_same():
    cell, x, *states, mask = problem(LSTMCell)
    layer = RNN(cell, return_state=True, dtype="float64")
    layer.build(x.shape)
    expected = second(layer, x, states, mask, False)
    for ours, theirs in zip(compiled(second, layer, x, states, "jit", False, False)(x, states, mask), expected):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-10)


def test_a_third_derivative():
    cell, x, *states, mask = problem(LSTMCell)
    layer = RNN(cell, return_state=True, dtype="float64")
    layer.build(x.shape)
    slopes = []
    for unroll in (False, True):
        layer.unroll = unroll
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = tf.reduce_sum(tf.sin(second(layer, x, states, mask, True)[0]))
        slopes.append(tape.gradient(value, x))
    np.testing.assert_allclose(*slopes, rtol=1e-9, atol=1e-10)


def test_a_model_trains_with_a_gradient_penalty():
    class Smooth(keras.Model):
        def __init__(self):
            super().__init__()
            self.recurrent, self.out = RNN(RNNCell(4)), keras.layers.Dense(1)

        def call(self, x):
            return self.out(self.recurrent(x))

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            with tf.GradientTape() as tape:
                tape.watch(x)
                total = tf.reduce_sum(self(x))
            steepness = tf.reduce_mean(tf.square(tape.gradient(total, x)))
            return super().compute_loss(x, y, y_pred, sample_weight, training) + 10 * steepness

    rng = np.random.default_rng(0)
    model = Smooth()
    model.compile(keras.optimizers.Adam(0.01), "mse")
    losses = model.fit(normal(rng, 16, 6, 3), normal(rng, 16, 1), epochs=5, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
