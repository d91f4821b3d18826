"""From the scores of each label after each other to the likeliest labels: a linear-chain CRF.

P(y | x) = exp(Σ s⟨t⟩(y⟨t−1⟩, y⟨t⟩)) / Z

The scores s have the shape `(batch, time, before, label)`. Nothing stands before the first label:
the first step's scores are those of its row 0. After a row's end anything may stand.

Reference: Lafferty, McCallum and Pereira (2001), "Conditional Random Fields".
"""

import functools
from typing import Any

from keras import ops

from seqzoo.decoding.compiled import compiled

IMPOSSIBLE = -1e30  # a number: infinity less infinity is none


def crf_log_p(scores: Any, labels: Any, lengths: Any) -> Any:
    """The log-probability of each label, given those before it: log P(y⟨t⟩ | y⟨1⟩ … y⟨t−1⟩, x).

    = s⟨t⟩(y⟨t−1⟩, y⟨t⟩) + β⟨t⟩(y⟨t⟩) − β⟨t−1⟩(y⟨t−1⟩), so that all together are log P(y | x).
    β⟨t⟩(j), found from the end, adds up all that can follow j.

    Args:
        scores: `(batch, time, labels, labels)`, as above.
        labels: integers `(batch, time)`.
        lengths: how many steps each row has, integers `(batch,)`.

    Returns:
        float32 `(batch, time)`, 0 after a row's end.

    Raises:
        ValueError: scores of another shape.

    Example:

    >>> import numpy as np
    >>> scores = np.log([[[[1.0, 3.0], [1.0, 3.0]], [[1.0, 1.0], [4.0, 1.0]]]])
    >>> np.exp(crf_log_p(scores, [[1, 0]], [2])).round(3)  # 15 / 17 and 4 / 5
    array([[0.882, 0.8  ]], dtype=float32)
    """
    scores, real = _checked(scores, lengths)
    labels = ops.where(real, ops.cast(labels, "int32"), 0)
    begin, β = _after(scores, ops.logsumexp)
    s = ops.take_along_axis(scores, ops.pad(labels, [[0, 0], [1, 0]])[:, :-1, None, None], axis=2)[:, :, 0]
    s, β = (ops.take_along_axis(x, labels[..., None], axis=-1)[..., 0] for x in (s, β))
    return s + β - ops.concatenate([begin[:, :1], β[:, :-1]], axis=1)


@functools.partial(compiled, pure=True)
def crf_marginals(scores: Any, lengths: Any) -> Any:
    """The probability of each label at each step: P(y⟨t⟩ = j | x).

    Args:
        scores: `(batch, time, labels, labels)`, as above.
        lengths: how many steps each row has, integers `(batch,)`.

    Returns:
        float32 `(batch, time, labels)`, zeros after a row's end.

    Raises:
        ValueError: scores of another shape.

    Example:

    >>> import numpy as np
    >>> scores = np.log([[[[1.0, 3.0], [1.0, 3.0]], [[1.0, 1.0], [4.0, 1.0]]]])
    >>> np.array(crf_marginals(scores, [2])).round(3)
    array([[[0.118, 0.882],
            [0.765, 0.235]]], dtype=float32)
    """
    scores, real = _checked(scores, lengths)
    _, β = _after(scores, ops.logsumexp)
    steps = ops.softmax(scores + β[:, :, None])  # P(y⟨t⟩ = j | y⟨t−1⟩ = i, x)

    def forward(p, step):
        p = ops.matmul(p[:, None], step)[:, 0]
        return p, p

    _, p = ops.scan(forward, _nothing_before(β), _by_time(steps))
    p = p / ops.sum(p, axis=-1, keepdims=True)  # rounding adds up over a long row
    return ops.where(real[..., None], _by_time(p), 0.0)


@functools.partial(compiled, pure=True)
def crf_decode(scores: Any, lengths: Any) -> Any:
    """The likeliest labels of each row, all together: Viterbi's algorithm.

    Args:
        scores: `(batch, time, labels, labels)`, as above.
        lengths: how many steps each row has, integers `(batch,)`.

    Returns:
        int32 `(batch, time)`, 0 after a row's end.

    Raises:
        ValueError: scores of another shape.

    Example:

    >>> import numpy as np
    >>> scores = np.log([[[[1.0, 3.0], [1.0, 3.0]], [[9.0, 1.0], [1.0, 2.0]]]])
    >>> np.array(crf_decode(scores, [2]))  # 1 · 9 is more than 3 · 2
    array([[0, 0]], dtype=int32)
    """
    scores, real = _checked(scores, lengths)
    _, best = _after(scores, ops.max)

    def forward(y, s):
        s = ops.take_along_axis(s, y[:, None, None], axis=1)[:, 0]  # after the label before
        y = ops.cast(ops.argmax(s, axis=-1), "int32")
        return y, y

    first = ops.zeros_like(best[:, 0, 0], dtype="int32")
    _, labels = ops.scan(forward, first, _by_time(scores + best[:, :, None]))
    return ops.where(real, _by_time(labels), 0)


def _after(scores, total):
    """β⟨t−1⟩(i) = total over j of s⟨t⟩(i, j) + β⟨t⟩(j), from the end, where β is 0: β⟨0⟩, and β⟨t⟩ of all steps."""

    def backward(β, s):
        return total(s + β[:, None], axis=-1), β

    begin, β = ops.scan(backward, ops.zeros_like(scores[:, 0, 0]), _by_time(scores), reverse=True)
    return begin, _by_time(β)


def _by_time(x):
    """From `(batch, time, ...)` to `(time, batch, ...)`, and back."""
    return ops.swapaxes(x, 0, 1)


def _nothing_before(β):
    """Row 0 for certain."""
    return ops.zeros_like(β[:, 0]) + ops.cast(_is_first(β), β.dtype)


def _is_first(scores):
    # `compiled` may know the number of labels as it runs, not before.
    return ops.equal(ops.arange(ops.shape(scores)[-1], dtype="int32"), 0)


def _checked(scores, lengths):
    """The scores, which after a row's end lead to label 0 at no cost, and which steps are real."""
    scores = ops.convert_to_tensor(scores, dtype="float32")
    if len(scores.shape) != 4 or scores.shape[2] != scores.shape[3]:
        raise ValueError(
            f"scores must have the shape (batch, time, labels, labels). Received: shape {tuple(scores.shape)}. "
            "Add the axis that is missing, from a label to the next."
        )
    real = ops.arange(ops.shape(scores)[1], dtype="int32") < ops.cast(lengths, "int32")[:, None]
    stay = ops.where(_is_first(scores), ops.cast(0, scores.dtype), IMPOSSIBLE)
    return ops.where(real[..., None, None], scores, stay), real
