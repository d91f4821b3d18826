import functools
import weakref
from collections.abc import Callable
from typing import Any

import keras


def compiled(function: Callable, pure: bool = False) -> Callable:
    """Makes a method of a Keras model run fast, on each backend in its way.

    On TensorFlow it runs in a `tf.function`, on JAX in a `jax.jit` that reads the model's
    weights at every call, and on torch without gradients. On JAX a function that is not a
    model's method runs as it stands, unless it is pure: it may use weights that its arguments
    do not tell, and those of its first call would stay.

    What depends on a tensor is written with `keras.ops`, as `ops.cond` and `ops.while_loop`: Python's
    own `if` and `while` are not rewritten.

    Args:
        function: `function(model, *tensors, **settings)`, of a model that is built. Settings
            have values that can be hashed; JAX compiles it for each of them. Where one is a
            sampler, its random state is carried.
        pure: whether it is `function(*tensors, **settings)`, which computes with nothing else.

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

        # AutoGraph has nothing to rewrite in `keras.ops`, and takes as long as the rest of a first call.
        return tf.function(function, reduce_retracing=True, autograph=False)
    if backend == "torch":
        import torch

        return torch.no_grad()(function)
    if backend == "jax":
        return _jitted(function) if pure else _jitted_method(function)
    return function


def _jitted(function):
    import jax

    @functools.partial(jax.jit, static_argnums=0)
    def run(settings, *tensors):
        return function(*tensors, **dict(settings))

    @functools.wraps(function)
    def call(*tensors: Any, **settings: Any) -> Any:
        return run(_hashable(settings), *tensors)

    return call


def _jitted_method(method):
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
        before = [v.value for v in variables]
        result, values = run(weakref.ref(model), _hashable(settings), before, tensors)
        for variable, value in zip((v for v in variables if not v.trainable), values):
            variable.assign(value)
        return result

    return call


def _variables(model, settings):
    """Those of the model and of its settings, a sampler say; each once."""
    found = [v for owner in (model, *settings.values()) for v in getattr(owner, "variables", ())]
    return list({id(v): v for v in found}.values())


def _hashable(settings):
    return tuple(sorted(settings.items()))
