"""Sums over many steps where a layer computes in half precision.

A sum in float16 or bfloat16 stops growing once what is added is less than its rounding, after some
hundreds of steps. So what sums up over time does it in single precision, as Keras's layers do.
"""

import keras
from keras import ops

from seqzoo.layers.backends.base import Tensor

HALVES = ("float16", "bfloat16")


def is_half(dtype) -> bool:
    """Whether a dtype is of half precision."""
    return keras.backend.standardize_dtype(dtype) in HALVES


def whole(x: Tensor) -> Tensor:
    """x in single precision where it is in half, else as it is."""
    return ops.cast(x, keras.backend.result_type(x.dtype, "float32"))


def with_bias(z: Tensor, bias: list[Tensor]) -> Tensor:
    """z with the bias where there is one, whose gradient is summed up in single precision."""
    for b in bias:
        z = ops.cast(whole(z) + whole(b), z.dtype)
    return z
