"""All examples of a dataset, out of its batches."""

from collections.abc import Iterable
from typing import Any

import numpy as np


def whole(batches: Iterable) -> tuple[Any, Any]:
    """All examples of batches and their targets, from one pass: what stands at one place belongs together.

    A training split comes in another order each time, so that inputs of one pass and targets of
    another do not fit.

    Args:
        batches: pairs (x, y), at least one.

    Returns:
        The inputs and the targets: an array each, strings as `str`; a list where the batches are
        padded to different lengths; a dictionary of these where x is one.

    Example:

    >>> whole([(np.array([b"good", b"bad"]), [1, 0]), (np.array([b"fair"]), [1])])
    (array(['good', 'bad', 'fair'], dtype=object), array([1, 0, 1]))
    """
    x, y = zip(*((x, y) for x, y, *_ in batches))
    return _joined(x), _joined(y)


def _joined(parts):
    if isinstance(parts[0], dict):
        return {name: _joined([part[name] for part in parts]) for name in parts[0]}
    parts = [np.asarray(part) for part in parts]
    if len({part.shape[1:] for part in parts}) > 1:
        return [row for part in parts for row in part]
    joined = np.concatenate(parts)
    if joined.dtype.kind not in "OS":
        return joined
    return np.array([text.decode("utf-8") if isinstance(text, bytes) else text for text in joined], dtype=object)
