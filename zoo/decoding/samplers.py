"""Samplers: functions from logits to tokens."""

from typing import Any

import keras
import numpy as np
from keras import ops


def greedy(logits: Any) -> Any:
    """Takes the most probable symbol of each row; of equal ones the first.

    Args:
        logits: shape `(batch, symbols)`.

    Returns:
        Tokens, int32 of shape `(batch,)`.

    Example:

    >>> greedy(np.array([[0.1, 2.0, 0.3], [1.0, 0.0, 1.0]])).numpy()
    array([1, 0], dtype=int32)
    """
    return ops.cast(ops.argmax(ops.convert_to_tensor(logits), axis=-1), "int32")


class Sampling:
    """Draws a symbol of each row from its probabilities, or from the best of them.

    P(k) ∝ exp(logit_k / temperature), for those k that `top_k` and `top_p` keep.

    Its random state is in `variables`, as that of a Keras layer is: `generate` and `compiled`
    carry it. A `jax.jit` of your own needs a `keras.StatelessScope` for it.

    Reference: Holtzman et al. (2020), The Curious Case of Neural Text Degeneration (top-p).

    Args:
        temperature: below 1 the probable symbols gain, above 1 the others do; 0 is `greedy`.
        top_k: how many symbols to keep, the most probable ones; all when None.
        top_p: keeps the most probable symbols, as few as have together at least this
            probability; all when None. With `top_k` too, it acts on what `top_k` keeps.
        seed: the same seed gives the same tokens, call after call, on one backend; None for
            another one each time.

    Call arguments:
        logits: shape `(batch, symbols)`.

    Raises:
        ValueError: a value out of its range.

    Example:

    >>> logits = np.log([[0.5, 0.3, 0.15, 0.05]])
    >>> Sampling(top_p=0.6).probabilities(logits).numpy().round(3)
    array([[0.625, 0.375, 0.   , 0.   ]], dtype=float32)
    >>> Sampling(top_k=1, seed=0)(logits).numpy()
    array([0], dtype=int32)
    """

    def __init__(
        self,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        seed: int | None = None,
    ):
        whole = top_k is None or (top_k >= 1 and top_k == int(top_k))
        _require(0 <= temperature < float("inf"), "temperature", temperature, "a number of at least 0")
        _require(whole, "top_k", top_k, "a whole number of at least 1")
        _require(top_p is None or 0 < top_p <= 1, "top_p", top_p, "more than 0 and at most 1")
        _require(seed is None or (seed >= 0 and seed == int(seed)), "seed", seed, "a whole number of at least 0")
        self.temperature = temperature
        self.top_k = top_k
        self.top_p = top_p
        self._generator = keras.random.SeedGenerator(None if seed is None else _spread(int(seed)))
        self.variables = [self._generator.state]

    def __call__(self, logits: Any) -> Any:
        if self.temperature == 0:
            return greedy(logits)
        return keras.random.categorical(self._kept(logits), 1, dtype="int32", seed=self._generator)[:, 0]

    def probabilities(self, logits: Any) -> Any:
        """The probabilities that it draws from.

        Args:
            logits: shape `(batch, symbols)`.

        Returns:
            float32 of shape `(batch, symbols)`.
        """
        if self.temperature == 0:
            return ops.one_hot(greedy(logits), ops.shape(logits)[-1], dtype="float32")
        return ops.softmax(self._kept(logits))

    def _kept(self, logits):
        """The logits at this temperature; -∞ for symbols that are out."""
        logits = ops.convert_to_tensor(logits, dtype="float32")
        # From the largest, which becomes 0: no temperature, however low, makes it overflow.
        logits = (logits - ops.max(logits, axis=-1, keepdims=True)) / self.temperature
        if self.top_k is None and self.top_p is None:
            return logits
        best_first = ops.argsort(-logits)
        ranks = ops.argsort(best_first)
        keep = ops.ones_like(logits, dtype="bool")
        if self.top_k is not None:
            keep = ranks < self.top_k
        if self.top_p is not None:
            p = ops.take_along_axis(ops.softmax(ops.where(keep, logits, -float("inf"))), best_first, axis=-1)
            before = ops.take_along_axis(ops.cumsum(p, axis=-1) - p, ranks, axis=-1)
            keep = ops.logical_and(keep, before < self.top_p)
        return ops.where(keep, logits, -float("inf"))


def _spread(seed):
    """Seeds far from each other for seeds side by side: on torch, Keras adds the draws' number to the seed."""
    return int(np.random.SeedSequence(seed).generate_state(1)[0] >> 1)


def _require(right, name, value, expected):
    if not right:
        raise ValueError(f"{name} must be {expected}. Received: {name}={value!r}. Sampling() draws from all.")
