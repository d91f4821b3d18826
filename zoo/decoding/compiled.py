import functools
import weakref
from collections.abc import Callable
from typing import Any

import keras


def compiled(method: Callable) -> Callable:
    """Makes a method of a Keras model run fast, on each backend in its way.

    On TensorFlow it runs in a `tf.function`, on JAX in a `jax.jit` that reads the model's
    weights at every call, and on torch without gradients. On JAX a function that is not a
    model's method runs as it stands.

    Args:
        method: function `(model, *tensors, **settings)`, also of a model that is built.
            Settings have values that can be hashed; on JAX each of them is compiled by itself.
            Where one is a sampler, its random state is carried.

    Returns:
        A function that takes the same arguments.

    Example:

    >>> class Doubler(keras.Model):
    ...     @compiled
    ...     def double(self, x, times=1):
    ...         return x * 2**times
    >>> Doubler().double(keras.ops.ones(2), times=3).numpy()
    array([8., 8.], dtype=float32)
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        return tf.function(method, reduce_retracing=True)
    if backend == "torch":
        import torch

        return torch.no_grad()(method)
    return _jitted(method) if backend == "jax" else method


def _jitted(method):
    import jax

    # The weights are arguments: as constants of the compiled function, training would not change them.
    @functools.partial(jax.jit, static_argnums=(0, 1))
    def run(model, settings, values, tensors):
        settings = dict(settings)
        variables = _variables(model(), settings)
        with keras.StatelessScope(list(zip(variables, values))) as scope:
            result = method(model(), *tensors, **settings)
        return result, [scope.get_current_value(v) for v in variables if not v.trainable]

    @functools.wraps(method)
    def call(model: Any, *tensors: Any, **settings: Any) -> Any:
        if not isinstance(model, keras.layers.Layer):
            return method(model, *tensors, **settings)
        variables = _variables(model, settings)
        key = tuple(sorted(settings.items()))
        result, values = run(weakref.ref(model), key, [v.value for v in variables], tensors)
        for variable, value in zip((v for v in variables if not v.trainable), values):
            variable.assign(value)
        return result

    return call


def _variables(model, settings):
    """Those of the model and of its settings, a sampler say; each once."""
    found = [v for owner in (model, *settings.values()) for v in getattr(owner, "variables", ())]
    return list({id(v): v for v in found}.values())
