"""Loops that XLA compiles within a graph of TensorFlow that it does not compile. TensorFlow only.

Keras has XLA compile a whole model where there is an accelerator, and nothing on a CPU: there
a default `fit` would run TensorFlow's own loop.
"""

import functools

from seqzoo.layers.backends.base import Tensor
from seqzoo.layers.backends.xla_loop import under_xla

LEAST_STEPS = 8  # fewer are not worth a compilation
MANY_UNITS = 256  # from so many on products take the time, which TensorFlow runs side by side, and XLA does not


def compiles_alone(x: Tensor, units: int, training: bool) -> bool:
    """Whether XLA shall compile the loops over a sequence, and nothing around them.

    It does in training alone, because what is exported has to run without XLA; and only where
    the number of steps is known, because XLA compiles anew for each.

    Args:
        x: shape `(batch, time, features)`.
        units: of the cell.
        training: as in `Backend.run`.
    """
    import tensorflow as tf

    return (
        training
        and tf.inside_function()
        and not under_xla()
        and (x.shape[1] or 0) >= LEAST_STEPS
        and units < MANY_UNITS
        and not tf.distribute.has_strategy()
        and _xla_is_at_hand()
    )


@functools.cache
def on_cpu_alone() -> bool:
    """Whether TensorFlow sees no accelerator."""
    import tensorflow as tf

    return all(device.device_type == "CPU" for device in tf.config.list_physical_devices())


@functools.cache
def _xla_is_at_hand():
    """Whether there is a CPU alone, and a TensorFlow that holds XLA."""
    import tensorflow as tf

    if not on_cpu_alone():
        return False
    with tf.init_scope():
        try:
            tf.function(lambda: tf.constant(0) + 1, jit_compile=True)()
        except (tf.errors.OpError, NotImplementedError, ValueError):
            return False
    return True
