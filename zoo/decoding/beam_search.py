from keras import ops


def beam_search(step, states, start, end, max_length, width=4, length_penalty=0.0):
    """Writes the sequences that score highest, keeping the best `width` at every symbol.

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
        width: how many beams.
        length_penalty: α; 0 ranks by log P, which favours short sequences, 0.6 to 1 less so.

    Returns:
        tokens: int32 `(batch, width, max_length)`, 0 after a beam's `end`.
        lengths: int32 `(batch, width)`, how many symbols each beam has, its `end` included.
        scores: float32 `(batch, width)`, the best first; -inf where fewer sequences are
            possible than there are beams.

    Raises:
        ValueError: width or max_length below 1, a negative length_penalty, or no states.

    Example:

    >>> import numpy as np
    >>> logits = np.log([[0.1, 0.9, 0.0001], [0.1, 0.2, 0.7], [0.4, 0.3, 0.3]]).astype("float32")
    >>> step = lambda tokens, states: (ops.take(logits, tokens, axis=0), states)
    >>> tokens, lengths, scores = beam_search(step, [np.zeros((1, 1))], 0, 2, max_length=4, width=2)
    >>> tokens.numpy()
    array([[[1, 2, 0, 0], [1, 1, 2, 0]]], dtype=int32)
    >>> np.exp(scores).round(3)
    array([[0.63 , 0.126]], dtype=float32)
    """
    _check(states, width, max_length, length_penalty)
    states = [ops.repeat(ops.convert_to_tensor(state), width, axis=0) for state in states]
    shape = ops.shape(states[0])[0] // width, width
    # At first the beams of a row are all the same: only one of them counts.
    log_p = ops.where(ops.arange(width) == 0, 0.0, -float("inf")) + ops.zeros(shape)
    tokens = ops.zeros((*shape, max_length), dtype="int32")
    start = ops.reshape(ops.convert_to_tensor(start, dtype="int32"), (-1, 1))
    last = start + ops.zeros(shape, dtype="int32")
    written = ops.zeros(shape, dtype="int32")
    done = ops.zeros(shape, dtype="bool")

    def some_write(t, last, tokens, written, done, log_p, *states):
        writing = ops.logical_and(ops.logical_not(done), log_p > -float("inf"))
        return ops.logical_and(t < max_length, ops.any(writing))

    def write(t, last, tokens, written, done, log_p, *states):
        logits, states = step(ops.reshape(last, (-1,)), list(states))
        outputs = logits.shape[-1]
        log_next = ops.reshape(ops.log_softmax(ops.cast(logits, "float32")), (*shape, outputs))
        is_end = ops.arange(outputs) == end
        log_next = ops.where(done[..., None], ops.where(is_end, 0.0, -float("inf")), log_next)
        written = written + ops.cast(ops.logical_not(done), "int32")
        penalty = ((5 + ops.cast(written, "float32")) / 6) ** length_penalty

        sums = log_p[..., None] + log_next
        scores = ops.reshape(sums / penalty[..., None], (shape[0], width * outputs))
        best = ops.top_k(scores, width)[1]
        log_p = ops.take_along_axis(ops.reshape(sums, (shape[0], width * outputs)), best, axis=1)
        last = ops.cast(best % outputs, "int32")

        # The beam that each of the best goes on from, and its row among all beams.
        beam = ops.cast(best // outputs, "int32")
        row = ops.reshape(beam + ops.arange(shape[0], dtype="int32")[:, None] * width, (-1,))
        tokens, written, done = (_reorder(x, row) for x in (tokens, written, done))
        states = [ops.take(state, row, axis=0) for state in states]
        symbol = ops.where(done, 0, last)
        tokens = ops.where(ops.arange(max_length) == t, symbol[..., None], tokens)
        return t + 1, last, tokens, written, ops.logical_or(done, last == end), log_p, *states

    loop = (ops.convert_to_tensor(0, "int32"), last, tokens, written, done, log_p, *states)
    _, _, tokens, written, _, log_p, *_ = ops.while_loop(some_write, write, loop)
    scores = log_p / ((5 + ops.cast(written, "float32")) / 6) ** length_penalty
    return tokens, written, scores


def _reorder(x, row):
    """The rows of `(batch, width, ...)` in the order of `row`, which counts all beams through."""
    flat = ops.reshape(x, (-1, *x.shape[2:]))
    return ops.reshape(ops.take(flat, row, axis=0), ops.shape(x))


def _check(states, width, max_length, length_penalty):
    for name, value in (("width", width), ("max_length", max_length)):
        if isinstance(value, int) and value < 1:
            raise ValueError(f"{name} must be at least 1. Received: {name}={value!r}. Use {name}=1 or more.")
    if length_penalty < 0:
        raise ValueError(
            "length_penalty must not be negative. "
            f"Received: length_penalty={length_penalty!r}. Use 0 for none, about 0.6 to 1 for long outputs."
        )
    if not states:
        raise ValueError(
            "states must hold at least one tensor, whose first axis tells the batch size. "
            f"Received: states={states!r}. Give what the network starts from."
        )
