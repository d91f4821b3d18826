"""Samplers: functions from logits to tokens."""

import keras
import tensorflow as tf


def greedy(logits):
    """Takes the most probable symbol of each row; of equal ones the first.

    Args:
        logits: shape `(batch, symbols)`.

    Returns:
        Tokens, int32 of shape `(batch,)`.

    Example:

    >>> greedy(tf.constant([[0.1, 2.0, 0.3], [1.0, 0.0, 1.0]])).numpy()
    array([1, 0], dtype=int32)
    """
    return tf.argmax(logits, axis=-1, output_type=tf.int32)


class Sampling:
    """Draws a symbol of each row from its probabilities, or from the best of them.

    P(k) ∝ exp(logit_k / temperature), for those k that `top_k` and `top_p` keep.

    Reference: Holtzman et al. (2020), The Curious Case of Neural Text Degeneration (top-p).

    Args:
        temperature: below 1 the probable symbols gain, above 1 the others do; 0 is `greedy`.
        top_k: how many symbols to keep, the most probable ones; all when None.
        top_p: keeps the most probable symbols, as few as have together at least this
            probability; all when None. With `top_k` too, it acts on what `top_k` keeps.
        seed: the same seed gives the same tokens, call after call; None for another one
            each time.

    Call arguments:
        logits: shape `(batch, symbols)`.

    Raises:
        ValueError: a value out of its range.

    Example:

    >>> logits = tf.math.log([[0.5, 0.3, 0.15, 0.05]])
    >>> Sampling(top_p=0.6).probabilities(logits).numpy().round(3)
    array([[0.625, 0.375, 0.   , 0.   ]], dtype=float32)
    >>> Sampling(top_k=1, seed=0)(logits).numpy()
    array([0], dtype=int32)
    """

    def __init__(self, temperature=1.0, top_k=None, top_p=None, seed=None):
        whole = top_k is None or (top_k >= 1 and top_k == int(top_k))
        _require(0 <= temperature < float("inf"), "temperature", temperature, "a number of at least 0")
        _require(whole, "top_k", top_k, "a whole number of at least 1")
        _require(top_p is None or 0 < top_p <= 1, "top_p", top_p, "more than 0 and at most 1")
        self.temperature = temperature
        self.top_k = top_k
        self.top_p = top_p
        self._generator = keras.random.SeedGenerator(seed)

    def __call__(self, logits):
        if self.temperature == 0:
            return greedy(logits)
        seed = tf.cast(self._generator.next(), tf.int32)
        drawn = tf.random.stateless_categorical(self._kept(logits), 1, seed, dtype=tf.int32)
        return drawn[:, 0]

    def probabilities(self, logits):
        """The probabilities that it draws from.

        Args:
            logits: shape `(batch, symbols)`.

        Returns:
            float32 of shape `(batch, symbols)`.
        """
        if self.temperature == 0:
            return tf.one_hot(greedy(logits), tf.shape(logits)[-1])
        return tf.nn.softmax(self._kept(logits))

    def _kept(self, logits):
        """The logits at this temperature; -∞ for symbols that are out."""
        logits = tf.cast(logits, tf.float32)
        # From the largest, which becomes 0: no temperature, however low, makes it overflow.
        logits = (logits - tf.reduce_max(logits, axis=-1, keepdims=True)) / self.temperature
        if self.top_k is None and self.top_p is None:
            return logits
        best_first = tf.argsort(logits, direction="DESCENDING", stable=True)
        ranks = tf.argsort(best_first)
        keep = tf.ones_like(logits, tf.bool)
        if self.top_k is not None:
            keep &= ranks < self.top_k
        if self.top_p is not None:
            p = tf.nn.softmax(tf.where(keep, logits, -float("inf")))
            before = tf.cumsum(tf.gather(p, best_first, batch_dims=1), axis=-1, exclusive=True)
            keep &= tf.gather(before, ranks, batch_dims=1) < self.top_p
        return tf.where(keep, logits, -float("inf"))


def _require(right, name, value, expected):
    if not right:
        raise ValueError(f"{name} must be {expected}. Received: {name}={value!r}. Sampling() draws from all.")
