"""cuDNN's loop over a whole sequence, on a GPU with TensorFlow.

JAX has one too, `jax.experimental.rnn.lstm`, which is left alone: in a compiled program its outputs
reach a loop that reads them step by step in another order, and the numbers are wrong without a word
(seen with JAX 0.11.2 on an H200, in `keras.layers.LSTM` too; https://github.com/jax-ml/jax/issues/19177).
"""

import keras
from keras import ops

from seqzoo.layers.backends.library_loops import LibraryLoop, library_loop
from seqzoo.layers.backends.xla_loop import under_xla


class CudnnLoop(LibraryLoop):
    """Runs the cells that have a `library_loop` on a GPU of NVIDIA's, in a graph that XLA does not compile."""

    description = "Fast path: cuDNN's loop"
    supports_jit = False
    is_cudnn = True

    def runs(self, cell, training):
        if keras.backend.backend() != "tensorflow" or library_loop(cell, training) is None:
            return False
        return _has_cuda() and not under_xla()

    def loop(self, name, x, weights, states, training):
        import tensorflow as tf

        *matrices, bias = weights
        # cuDNN has a bias for each product.
        parts = [*(ops.reshape(ops.transpose(matrix), (-1,)) for matrix in matrices), ops.zeros_like(bias), bias]
        h, *c = (tf.expand_dims(state, 1) for state in states)  # cuDNN's axis for stacked layers
        batch, time = tf.unstack(tf.shape(x)[:2])
        outputs, *after, _, _ = tf.raw_ops.CudnnRNNV3(
            input=x,
            input_h=h,
            input_c=c[0] if c else tf.constant(0, x.dtype),
            params=ops.concatenate(parts),
            sequence_lengths=tf.fill([batch], time),
            rnn_mode=name,
            time_major=False,
            is_training=True,  # else it has no gradient
        )
        return [tf.squeeze(state, 1) for state in after[: len(states)]], outputs


def _has_cuda():
    import tensorflow as tf

    return tf.test.is_built_with_cuda() and bool(tf.config.get_visible_devices("GPU"))
