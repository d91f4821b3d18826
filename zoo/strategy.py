"""On which devices a model is made and trained."""

import contextlib
from typing import Any

import keras

from seqzoo import door
from seqzoo.wording import clipped


def scope(strategy: Any) -> contextlib.AbstractContextManager:
    """Where a model is made, for one that is then trained on several devices.

    Args:
        strategy: a `tf.distribute.Strategy`; on JAX a `keras.distribution.DataParallel`; None for one device.

    Raises:
        Refused: the backend has no such strategy, or Keras does not train with it.

    Example:

    >>> with scope(None):
    ...     layer = keras.layers.Dense(1)
    >>> scope("two")
    Traceback (most recent call last):
    seqzoo.door.Refused: Expected: strategy, a tf.distribute.Strategy.
    Received: 'two'.
    To do: give for example tf.distribute.MirroredStrategy().
    """
    if strategy is None:
        return contextlib.nullcontext()
    backend = keras.backend.backend()
    if backend not in ("tensorflow", "jax"):
        raise door.Refused(
            "strategy=None: on this backend Keras trains on one device",
            f"{clipped(repr(strategy))} on {backend}",
            "leave it out, or set KERAS_BACKEND=tensorflow or jax before Python starts",
        )
    kind, name, example = _of_tensorflow() if backend == "tensorflow" else _of_jax()
    if not isinstance(strategy, kind):
        raise door.Refused(f"strategy, a {name}", clipped(repr(strategy)), f"give for example {example}")
    if _is_of_many_processes(strategy):
        raise door.Refused(
            "a strategy of the devices of one machine",
            f"{type(strategy).__name__}, which is for several: Keras's fit does not run with it",
            f"give {example}, or send whole runs to several machines: seqzoo sweep --scheduler",
        )
    return strategy.scope()


def require_made_in(strategy: Any, model: keras.Model) -> None:
    """Refuses a model whose weights are not where a strategy would have them.

    Raises:
        Refused: it was made outside the strategy's scope.
    """
    if strategy is None:
        return
    if keras.backend.backend() == "tensorflow":
        same = model.distribute_strategy is strategy
    else:
        places = strategy.device_mesh.devices
        same = all(len(weight.value.sharding.device_set) == places.size for weight in model.weights)
    if not same:
        raise door.Refused(
            "a model that was made in the scope of the strategy",
            "one that was made outside it, or in another's",
            "make it within `with strategy.scope():`, or leave model=None",
        )


def _is_of_many_processes(strategy):
    if keras.backend.backend() == "jax":
        import jax

        return jax.process_count() > 1
    import tensorflow as tf

    many = tf.distribute.MultiWorkerMirroredStrategy, tf.distribute.ParameterServerStrategy
    return isinstance(strategy, many)


def _of_tensorflow():
    import tensorflow as tf

    return tf.distribute.Strategy, "tf.distribute.Strategy", "tf.distribute.MirroredStrategy()"


def _of_jax():
    kind = keras.distribution.DataParallel
    return kind, "keras.distribution.DataParallel", "keras.distribution.DataParallel()"
