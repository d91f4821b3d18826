"""Symbols written one after another, each from the one before and the states."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

from seqzoo.decoding.checks import require_count, require_states
from seqzoo.decoding.samplers import greedy


def generate(
    step: Callable,
    states: Sequence,
    start: Any,
    end: int,
    max_length: int,
    sampler: Callable = greedy,
) -> tuple[Any, Any]:
    """Writes a sequence for each row, until its end symbol or `max_length`.

    logits⟨t⟩, states⟨t⟩ = step(y⟨t−1⟩, states⟨t−1⟩), y⟨t⟩ = sampler(logits⟨t⟩)

    The states are carried, so that each symbol costs one step. The loop stops when every
    row has ended. It runs as it stands, and as one graph in a `tf.function` or `jax.jit`,
    compiled by XLA where the step can be.

    Args:
        step: function `(tokens, states) -> (logits, states)`, see `seqzoo.decoding`.
        states: the list of the first states, each of shape `(batch, ...)`.
        start: y⟨0⟩, the start symbol; an integer, or integers of shape `(batch,)`.
        end: the symbol that ends a sequence, an integer.
        max_length: how many symbols a sequence may have at most, `end` included.
        sampler: function from logits to tokens: `greedy`, or a `Sampling`. One whose Keras
            variables change names them in `sampler.variables`.

    Returns:
        `(tokens, lengths)`: int32 of shape `(batch, max_length)`, 0 after a row's `end`; and
        how many symbols each row has, its `end` included, int32 of shape `(batch,)`.

    Raises:
        ValueError: no states, or a `max_length` below 1.

    Example:

    >>> def step(tokens, states):  # counts: after k comes k + 1
    ...     return ops.one_hot(tokens + 1, 6), states
    >>> tokens, lengths = generate(step, [ops.zeros((2, 1))], [0, 2], end=4, max_length=5)
    >>> tokens.numpy(), lengths.numpy()
    (array([[1, 2, 3, 4, 0],
           [3, 4, 0, 0, 0]], dtype=int32), array([4, 2], dtype=int32))
    """
    require_states(states)
    require_count("max_length", max_length)
    states = [ops.convert_to_tensor(state) for state in states]
    batch = ops.shape(states[0])[0]
    last = ops.broadcast_to(ops.convert_to_tensor(start, dtype="int32"), (batch,))
    variables = list(getattr(sampler, "variables", ()))

    def unfinished(t, last, tokens, lengths, ended, values, states):
        return ops.logical_and(t < max_length, ops.logical_not(ops.all(ended)))

    def write(t, last, tokens, lengths, ended, values, states):
        logits, states = step(last, states)
        sampled, values = _with_values(variables, values, sampler, logits)
        last = ops.where(ended, 0, ops.cast(sampled, "int32"))
        tokens = ops.where(ops.arange(max_length, dtype="int32") == t, last[:, None], tokens)
        lengths = lengths + ops.cast(ops.logical_not(ended), "int32")
        return t + 1, last, tokens, lengths, ops.logical_or(ended, last == end), values, list(states)

    loop = (
        ops.convert_to_tensor(0, dtype="int32"),
        last,
        ops.zeros((batch, max_length), dtype="int32"),
        ops.zeros_like(last),
        ops.zeros_like(last, dtype="bool"),
        [ops.convert_to_tensor(variable) for variable in variables],
        states,
    )
    _, _, tokens, lengths, _, values, _ = ops.while_loop(unfinished, write, loop)
    for variable, value in zip(variables, values):
        variable.assign(value)
    return tokens, lengths


def _with_values(variables, values, function, argument):
    """The function's result where the variables have these values, and their values after it.

    JAX traces the body of a loop: what changes in it has to go through the loop as a value.
    """
    if not variables:
        return function(argument), values
    with keras.StatelessScope(list(zip(variables, values))) as scope:
        result = function(argument)
    return result, [scope.get_current_value(variable) for variable in variables]
