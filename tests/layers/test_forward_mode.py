"""TensorFlow's derivatives in forward mode (`tf.autodiff.ForwardAccumulator`): those of differences."""

import keras
import numpy as np
import pytest

from seqzoo.layers import RNN, GRUCell, LSTMCell, RNNCell
from tools import normal, randomise

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="it is of TensorFlow alone")


def around(call, primals, tangents):
    with tf.autodiff.ForwardAccumulator(primals, tangents) as forward:
        outputs = call(primals[0])
    return forward.jvp(outputs)


def within(call, primals, tangents):
    @tf.function(autograph=False)
    def derivative(x):
        return around(call, [x, *primals[1:]], tangents)

    return derivative(primals[0])


WAYS = {
    "eager": around,
    "around a graph": lambda call, *others: around(tf.function(call, autograph=False), *others),
    "within a graph": within,
}


@pytest.mark.parametrize(
    ("cell_class", "way", "training"),
    [
        (RNNCell, "eager", True),
        (RNNCell, "around a graph", True),
        (GRUCell, "around a graph", False),
        (LSTMCell, "within a graph", True),
    ],
)
def test_it_is_that_of_differences(cell_class, way, training):
    rng = np.random.default_rng(0)
    layer = RNN(randomise(cell_class(2, dtype="float64"), rng, features=3), return_sequences=True, dtype="float64")
    layer.build((2, 5, 3))
    mask = tf.constant([[True, True, False, True, True], [True, False, True, True, True]])
    call = lambda x: layer(x, mask=mask, training=training)
    x, recurrent_kernel = tf.constant(normal(rng, 2, 5, 3), "float64"), layer.cell.recurrent_kernel
    primals = [x, recurrent_kernel.value]
    tangents = [tf.constant(normal(rng, *primal.shape), "float64") for primal in primals]

    def moved(by):
        weights = tf.constant(recurrent_kernel)
        recurrent_kernel.assign(weights + by * tangents[1])
        outputs = call(x + by * tangents[0])
        recurrent_kernel.assign(weights)
        return outputs

    found = WAYS[way](call, primals, tangents)
    np.testing.assert_allclose(found, (moved(1e-6) - moved(-1e-6)) / 2e-6, atol=1e-7)
