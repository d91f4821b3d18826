"""cuDNN's loop over a whole sequence, on a GPU with TensorFlow.

JAX has one too, `jax.experimental.rnn.lstm`, which is left alone: in a compiled program its outputs
reach a loop that reads them step by step in another order, and the numbers are wrong without a word
(seen with JAX 0.11.2 on an H200, in `keras.layers.LSTM` too; https://github.com/jax-ml/jax/issues/19177).
"""

import keras
from keras import ops

from seqzoo.layers.backends.base import Backend
from seqzoo.layers.backends.fused_cells import fused_form
from seqzoo.layers.backends.library_loops import library_loop
from seqzoo.layers.backends.right_padding import run_right_padded
from seqzoo.layers.backends.scan import under_xla
from seqzoo.layers.backends.weights import inputs_and_weights


class CudnnLoop(Backend):
    """Runs the cells that have a `library_loop` on a GPU of NVIDIA's, in a graph that XLA does not compile."""

    description = "Fast path: cuDNN's loop"
    supports_jit = False
    is_cudnn = True

    def runs(self, cell, training):
        if keras.backend.backend() != "tensorflow" or library_loop(cell, training) is None:
            return False
        return _has_cuda() and not under_xla()

    def run(self, cell, x, states, mask, collect, training):
        x, kernel, (recurrent_kernel, *bias) = inputs_and_weights(cell, x, training)
        bias = bias or [ops.zeros(recurrent_kernel.shape[1:], x.dtype)]

        def loop(x, kernel, states):
            # cuDNN has a bias for each product.
            matrices, biases = [kernel, recurrent_kernel], [ops.zeros_like(*bias), *bias]
            parts = [*(ops.reshape(ops.transpose(matrix), (-1,)) for matrix in matrices), *biases]
            return _loop(library_loop(cell, training), x, ops.concatenate(parts), states)

        closed = fused_form(cell).closed_gates
        return run_right_padded(loop, x, kernel, states, mask, collect, closed)


def _has_cuda():
    import tensorflow as tf

    return tf.test.is_built_with_cuda() and bool(tf.config.get_visible_devices("GPU"))


def _loop(mode, x, parameters, states):
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
