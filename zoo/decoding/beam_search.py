from collections.abc import Callable, Sequence
from typing import Any

from keras import ops

from seqzoo.decoding.beams import rows_of, take_beams
from seqzoo.decoding.checks import require_count, require_states
from seqzoo.deprecation import renamed_argument


@renamed_argument("width", "beam_width")
def beam_search(
    step: Callable,
    states: Sequence,
    start: Any,
    end: int,
    max_length: int,
    beam_width: int = 4,
    length_penalty: float = 0.0,
) -> tuple[Any, Any, Any]:
    """Writes the sequences that score highest, keeping the best `beam_width` at every symbol.

    score(y) = Σ log P(y⟨t⟩ | y⟨1⟩ … y⟨t−1⟩, x) / lp(y), lp(y) = ((5 + |y|) / 6)^α

    |y| counts the symbols up to `end`, `end` included. A beam that has written `end` keeps its
    score and its place among the others until better ones push it out. With a width that
    holds every sequence the search is exact; with width 1 it is greedy.

    It runs on whole batches, in the graph where there is one: the states of the beams are
    carried and reordered with them, and nothing is computed twice.

    Reference: Wu et al. (2016), "Google's Neural Machine Translation System", for lp.

    Args:
        step: `step(tokens, states) -> (logits, states)`, see `seqzoo.decoding`.
        states: before the first symbol, a list of tensors of shape `(batch, ...)`, one at least.
        start: the id before the first symbol; an integer, or integers of shape `(batch,)`.
        end: int, the id that ends a sequence.
        max_length: how many symbols to write at most; a beam may then lack its `end`.
        beam_width: how many beams; of equal ones the first is kept, on torch any.
        length_penalty: α; 0 ranks by log P, which favours short sequences, 0.6 to 1 less so.

    Returns:
        tokens: int32 `(batch, beam_width, max_length)`, 0 after a beam's `end`.
        lengths: int32 `(batch, beam_width)`, how many symbols each beam has, its `end` included.
        scores: float32 `(batch, beam_width)`, the best first; -inf, with a length of 0, where
            fewer sequences are possible than there are beams.

    Raises:
        ValueError: beam_width or max_length below 1, a negative length_penalty, or no states.

    Example:

    >>> import numpy as np
    >>> logits = np.log([[0.1, 0.9, 0.0001], [0.1, 0.2, 0.7], [0.4, 0.3, 0.3]]).astype("float32")
    >>> step = lambda tokens, states: (ops.take(logits, tokens, axis=0), states)
    >>> tokens, lengths, scores = beam_search(step, [np.zeros((1, 1))], 0, 2, max_length=4, beam_width=2)
    >>> tokens.numpy()
    array([[[1, 2, 0, 0], [1, 1, 2, 0]]], dtype=int32)
    >>> np.exp(scores).round(3)
    array([[0.63 , 0.126]], dtype=float32)
    """
    require_states(states)
    require_count("beam_width", beam_width)
    require_count("max_length", max_length)
    if not length_penalty >= 0:
        raise ValueError(
            "length_penalty must not be negative. "
            f"Received: length_penalty={length_penalty!r}. Use 0 for none, about 0.6 to 1 for long outputs."
        )
    states = [ops.repeat(ops.convert_to_tensor(state), beam_width, axis=0) for state in states]
    batch = ops.shape(states[0])[0] // beam_width
    shape = batch, beam_width
    # At first the beams of a row are all the same: only one of them counts.
    log_p = ops.where(ops.arange(beam_width) == 0, ops.zeros(shape, dtype="float32"), -float("inf"))
    start = ops.reshape(ops.convert_to_tensor(start, dtype="int32"), (-1, 1))
    last = start + ops.zeros(shape, dtype="int32")
    tokens = ops.zeros((*shape, max_length), dtype="int32")
    lengths = ops.zeros(shape, dtype="int32")
    done = ops.zeros(shape, dtype="bool")

    def some_write(t, last, tokens, lengths, done, log_p, states):
        writing = ops.logical_and(ops.logical_not(done), log_p > -float("inf"))
        return ops.logical_and(t < max_length, ops.any(writing))

    def write(t, last, tokens, lengths, done, log_p, states):
        logits, states = step(ops.reshape(last, (-1,)), states)
        symbols = logits.shape[-1]
        log_next = ops.reshape(ops.log_softmax(ops.cast(logits, "float32")), (*shape, symbols))
        # A beam that is done goes on with its end alone, which changes nothing.
        is_end = ops.arange(symbols, dtype="int32") == end
        log_next = ops.where(done[..., None], ops.where(is_end, ops.zeros_like(log_next), -float("inf")), log_next)
        lengths = lengths + ops.cast(ops.logical_not(done), "int32")

        sums = ops.reshape(log_p[..., None] + log_next, (batch, beam_width * symbols))
        scores = sums / ops.repeat(_penalty(lengths, length_penalty), symbols, axis=1)
        best = ops.cast(ops.top_k(scores, beam_width)[1], "int32")
        log_p = ops.take_along_axis(sums, best, axis=1)
        beam, last = best // symbols, best % symbols

        tokens, lengths, done = (take_beams(x, beam) for x in (tokens, lengths, done))
        rows = ops.reshape(rows_of(beam, beam_width), (-1,))
        states = [ops.take(state, rows, axis=0) for state in states]
        symbol = ops.where(done, 0, last)
        tokens = ops.where(ops.arange(max_length, dtype="int32") == t, symbol[..., None], tokens)
        return t + 1, last, tokens, lengths, ops.logical_or(done, last == end), log_p, states

    loop = (ops.convert_to_tensor(0, dtype="int32"), last, tokens, lengths, done, log_p, states)
    _, _, tokens, lengths, _, log_p, _ = ops.while_loop(some_write, write, loop)
    possible = log_p > -float("inf")
    tokens, lengths = ops.where(possible[..., None], tokens, 0), ops.where(possible, lengths, 0)
    return tokens, lengths, log_p / _penalty(lengths, length_penalty)


def _penalty(lengths, alpha):
    return ((5 + ops.cast(lengths, "float32")) / 6) ** alpha
