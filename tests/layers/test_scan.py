import keras
import numpy as np
import pytest
from keras import ops

from seqzoo.layers.backends.scan import scan
from tools import array, normal


def running_sum(states, inputs):
    (total,), (x,) = states, inputs
    total = total + x
    return [total], total * 10


@pytest.mark.parametrize("unroll", [True, False])
def test_it_carries_states_and_collects_outputs(unroll):
    x, first = normal(np.random.default_rng(0), 5, 2, 3), np.ones((2, 3), "float32")
    (last,), outputs = scan(running_sum, [ops.array(first)], [ops.array(x)], unroll=unroll)
    sums = 1 + np.cumsum(x, axis=0, dtype="float64")
    np.testing.assert_allclose(array(last), sums[-1], atol=1e-5)
    np.testing.assert_allclose(array(outputs), 10 * sums, atol=1e-4)


@pytest.mark.parametrize("unroll", [True, False])
def test_it_collects_only_on_demand(unroll):
    x = ops.ones((4, 2, 3))
    (last,), outputs = scan(running_sum, [ops.zeros((2, 3))], [x], collect=False, unroll=unroll)
    assert outputs is None
    np.testing.assert_array_equal(array(last), np.full((2, 3), 4.0))


@pytest.mark.parametrize("unroll", [True, False])
def test_no_steps_give_the_first_states_and_no_outputs(unroll):
    first = ops.full((2, 3), 7.0)
    (last,), outputs = scan(running_sum, [first], [ops.zeros((0, 2, 3))], unroll=unroll)
    np.testing.assert_array_equal(array(last), np.full((2, 3), 7.0))
    assert tuple(outputs.shape) == (0, 2, 3)


def test_every_input_is_read_at_its_moment():
    def step(states, inputs):
        x, keep = inputs
        (total,) = states
        total = ops.where(keep, total + x, total)
        return [total], total

    x, keep = np.arange(4.0, dtype="float32").reshape(4, 1, 1), np.array([1, 0, 1, 1], bool).reshape(4, 1, 1)
    _, outputs = scan(step, [ops.zeros((1, 1))], [ops.array(x), ops.array(keep)])
    np.testing.assert_array_equal(array(outputs).ravel(), [0, 0, 2, 5])


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="only TensorFlow runs several steps a round")
@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize("length", [0, 1, 3, 4, 5, 8, 9])
def test_any_number_of_steps_in_rounds(length, known):
    import tensorflow as tf

    @tf.function(input_signature=[tf.TensorSpec((length if known else None, 2, 3))])
    def totals_and_slopes(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            (last,), outputs = scan(running_sum, [tf.ones((2, 3))], [x])
            loss = tf.reduce_sum(last * outputs)
        return last, outputs, tape.gradient(loss, x)

    x = normal(np.random.default_rng(0), length, 2, 3)
    last, outputs, slopes = totals_and_slopes(x)
    sums = 1 + np.cumsum(x, axis=0, dtype="float64")
    end = sums[-1] if length else np.ones((2, 3))
    np.testing.assert_allclose(last, end, atol=1e-5)
    np.testing.assert_allclose(outputs, 10 * sums, atol=1e-4)
    later = 10 * sums.sum(0) + 10 * end * (length - np.arange(length))[:, None, None]
    np.testing.assert_allclose(slopes, later, atol=1e-3)
