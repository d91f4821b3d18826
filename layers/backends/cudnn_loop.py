"""cuDNN's loop over a whole sequence, on a GPU with TensorFlow or JAX."""

from typing import Any

import keras
from keras import ops

from seqzoo.layers.backends.base import Backend
from seqzoo.layers.backends.fused_cells import fused_form
from seqzoo.layers.backends.library_loops import library_loop
from seqzoo.layers.backends.right_padding import run_right_padded
from seqzoo.layers.backends.scan import under_xla
from seqzoo.layers.backends.weights import inputs_and_weights
from seqzoo.layers.lstm_cell import LSTMCell


class CudnnLoop(Backend):
    """Runs the cells that have a `library_loop` on a GPU of NVIDIA's.

    JAX has the loop for the LSTM in single precision. TensorFlow's is not for a graph that XLA
    compiles.
    """

    description = "Fast path: cuDNN's loop"

    @property
    def supports_jit(self):
        return keras.backend.backend() != "tensorflow"

    def runs(self, cell, training):
        backend = keras.backend.backend()
        if library_loop(cell, training) is None:
            return False
        if backend == "tensorflow":
            return _tensorflow_has_cuda() and not under_xla()
        if backend == "jax" and type(cell) is LSTMCell and cell.compute_dtype == "float32":
            return _jax_has_cuda()
        return False

    def run(self, cell, x, states, mask, collect, training):
        x, kernel, (recurrent_kernel, *bias) = inputs_and_weights(cell, x, training)
        bias = bias or [ops.zeros(recurrent_kernel.shape[1:], x.dtype)]
        run = _tensorflow_loop if keras.backend.backend() == "tensorflow" else _jax_loop

        def loop(x, kernel, states):
            # cuDNN has a bias for each product.
            matrices, biases = [kernel, recurrent_kernel], [ops.zeros_like(*bias), *bias]
            parts = [*(ops.reshape(ops.transpose(matrix), (-1,)) for matrix in matrices), *biases]
            return run(library_loop(cell, training), x, ops.concatenate(parts), states)

        closed = fused_form(cell).closed_gates
        return run_right_padded(loop, x, kernel, states, mask, collect, closed)


def _tensorflow_has_cuda():
    import tensorflow as tf

    return tf.test.is_built_with_cuda() and bool(tf.config.get_visible_devices("GPU"))


def _jax_has_cuda():
    import jax

    return jax.default_backend() == "gpu" and "cuda" in jax.devices()[0].client.platform_version


def _tensorflow_loop(mode, x, parameters, states):
    import tensorflow as tf

    h, *c = (tf.expand_dims(state, 1) for state in states)  # cuDNN's axis for stacked layers
    batch, time = tf.unstack(tf.shape(x)[:2])
    outputs, *after, _, _ = tf.raw_ops.CudnnRNNV3(
        input=x,
        input_h=h,
        input_c=c[0] if c else tf.constant(0, x.dtype),
        params=parameters,
        sequence_lengths=tf.fill([batch], time),
        rnn_mode=mode,
        time_major=False,
        is_training=True,  # else it has no gradient
    )
    return [tf.squeeze(state, 1) for state in after[: len(states)]], outputs


def _jax_loop(mode, x, parameters, states):
    import jax.numpy as jnp
    from jax.experimental import rnn

    before = [state[None] for state in states]  # cuDNN's axis for stacked layers
    batch, time, features = x.shape
    lengths = jnp.full((batch,), time, "int32")
    loops: dict[str, Any] = {"lstm": rnn.lstm}
    outputs, *after = loops[mode](x, *before, parameters, lengths, features, states[0].shape[1], 1, 0.0, False)
    return [state[0] for state in after], outputs
