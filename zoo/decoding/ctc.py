"""From scores for every input step to the symbols that they spell: CTC."""

from keras import ops


def ctc_decode(logits, width=1):
    """Reads off the likeliest symbols of a network that was trained with CTC.

    Each step gives a symbol or the blank, 0. A path π through the steps spells what is left
    when the same symbol several times in a row is written once, and the blanks are left out:
    B(0 3 3 0 3 7) = 3 3 7.

    Width 1 is greedy: B of the likeliest path. Otherwise the beams are prefixes, and what
    spells the same is added up: P(y | x) = Σ P(π | x) over all π with B(π) = y. With a width
    that holds every prefix the search is exact.

    Reference: Graves et al. (2006), "Connectionist Temporal Classification". Keras and
    TensorFlow do the work, on whole batches and in the graph.

    Args:
        logits: of every step, shape `(batch, time, symbols)`; symbol 0 is the blank. A step of
            padding gives the blank for certain.
        width: how many beams.

    Returns:
        tokens: int32 `(batch, time)`, 0 after a row's end.
        lengths: int32 `(batch,)`, how many symbols each row has.
        scores: float32 `(batch,)`: log P of what is spelled, as far as the beams saw it, or of
            the likeliest path when the width is 1.

    Raises:
        ValueError: a width below 1, or logits of another rank.

    Example:

    >>> import numpy as np
    >>> p = [[0.1, 0.8, 0.1], [0.6, 0.3, 0.1], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]]
    >>> tokens, lengths, scores = ctc_decode(np.log([p]))
    >>> tokens.numpy(), lengths.numpy()
    (array([[1, 1, 2, 0]], dtype=int32), array([3], dtype=int32))
    """
    if isinstance(width, int) and width < 1:
        raise ValueError(f"width must be at least 1. Received: width={width!r}. Use width=1 or more.")
    logits = ops.convert_to_tensor(logits, "float32")
    if len(logits.shape) != 3:
        raise ValueError(
            f"logits must have the shape (batch, time, symbols). Received: shape {tuple(logits.shape)}."
        )
    steps = ops.full(ops.shape(logits)[:1], ops.shape(logits)[1])
    way = dict(strategy="greedy") if width == 1 else dict(strategy="beam_search", beam_width=width)
    tokens, scores = ops.ctc_decode(ops.log_softmax(logits), steps, mask_index=0, **way)
    tokens = ops.maximum(tokens[0], 0)
    # Keras gives −log P of the greedy path, and log P of beams.
    scores = -scores[:, 0] if width == 1 else scores[:, 0]
    return tokens, ops.sum(ops.cast(tokens > 0, "int32"), axis=1), scores
