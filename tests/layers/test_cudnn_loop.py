"""What cuDNN's loop is called with, on machines without a GPU: a stand-in runs the loop it documents.

The stand-in cuts the flat parameters as cuDNN's documentation of `cudnnGetRNNWeightParams` has
them. `test_it_calls_the_op_as_keras_does` holds the call itself against the one of
`keras.layers.LSTM`, and the real op's own checks of shapes see it wherever a graph is made.
"""

import contextlib
import sys
from unittest import mock

import keras
import numpy as np
import pytest

from seqzoo.layers import RNN, GRUCell, LSTMCell, RNNCell
from tools import (
    BACKEND,
    EVERY_MASK,
    OPTIONS,
    array,
    assert_close,
    assert_same_results,
    fast_and_plain,
    normal,
    results,
)

EACH = pytest.mark.parametrize("cell", [RNNCell, LSTMCell])
pytestmark = pytest.mark.skipif(BACKEND != "tensorflow", reason="TensorFlow's op; torch's: test_torch_loop.py")


def stand_in(input, input_h, input_c, params, sequence_lengths, rnn_mode, time_major, is_training, **_):
    import tensorflow as tf

    assert is_training and not time_major
    units, features = input_h.shape[-1], input.shape[-1]
    gates = {"rnn_tanh": 1, "lstm": 4}[rnn_mode]
    sizes = [units * features] * gates + [units * units] * gates + [units] * (2 * gates)
    parts = tf.split(params, sizes)
    W = [tf.reshape(part, (units, features)) for part in parts[:gates]]
    R = [tf.reshape(part, (units, units)) for part in parts[gates : 2 * gates]]
    b = [one + other for one, other in zip(parts[2 * gates : 3 * gates], parts[3 * gates :])]
    h, c = input_h[:, 0], None if rnn_mode == "rnn_tanh" else input_c[:, 0]
    outputs = []
    for t in range(input.shape[1]):
        tf.debugging.assert_greater(sequence_lengths, t)
        z = [input[:, t] @ tf.transpose(W[g]) + h @ tf.transpose(R[g]) + b[g] for g in range(gates)]
        if c is None:
            h = tf.tanh(z[0])
        else:
            i, f, candidate, o = tf.sigmoid(z[0]), tf.sigmoid(z[1]), tf.tanh(z[2]), tf.sigmoid(z[3])
            c = f * c + i * candidate
            h = o * tf.tanh(c)
        outputs.append(h)
    c = tf.zeros(()) if c is None else c[:, None]
    return tf.stack(outputs, axis=1), h[:, None], c, None, None


def cuda(there=True):
    return mock.patch.object(sys.modules["seqzoo.layers.backends.cudnn_loop"], "_has_cuda", lambda: there)


@contextlib.contextmanager
def a_gpu():
    """Lets the layers believe in a GPU, and gives the stand-in for cuDNN, which counts its calls."""
    import tensorflow as tf

    with cuda(), mock.patch.object(tf.raw_ops, "CudnnRNNV3", mock.Mock(side_effect=stand_in)) as counted:
        yield counted


def assert_same(fast, plain, x, states, mask=None, training=True):
    expected = results(plain, x, states, mask, training)
    with a_gpu() as cudnn:
        found = results(fast, x, states, mask, training)
        assert cudnn.call_count == 2
    assert_same_results(found, expected)


def problem(cell, batch=3, **options):
    rng = np.random.default_rng(0)
    with a_gpu():
        fast, plain = fast_and_plain(cell, rng, **options)
    return fast, plain, normal(rng, batch, 6, 3), [normal(rng, batch, 4) for _ in fast.state_size]


@pytest.mark.parametrize("training, masked", [(False, False), (True, True)], ids=["inference", "training, masked"])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
@EACH
def test_outputs_states_and_gradients(cell, options, masked, training):
    fast, plain, x, states = problem(cell, **options)
    mask = np.random.default_rng(1).random((3, 6)) > 0.4 if masked else None
    assert_same(fast, plain, x, states, mask, training)


@EACH
def test_any_mask(cell):
    assert_same(*problem(cell, batch=len(EVERY_MASK), return_sequences=True), EVERY_MASK)


@EACH
def test_what_stands_at_a_masked_step_does_not_matter(cell):
    fast, _, x, states = problem(cell, return_sequences=True)
    mask = np.array([[1, 1, 0, 0, 1, 0], [0, 1, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0]], bool)
    with a_gpu():
        expected = results(fast, x, states, mask)
        x[~mask] = np.nan
        assert_close(results(fast, x, states, mask), expected, atol=0)


@EACH
def test_no_step_gives_the_first_states(cell):
    fast, _, _, states = problem(cell, return_sequences=True)
    with a_gpu():
        outputs, *last = fast(np.zeros((3, 0, 3), "float32"), initial_state=states)
    assert outputs.shape == (3, 0, 4)
    assert_close(last, states, atol=0)


def test_a_model_trains_through_cudnn_and_is_not_compiled_by_tensorflows_xla():
    x = np.random.default_rng(0).normal(size=(64, 8, 3)).astype("float32")
    y = (x.sum((1, 2)) > 0).astype("float32")
    with a_gpu() as cudnn:
        assert not RNN(LSTMCell(8)).supports_jit
        model = keras.Sequential([RNN(RNNCell(8)), keras.layers.Dense(1, "sigmoid")])
        model.compile(keras.optimizers.Adam(0.05), "binary_crossentropy")
        assert not model.jit_compile
        losses = model.fit(x, y, epochs=20, verbose=0).history["loss"]
        assert cudnn.called
    assert losses[-1] < losses[0] / 2


@EACH
def test_two_directions(cell):
    with a_gpu() as cudnn:
        layer = keras.layers.Bidirectional(RNN(cell(4), return_sequences=True))
        assert layer(np.ones((2, 5, 3), "float32"), mask=np.ones((2, 5), bool)).shape == (2, 5, 8)
        assert cudnn.call_count == 2


@EACH
def test_xla_compiles_the_loop_with_its_own_gradient(cell):
    import tensorflow as tf

    fast, plain, x, states = problem(cell, return_sequences=True)
    expected = plain(x, initial_state=states)
    with a_gpu() as cudnn:
        found = tf.function(fast, jit_compile=True)(x, initial_state=states)
        assert not cudnn.called
    assert_close(found, expected)


@pytest.mark.parametrize("bias", [True, False])
def test_it_calls_the_op_as_keras_does(bias):
    import tensorflow as tf

    theirs = keras.layers.LSTM(4, return_sequences=True, return_state=True)
    theirs.build((3, 6, 3))
    rng = np.random.default_rng(0)
    weights = [normal(rng, *w.shape) for w in theirs.weights]
    weights[2] = weights[2] if bias else np.zeros_like(weights[2])
    theirs.set_weights(weights)
    ours = RNN(LSTMCell(4, use_bias=bias), return_sequences=True, return_state=True)
    ours.build((3, 6, 3))
    ours.set_weights(weights if bias else weights[:2])
    x, states = normal(rng, 3, 6, 3), [normal(rng, 3, 4), normal(rng, 3, 4)]
    with mock.patch.object(tf.config, "list_logical_devices", lambda kind: [kind]), a_gpu() as cudnn:
        assert_close(ours(x, initial_state=states), theirs(x, initial_state=states))
        (mine, keras_) = (call.kwargs for call in cudnn.call_args_list)
    assert mine.keys() == keras_.keys()
    for name, value in mine.items():
        np.testing.assert_array_equal(value, keras_[name], err_msg=name)


@pytest.mark.parametrize("policy", ["float32", "mixed_float16", "mixed_bfloat16"])
@EACH
def test_the_real_op_takes_the_shapes_and_has_a_gradient(cell, policy):
    import tensorflow as tf

    layer = RNN(cell(4, dtype=policy), return_sequences=True, dtype=policy)
    layer.build((None, None, 3))
    known = [tf.TensorSpec([None, None, 3]), tf.TensorSpec([None, None], tf.bool)]

    def gradient(x, mask):
        with tf.GradientTape() as tape:
            tape.watch(x)
            total = tf.reduce_sum(layer(x, mask=mask))
        return tape.gradient(total, x)

    with cuda():
        graph = tf.function(gradient).get_concrete_function(*known)
        assert {"CudnnRNNV3", "CudnnRNNBackpropV3"} <= {node.type for node in graph.graph.get_operations()}
        assert graph.structured_outputs.shape.as_list() == [None, None, 3]
        with pytest.raises(LookupError, match="CudnnRNNBackpropV3"):  # no second derivative
            tf.function(lambda x, mask: tf.gradients(gradient(x, mask), x), autograph=False).get_concrete_function(
                *known
            )


@EACH
def test_dropout_of_the_input_acts(cell):
    with a_gpu():
        layer = RNN(cell(4, dropout=0.5, seed=0), return_sequences=True)
        x = np.ones((64, 6, 3), "float32")
        assert len(np.unique(array(layer(x, training=True))[:, 0].round(4), axis=0)) > 4
        assert np.ptp(array(layer(x)), axis=0).max() < 1e-6


def test_what_cudnn_cannot_do_runs_all_the_same():
    with a_gpu() as cudnn:
        for layer in (
            RNN(GRUCell(2)),
            RNN(LSTMCell(2, activation="relu")),
            RNN(LSTMCell(2), unroll=True),
            RNN(LSTMCell(2), use_cudnn=False),
        ):
            assert layer.supports_jit and "cuDNN's loop." not in layer.explain()
            assert layer(np.ones((2, 3, 4), "float32")).shape == (2, 2)
        layer = RNN(LSTMCell(2, recurrent_dropout=0.5))
        layer(np.ones((2, 3, 4), "float32"), training=True)
        assert not cudnn.called
        assert layer.explain() == "Fast path: cuDNN's loop."
        layer(np.ones((2, 3, 4), "float32"), training=False)
        assert cudnn.called


def test_each_of_stacked_cells_runs_through_it():
    rng = np.random.default_rng(0)
    x, states, mask = normal(rng, 3, 6, 3), [normal(rng, 3, 4) for _ in range(4)], rng.random((3, 6)) > 0.3
    with a_gpu() as cudnn:
        fast, plain = fast_and_plain([LSTMCell, LSTMCell], rng, return_sequences=True)
        assert_same_results(*(results(layer, x, states, mask) for layer in (fast, plain)))
        assert cudnn.called and "cuDNN's loop." in fast.explain()
        assert RNN([LSTMCell(2), LSTMCell(2)], use_cudnn=True)(x).shape == (3, 2)


def test_without_a_gpu_there_is_no_cudnn():
    import tensorflow as tf

    with mock.patch.object(tf.config, "get_visible_devices", lambda kind: []):
        assert RNN(LSTMCell(2)).supports_jit and "cuDNN" not in RNN(LSTMCell(2)).explain()
    with mock.patch.object(tf.config, "get_visible_devices", lambda kind: [kind]):
        for built in (True, False):
            with mock.patch.object(tf.test, "is_built_with_cuda", lambda built=built: built):
                assert ("cuDNN" in RNN(LSTMCell(2)).explain()) == built


def test_who_asks_for_cudnn_is_told_where_there_is_none():
    layer = RNN(LSTMCell(2), use_cudnn=True)
    with cuda(False), pytest.raises(ValueError, match='use_cudnn=True and expects cuDNN. .*use_cudnn="auto"'):
        layer(np.ones((2, 3, 4), "float32"))
    with a_gpu():
        assert layer(np.ones((2, 3, 4), "float32")).shape == (2, 2)
        with pytest.raises(ValueError, match="unroll=True asks for a copy"):
            RNN(LSTMCell(2), use_cudnn=True, unroll=True)(np.ones((2, 3, 4), "float32"))
    with pytest.raises(ValueError, match="use_cudnn must be .* Received: use_cudnn='yes'"):
        RNN(LSTMCell(2), use_cudnn="yes")
