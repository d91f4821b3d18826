"""With `recompute=True`, which runs segments again for their gradient, every number is as without."""

import keras
import numpy as np
import pytest
from keras import tree

from seqzoo.layers import GRU, LSTM, RNN, Bidirectional, Cell, GRUCell, LSTMCell, RNNCell, SimpleRNN, from_keras
from seqzoo.layers.cell import Bias, Weight
from tools import BACKEND, array, assert_same_results, normal, results, results_by_tape, results_in_a_graph, states_of

T = 10  # segments of 4, 4 and 2 steps
MASK = np.array([[1, 1, 0, 0, 0, 0, 0, 0, 1, 0], [0, 0, 0, 0, 0, 1, 1, 0, 0, 0], [0] * T], bool)
of_tensorflow = pytest.mark.skipif(BACKEND != "tensorflow", reason="TensorFlow's graphs")


def pair(make, length=T, **options):
    """The layer with `recompute` and without, with the same random weights; a batch, and states for it."""
    rng = np.random.default_rng(0)
    options = {"return_sequences": True, "return_state": True, **options}
    again, once = (RNN(make(), recompute=recompute, **options) for recompute in (True, False))
    for layer in (again, once):
        layer.build((3, length, 3))
    for ours, theirs in zip(again.weights, once.weights):
        ours.assign(normal(rng, *ours.shape))
        theirs.assign(ours)
    return Flat(again), Flat(once), normal(rng, 3, length or T, 3), states_of(once.cell, rng, 3)


class Flat:
    """A layer that gives its output and states in one list."""

    def __init__(self, layer):
        self.layer, self.trainable_weights = layer, layer.trainable_weights

    def __call__(self, *args, **kwargs):
        return tree.flatten(self.layer(*args, **kwargs))


@pytest.mark.parametrize(
    "make, options",
    [
        (lambda: RNNCell(4), {"return_sequences": False}),
        (lambda: GRUCell(4), {"go_backwards": True, "zero_output_for_mask": True}),
        (lambda: LSTMCell(4, use_bias=False), {}),
    ],
    ids=["RNN", "GRU", "LSTM"],
)
def test_outputs_states_and_gradients_stay(make, options):
    again, once, x, states = pair(make, **options)
    assert_same_results(results(again, x, states, MASK), results(once, x, states, MASK))


class Doubling(Cell):
    """Its output is not a state."""

    gates = ("a",)
    Wa, ba = Weight("a"), Bias("a")

    def call(self, x, states, training=False):
        a = self.activation(self.linear("a", states[0], x, training))
        return 2 * a, [a]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Doubling(4),
        lambda: LSTMCell(4, dropout=0.5, recurrent_dropout=0.5, seed=1),
        lambda: [GRUCell(2), keras.layers.GRUCell(4, dropout=0.5, recurrent_dropout=0.5, seed=1)],
    ],
    ids=["plain", "dropout", "stack"],
)
def test_of_every_cell(make):
    again, once, x, states = pair(make)
    assert_same_results(results(again, x, states, MASK), results(once, x, states, MASK))


@of_tensorflow
@pytest.mark.parametrize("jit, activation", [(True, "tanh"), (False, "softsign")], ids=["jit, fast", "graph, plain"])
def test_in_a_graph(jit, activation):
    again, once, x, states = pair(lambda: GRUCell(4, activation, dropout=0.5, recurrent_dropout=0.5, seed=1))
    found = results_in_a_graph(again, x, states, MASK, jit=jit)
    expected = results_in_a_graph(once, x, states, MASK, jit=True) if jit else results_by_tape(once, x, states, MASK)
    assert_same_results(found, expected)  # XLA draws other numbers


@pytest.mark.parametrize("length", [3, 5])
def test_of_every_length(length):
    again, once, x, states = pair(lambda: GRUCell(4), length)
    assert_same_results(results(again, x, states), results(once, x, states))


@of_tensorflow
@pytest.mark.parametrize("jit, lengths", [(False, (0, 10, 192)), (True, (0, 150))], ids=["graph", "jit"])
def test_where_the_graph_does_not_know_the_length(jit, lengths):
    import tensorflow as tf

    again, once, *_, states = pair(lambda: LSTMCell(4), None)

    def graph(layer):
        def gradients(x):
            with tf.GradientTape() as tape:
                tape.watch(x)
                found = layer(x, initial_state=states, training=True)
                total = tf.add_n([tf.reduce_sum(tf.sin(part)) for part in found])
            return [*found, *tape.gradient(total, [x, *(w.value for w in layer.trainable_weights)])]

        return tf.function(gradients, input_signature=[tf.TensorSpec((None, None, 3))], jit_compile=jit)

    ours, theirs = graph(again), graph(once)
    for length in lengths:
        x = tf.constant(normal(np.random.default_rng(1), 3, length, 3))
        assert_same_results(ours(x), theirs(x))


def trained(length, epochs=2, **options):
    keras.utils.set_random_seed(0)
    layer = Bidirectional(LSTM(4, stateful=True, dropout=0.3, seed=1, **options))
    model = keras.Sequential([keras.Input(batch_shape=(4, length, 3)), layer, keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    rng = np.random.default_rng(0)
    model.fit(normal(rng, 8, length, 3), normal(rng, 8, 1), batch_size=4, epochs=epochs, verbose=0)
    return [array(value) for value in (*model.get_weights(), *layer.forward_layer.states)]


def test_a_default_fit_trains_to_the_same_weights_and_states():
    length = 70 if BACKEND == "tensorflow" else T  # there are 8 steps in a segment, which XLA then compiles
    for ours, expected in zip(trained(length, recompute=True), trained(length), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.skipif(BACKEND == "jax", reason="JAX traces a cell once")
def test_each_step_runs_again_for_its_gradient():
    calls = []

    class Counting(RNNCell):
        def call(self, x, states, training=False):
            calls.append(1)
            return super().call(x, states, training)

    again, once, x, states = pair(lambda: Counting(4))
    counts = []
    for layer, training in ((once, True), (again, True), (again, False)):
        calls.clear()
        results(layer, x, states, training=training)
        counts.append(len(calls))
    assert counts == [2 * T, 3 * T, 2 * T]  # `results` calls the layer twice, and differentiates one


def test_it_is_told_in_words_and_only_in_training():
    layer = RNN(LSTMCell(4), recompute=True)
    assert "recompute=True" in layer.explain(training=True)
    assert layer.explain() == RNN(LSTMCell(4)).explain()


def test_a_cell_that_draws_within_its_steps_is_refused():
    class Noisy(RNNCell):
        def call(self, x, states, training=False):
            return super().call(x + keras.random.normal((3, 3), seed=self.seed_generator), states, training)

    again, _, x, states = pair(lambda: Noisy(4))
    with pytest.raises(ValueError, match="recompute=True expects a cell .*\nReceived: .*seed.*\nLeave recompute=False"):
        again(x, initial_state=states, training=True)
    assert np.isfinite(array(again(x, initial_state=states)[0])).all()


@pytest.mark.parametrize("name", ["RNN", "SimpleRNN", "GRU", "LSTM"])
def test_it_is_saved(name, tmp_path):
    make = {"RNN": lambda **kw: RNN(GRUCell(2), **kw), "SimpleRNN": SimpleRNN, "GRU": GRU, "LSTM": LSTM}[name]
    layer = make(recompute=True) if name == "RNN" else make(2, recompute=True)
    model = keras.Sequential([keras.Input((T, 3)), layer])
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras").layers[0]
    assert loaded.recompute and from_keras(loaded).recompute
    config = layer.get_config()
    del config["recompute"]  # as files of before are
    assert type(layer).from_config(config).recompute is False
