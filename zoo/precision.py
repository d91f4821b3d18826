"""In which precision layers compute: all in float32, or products in half of it."""

import contextlib
from collections.abc import Iterator
from typing import Any

import keras

from seqzoo import door

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")
HALF = ("bfloat16", "float16")


@contextlib.contextmanager
def precision(policy: Any = None, strategy: Any = None) -> Iterator[None]:
    """Layers that are made within compute so; they keep it when they are saved and loaded.

    Mixed precision computes in half precision, and keeps weights, outputs, losses and the search for
    the likeliest answer in float32. It is faster where the device has units for it.

    Reference: Micikevicius et al. (2018), "Mixed Precision Training".

    Args:
        policy: one of `PRECISIONS`, or a `keras.DTypePolicy`; None for Keras's own, see
            `keras.config.set_dtype_policy`.
        strategy: the devices to train on, where there are several.

    Raises:
        Refused: no such precision, or float16 on several devices: Keras scales each one's loss alone.

    Example:

    >>> import seqzoo
    >>> with precision("mixed_bfloat16"):
    ...     model = seqzoo.create_model("dna", labels=["left", "right"], units=4)
    >>> model.compute_dtype, model.network.outputs[0].dtype
    ('bfloat16', 'float32')
    """
    if isinstance(policy, str):
        door.choose("precision", policy, PRECISIONS)
    if strategy is not None and policy == "mixed_float16":
        raise door.Refused("mixed_bfloat16 on several devices", repr(policy), "take it, or one device")
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy or before)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def whole() -> str | None:
    """The `dtype` of a layer that half precision would not do for, such as one that gives probabilities.

    >>> whole() is None
    True
    >>> with precision("mixed_float16"):
    ...     whole()
    'float32'
    """
    return "float32" if keras.config.dtype_policy().compute_dtype in HALF else None


def inner(optimizer: Any) -> keras.optimizers.Optimizer:
    """The optimizer itself, where Keras scales the loss of half precision around it."""
    return getattr(optimizer, "inner_optimizer", optimizer)
