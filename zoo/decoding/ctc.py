"""From scores for every input step to the symbols that they spell: CTC."""

import functools
from typing import Any

from keras import ops

from seqzoo.decoding.beams import take_beams
from seqzoo.decoding.checks import require_count
from seqzoo.decoding.compiled import compiled
from seqzoo.deprecation import renamed_argument

IMPOSSIBLE = -float("inf")


@renamed_argument("width", "beam_width")
def ctc_decode(logits: Any, beam_width: int = 1) -> tuple[Any, Any, Any]:
    """Reads off the likeliest symbols of a network that was trained with CTC.

    Each step gives a symbol or the blank, 0. A path π through the steps spells what is left
    when the same symbol several times in a row is written once, and the blanks are left out:
    B(0 3 3 0 3 7) = 3 3 7.

    Width 1 is greedy: B of the likeliest path. Otherwise the beams are prefixes, and what
    spells the same is added up: P(y | x) = Σ P(π | x) over all π with B(π) = y. With a width
    that holds every prefix the search is exact.

    It runs on whole batches, and in the graph where there is one.

    References: Graves et al. (2006), "Connectionist Temporal Classification"; Hannun et al.
    (2014), "First-Pass Large Vocabulary Continuous Speech Recognition using Bi-Directional
    Recurrent DNNs", for the search.

    Args:
        logits: of every step, shape `(batch, time, symbols)`; symbol 0 is the blank. A step of
            padding gives the blank for certain.
        beam_width: how many beams.

    Returns:
        tokens: int32 `(batch, time)`, 0 after a row's end.
        lengths: int32 `(batch,)`, how many symbols each row has.
        scores: float32 `(batch,)`: log P of what is spelled, as far as the beams saw it, or of
            the likeliest path when the width is 1.

    Raises:
        ValueError: a beam_width below 1, or logits of another rank.

    Example:

    >>> import numpy as np
    >>> p = [[0.1, 0.8, 0.1], [0.6, 0.3, 0.1], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]]
    >>> tokens, lengths, scores = ctc_decode(np.log([p]))
    >>> tokens.numpy(), lengths.numpy()
    (array([[1, 1, 2, 0]], dtype=int32), array([3], dtype=int32))
    """
    require_count("beam_width", beam_width)
    logits = ops.convert_to_tensor(logits, dtype="float32")
    if len(logits.shape) != 3:
        raise ValueError(
            f"logits must have the shape (batch, time, symbols). Received: shape {tuple(logits.shape)}. "
            "Add the axis that is missing."
        )
    log_p = ops.log_softmax(logits)
    return _likeliest_path(log_p) if beam_width == 1 else _likeliest_prefix(log_p, width=beam_width)


def _likeliest_path(log_p):
    path = ops.cast(ops.argmax(log_p, axis=-1), "int32")
    before = ops.pad(path, [[0, 0], [1, 0]])[:, :-1]
    spelled = ops.logical_and(path != 0, path != before)
    # The symbols that are spelled to the front, in their order.
    order = ops.argsort(ops.cast(ops.logical_not(spelled), "int32"), axis=-1)
    tokens = ops.take_along_axis(ops.where(spelled, path, 0), order, axis=1)
    lengths = ops.sum(ops.cast(spelled, "int32"), axis=1)
    return tokens, lengths, ops.sum(ops.max(log_p, axis=-1), axis=1)


@functools.partial(compiled, pure=True)
def _likeliest_prefix(log_p, width):
    """The first of the beams after a prefix beam search.

    A beam is a prefix, with log P of all paths that spell it and end in a blank, and of all
    that end in its last symbol.
    """
    shape = ops.shape(log_p)
    batch, time = shape[0], shape[1]
    # At first the beams of a row are all empty: only one of them counts.
    blank = ops.where(ops.arange(width) == 0, ops.zeros((batch, width), dtype="float32"), IMPOSSIBLE)
    beams = (
        ops.zeros((batch, width, time), dtype="int32"),
        ops.zeros((batch, width), dtype="int32"),
        blank,
        ops.full((batch, width), IMPOSSIBLE, dtype="float32"),
    )

    def read(t, *beams):
        return t + 1, *_read_step(ops.take(log_p, t, axis=1), *beams)

    start = ops.convert_to_tensor(0, dtype="int32")
    _, tokens, lengths, blank, symbol = ops.while_loop(lambda t, *beams: t < time, read, (start, *beams))
    return tokens[:, 0], lengths[:, 0], ops.logaddexp(blank, symbol)[:, 0]


def _read_step(log_p, tokens, lengths, blank, symbol):
    """One step of the search, from `(batch, symbols)` to the beams after it, the best first."""
    width, time, symbols = tokens.shape[1], ops.shape(tokens)[2], ops.shape(log_p)[-1]
    places = ops.arange(time, dtype="int32")
    at_end = places == lengths[..., None] - 1
    last = ops.sum(ops.where(at_end, tokens, 0), axis=-1)
    is_last = ops.arange(symbols, dtype="int32") == last[..., None]
    either = ops.logaddexp(blank, symbol)

    # A prefix goes on with each symbol; with its last one once more only after a blank.
    longer = ops.where(is_last, blank[..., None], either[..., None]) + log_p[:, None]
    longer = ops.where(ops.arange(symbols, dtype="int32") == 0, IMPOSSIBLE, longer)
    # Or it stays: by a blank, by its last symbol again, or because a beam one shorter grows to it.
    children = _children(tokens, lengths, ops.where(at_end, 0, tokens), either > IMPOSSIBLE)
    grown = ops.take_along_axis(longer, ops.repeat(last[:, None], width, axis=1), axis=2)
    grown = ops.max(ops.where(children, grown, IMPOSSIBLE), axis=1)
    log_p_last = ops.take_along_axis(log_p, last, axis=1)
    again = ops.where(lengths > 0, symbol + log_p_last, IMPOSSIBLE)
    stays_blank, stays_symbol = either + log_p[:, :1], ops.logaddexp(again, grown)
    is_beam = ops.matmul(ops.cast(children, "float32"), ops.cast(is_last, "float32")) > 0
    longer = ops.where(is_beam, IMPOSSIBLE, longer)

    # The best of all: symbol 0 stands for the prefix that stays.
    stays = ops.arange(symbols, dtype="int32") == 0
    scores = ops.where(stays, ops.logaddexp(stays_blank, stays_symbol)[..., None], longer)
    scores = ops.reshape(scores, (ops.shape(log_p)[0], width * symbols))
    best = ops.cast(ops.top_k(scores, width)[1], "int32")
    beam, new = best // symbols, best % symbols
    tokens, lengths, stays_blank, stays_symbol = (
        take_beams(x, beam) for x in (tokens, lengths, stays_blank, stays_symbol)
    )
    tokens = ops.where(places == lengths[..., None], new[..., None], tokens)
    blank = ops.where(new == 0, stays_blank, IMPOSSIBLE)
    symbol = ops.where(new == 0, stays_symbol, ops.take_along_axis(scores, best, axis=1))
    return tokens, lengths + ops.cast(new > 0, "int32"), blank, symbol


def _children(tokens, lengths, without_last, possible):
    """Whether beam j is beam i and one symbol more, bool of shape `(batch, i, j)`."""
    same = ops.all(tokens[:, :, None] == without_last[:, None], axis=-1)
    one_longer = lengths[:, :, None] + 1 == lengths[:, None]
    return ops.logical_and(ops.logical_and(same, one_longer), possible[:, None])
