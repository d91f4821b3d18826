"""The fast path on a GPU, with TensorFlow or JAX: cuDNN's loop over a whole sequence."""

import keras
from keras import ops

from seqzoo.layers.library_loop import library_loop
from seqzoo.layers.lstm_cell import LSTMCell
from seqzoo.layers.rnn_cell import RNNCell
from seqzoo.layers.scan import under_xla


def has_cudnn_loop(cell):
    """Whether there is a GPU of NVIDIA's, and a loop of cuDNN's that computes the function of a cell.

    JAX has one for the LSTM in single precision. TensorFlow's is not for a graph that XLA
    compiles. cuDNN's GRU is another function than the notes'.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow" and type(cell) in (RNNCell, LSTMCell):
        return _tensorflow_has_cuda() and not under_xla()
    if backend == "jax" and type(cell) is LSTMCell and cell.compute_dtype == "float32":
        return _jax_has_cuda()
    return False


def _tensorflow_has_cuda():
    import tensorflow as tf

    return tf.test.is_built_with_cuda() and bool(tf.config.get_visible_devices("GPU"))


def _jax_has_cuda():
    import jax

    return jax.default_backend() == "gpu" and "cuda" in jax.devices()[0].client.platform_version


def cudnn_path(cell, x, kernel, weights, states, mask, collect, training):
    """Runs a cell that `has_cudnn_loop` over a sequence; a path, see `fast_path`."""
    recurrent_kernel, *bias = weights
    bias = bias or [ops.zeros(recurrent_kernel.shape[1:], x.dtype)]
    run = _tensorflow_loop if keras.backend.backend() == "tensorflow" else _jax_loop

    def loop(x, kernel, states):
        # cuDNN has a bias for each product.
        matrices, biases = [kernel, recurrent_kernel], [ops.zeros_like(*bias), *bias]
        parts = [*(ops.reshape(ops.transpose(matrix), (-1,)) for matrix in matrices), *biases]
        return run(x, ops.concatenate(parts), states)

    return library_loop(loop, x, kernel, states, mask, collect)


def _tensorflow_loop(x, parameters, states):
    import tensorflow as tf

    lstm = len(states) == 2
    before = [tf.expand_dims(state, 1) for state in states]  # cuDNN's axis for stacked layers
    batch, time = tf.unstack(tf.shape(x)[:2])
    outputs, *after, _, _ = tf.raw_ops.CudnnRNNV3(
        input=x,
        input_h=before[0],
        input_c=before[1] if lstm else tf.constant(0, x.dtype),
        params=parameters,
        sequence_lengths=tf.fill([batch], time),
        rnn_mode="lstm" if lstm else "rnn_tanh",
        time_major=False,
        is_training=True,  # else it has no gradient
    )
    return [tf.squeeze(state, 1) for state in after[: len(states)]], outputs


def _jax_loop(x, parameters, states):
    import jax.numpy as jnp
    from jax.experimental import rnn

    before = [state[None] for state in states]  # cuDNN's axis for stacked layers
    batch, time, features = x.shape
    lengths = jnp.full((batch,), time, "int32")
    outputs, *after = rnn.lstm(x, *before, parameters, lengths, features, states[0].shape[1], 1, 0.0, False)
    return [state[0] for state in after], outputs
