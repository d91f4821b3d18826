"""Sequences of any rank, width and length: used where Keras's layers can use them, else refused in words."""

import keras
import numpy as np
import pytest
from keras import ops

from seqzoo.layers import RNN, GRUCell, LSTMCell, RNNCell, trace
from tools import BACKEND, CELLS, arrays, assert_close, gradients, normal, randomise, states_of

each_cell = pytest.mark.parametrize("cell_class", CELLS)
tensorflow_only = pytest.mark.skipif(BACKEND != "tensorflow", reason="only TensorFlow has shapes that are not known")


# --- rank and features -----------------------------------------------------------------------


@each_cell
@pytest.mark.parametrize("shape", [(5, 6, 3), (5,)])
@pytest.mark.parametrize("wrap", [lambda layer: layer, keras.layers.Bidirectional], ids=["alone", "bidirectional"])
def test_other_ranks_are_refused_when_the_layer_is_called(cell_class, shape, wrap):
    message = rf"expected ndim=3, found ndim={1 + len(shape)}"
    with pytest.raises(ValueError, match=message):
        wrap(RNN(cell_class(4)))(keras.Input(shape))
    with pytest.raises(ValueError, match=message):
        wrap(RNN(cell_class(4)))(np.ones((2, *shape), "float32"))


@pytest.mark.parametrize("cell", [[GRUCell(4), LSTMCell(3)], keras.layers.GRUCell(4)], ids=["stack", "Keras's"])
def test_other_ranks_are_refused_for_stacks_and_cells_of_keras(cell):
    with pytest.raises(ValueError, match="expected ndim=3, found ndim=4"):
        RNN(cell)(np.ones((2, 5, 6, 3), "float32"))


class Pool(keras.layers.Layer):
    """A cell that reads an image at each step."""

    state_size = 2

    def call(self, x, states):
        state = states[0] + ops.mean(x, axis=(1, 2))
        return state, [state]


def test_a_cell_of_ones_own_may_read_more_axes():
    x = normal(np.random.default_rng(0), 3, 4, 5, 5, 2)
    mask = np.array([[1, 1, 1, 1], [1, 0, 1, 0], [0, 0, 0, 0]], bool)
    expected = (x.mean(axis=(2, 3)) * mask[..., None]).sum(axis=1)
    assert_close(RNN(Pool())(x, mask=mask), expected)


@each_cell
def test_other_features_than_the_weights_are_for_are_refused(cell_class):
    layer = RNN(cell_class(4), name="rnn")
    layer(np.ones((2, 5, 3), "float32"))
    with pytest.raises(ValueError, match="expected axis -1 of input shape to have value 3"):
        layer(np.ones((2, 5, 4), "float32"))
    with pytest.raises(ValueError, match="expected axis -1 of input shape to have value 3"):
        RNN(layer.cell)(keras.Input((None, 4)))
    message = r"'rnn' expects 3 features at each step.*Received: shape \(2, 5, 4\). Give"
    with pytest.raises(ValueError, match=message):
        keras.layers.TimeDistributed(layer)(np.ones((2, 6, 5, 4), "float32"))
    with pytest.raises(ValueError, match=message):
        trace(layer, np.ones((2, 5, 4), "float32"))


# --- features that a graph does not know -----------------------------------------------------


def test_the_first_call_needs_the_number_of_features():
    with pytest.raises(ValueError, match=r"'rnn' expects a known number of features the first time. Received: shape"):
        RNN(LSTMCell(4), name="rnn")(keras.Input((None, None)))


@tensorflow_only
@pytest.mark.parametrize(
    ("cell_class", "cell_options", "options", "jit_compile"),
    [
        (LSTMCell, {}, {"return_sequences": True, "go_backwards": True}, False),
        (GRUCell, {}, {}, True),
        (RNNCell, {"activation": "softsign"}, {"return_sequences": True, "go_backwards": True}, True),
        (LSTMCell, {"activation": "softsign"}, {}, False),
        (GRUCell, {"dropout": 1e-9}, {"return_sequences": True, "go_backwards": True}, True),
        (RNNCell, {"dropout": 1e-9}, {}, False),
    ],
)
def test_a_graph_that_does_not_know_the_features_trains(cell_class, cell_options, options, jit_compile):
    import tensorflow as tf

    rng = np.random.default_rng(0)
    cell = randomise(cell_class(4, **cell_options), rng, features=3)
    layer = RNN(cell, **options)
    x, mask = normal(rng, 2, 5, 3), rng.random((2, 5)) > 0.3

    def slopes(x, mask):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x, mask=mask, training=True)
            total = tf.reduce_sum(tf.sin(y))
        return [y, *tape.gradient(total, [x, *(w.value for w in cell.weights)])]

    unknown = [tf.TensorSpec((None, None, None)), tf.TensorSpec((None, None), tf.bool)]
    graph = tf.function(slopes, input_signature=unknown, jit_compile=jit_compile)
    for ours, known in zip(graph(x, mask), slopes(tf.constant(x), tf.constant(mask)), strict=True):
        np.testing.assert_allclose(ours, known, atol=1e-5)


# --- no steps --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("masked", "return_sequences", "training"),
    [(False, False, False), (False, True, True), (True, False, True), (True, True, False)],
)
@pytest.mark.parametrize("kind", ["tanh", "softsign", "plain"])
@each_cell
def test_no_step_gives_the_first_states_and_their_gradients(cell_class, kind, masked, return_sequences, training):
    rng = np.random.default_rng(0)
    if kind == "plain":
        cell_class, kind = type("Other", (cell_class,), {}), "tanh"
    cell = randomise(cell_class(4, activation=kind), rng, features=3)
    layer = RNN(cell, return_sequences=return_sequences, return_state=True)
    x, mask = np.zeros((2, 0, 3), "float32"), np.zeros((2, 0), bool) if masked else None
    layer.build(x.shape)
    first = [keras.Variable(state) for state in states_of(cell, rng, 2)]

    def call():
        states = [ops.convert_to_tensor(state) for state in first]
        return layer(x, initial_state=states, mask=mask, training=training)

    output, *states = call()
    assert tuple(output.shape) == ((2, 0, 4) if return_sequences else (2, 4))
    assert_close(states, [state.value for state in first])
    if not return_sequences:
        assert_close(output, first[0].value)
    found = gradients(lambda: sum(ops.sum(state) for state in call()[1:]), [*first, *cell.trainable_weights])
    for i, slope in enumerate(found):
        np.testing.assert_array_equal(slope, i < len(first))


@tensorflow_only
@pytest.mark.parametrize(
    ("cell_class", "time", "training", "jit_compile"),
    [
        (RNNCell, 0, False, False),
        (RNNCell, None, True, False),
        (GRUCell, 0, True, True),
        (GRUCell, None, True, False),
        (LSTMCell, None, True, False),
        (LSTMCell, None, False, True),
    ],
)
def test_no_step_in_a_graph(cell_class, time, training, jit_compile):
    import tensorflow as tf

    layer = keras.layers.Bidirectional(RNN(cell_class(4), return_sequences=True))
    last = RNN(cell_class(3))
    last(layer(np.zeros((1, 1, 3), "float32")))

    def slopes(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            h = layer(x, training=training)
            y = last(h, training=training)
            total = tf.reduce_sum(y) + tf.reduce_sum(h)
        weights = [w.value for w in [*layer.trainable_weights, *last.trainable_weights]]
        return h, y, tape.gradient(total, [x, *weights])

    graph = tf.function(slopes, input_signature=[tf.TensorSpec((2, time, 3))], jit_compile=jit_compile)
    h, y, found = graph(np.zeros((2, 0, 3), "float32"))
    assert h.shape == (2, 0, 8)
    np.testing.assert_array_equal(y, np.zeros((2, 3)))
    assert not any(np.any(slope) for slope in found)


@each_cell
def test_no_step_leaves_what_a_stateful_layer_keeps(cell_class):
    rng = np.random.default_rng(0)
    layer = RNN(randomise(cell_class(4), rng, features=3), stateful=True)
    layer(normal(rng, 2, 5, 3))
    kept = arrays([state.value for state in layer.states])
    layer(np.zeros((2, 0, 3), "float32"), training=True)
    assert_close([state.value for state in layer.states], kept, atol=0)


@pytest.mark.skipif(BACKEND != "tensorflow", reason="Keras makes tokens with TensorFlow")
def test_sentences_without_a_word_train():
    words = keras.layers.TextVectorization(vocabulary=["good", "bad"])
    model = keras.Sequential(
        [words, keras.layers.Embedding(4, 3, mask_zero=True), RNN(GRUCell(4)), keras.layers.Dense(1)]
    )
    model(ops.convert_to_tensor(["good"]))
    model.compile("sgd", "mse")
    losses = model.fit(ops.convert_to_tensor(["", ""]), np.ones((2, 1)), verbose=0).history["loss"]
    assert np.isfinite(losses).all()
