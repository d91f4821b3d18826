"""Symbols written one after another, each from the one before and the states."""

import tensorflow as tf

from seqzoo.decoding.samplers import greedy


def generate(step, states, start, end, max_length, sampler=greedy):
    """Writes a sequence for each row, until its end symbol or `max_length`.

    logits⟨t⟩, states⟨t⟩ = step(y⟨t−1⟩, states⟨t−1⟩), y⟨t⟩ = sampler(logits⟨t⟩)

    The states are carried, so that each symbol costs one step. The loop stops when every
    row has ended. It runs as it stands, and as one graph in a `tf.function`, compiled by
    XLA too where the step can be.

    Args:
        step: function `(tokens, states) -> (logits, states)`, see `seqzoo.decoding`.
        states: the list of the first states, each of shape `(batch, ...)`.
        start: y⟨0⟩, the start symbol; an integer, or integers of shape `(batch,)`.
        end: the symbol that ends a sequence, an integer.
        max_length: how many symbols a sequence may have at most, `end` included.
        sampler: function from logits to tokens: `greedy`, or a `Sampling`.

    Returns:
        `(tokens, lengths)`: int32 of shape `(batch, max_length)`, 0 after a row's `end`; and
        how many symbols each row has, its `end` included, int32 of shape `(batch,)`.

    Raises:
        ValueError: no states, or a `max_length` below 1.

    Example:

    >>> def step(tokens, states):  # counts: after k comes k + 1
    ...     return tf.one_hot(tokens + 1, 6), states
    >>> tokens, lengths = generate(step, [tf.zeros((2, 1))], [0, 2], end=4, max_length=5)
    >>> tokens.numpy(), lengths.numpy()
    (array([[1, 2, 3, 4, 0],
           [3, 4, 0, 0, 0]], dtype=int32), array([4, 2], dtype=int32))
    """
    states = [tf.convert_to_tensor(state) for state in states]
    if not states:
        raise ValueError(
            "states must hold at least one tensor of shape (batch, ...). Received: none. "
            "Give the states that the network has before it writes."
        )
    if max_length < 1:
        raise ValueError(f"max_length must be at least 1. Received: max_length={max_length!r}. Use 100, say.")
    batch = tf.shape(states[0])[0]
    tokens = tf.broadcast_to(tf.cast(start, tf.int32), [batch])

    def unfinished(t, tokens, states, ended, written):
        return (t < max_length) & ~tf.reduce_all(ended)

    def write(t, tokens, states, ended, written):
        logits, states = step(tokens, states)
        tokens = tf.where(ended, 0, tf.cast(sampler(logits), tf.int32))
        return t + 1, tokens, list(states), ended | (tokens == end), written.write(t, tokens)

    written = tf.TensorArray(tf.int32, max_length, element_shape=tokens.shape, clear_after_read=False)
    nothing = (tf.constant(0), tokens, states, tf.zeros_like(tokens, tf.bool), written)
    *_, written = tf.while_loop(unfinished, write, nothing)
    tokens = tf.transpose(written.stack())
    past_end = tf.cumsum(tf.cast(tokens == end, tf.int32), axis=1, exclusive=True)
    return tokens, tf.reduce_sum(tf.cast(past_end == 0, tf.int32), axis=1)
