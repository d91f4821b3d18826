"""The splits of datasets that come without: by digests, so that they stay whatever else the data holds."""

import hashlib
from collections.abc import Callable, Iterable
from typing import Any


def by_digest(text: str) -> str:
    """The split of what a text stands for: 80 % train, 10 % validation, 10 % test, by the text's sha256.

    Example:

    >>> by_digest("ACGT")
    'train'
    """
    return {0: "test", 1: "validation"}.get(int(sha256(text.encode("utf-8")), 16) % 10, "train")


def dealt(groups: Iterable[Iterable], each: float, digest: Callable[[Any], str]) -> dict[str, list]:
    """Deals the members of each group out to the splits, in the order of their digests.

    Args:
        groups: such as the examples of each label.
        each: how many members of a group the test split and validation get, each; below 1 the share of them.
        digest: of a member.

    Returns:
        Dictionary from the split's name to its members.

    Example:

    >>> dealt([["a", "b", "c", "d"], ["e", "f", "g"]], each=1, digest=str)
    {'train': ['c', 'd', 'g'], 'validation': ['b', 'f'], 'test': ['a', 'e']}
    """
    splits: dict[str, list] = {"train": [], "validation": [], "test": []}
    for group in groups:
        members = sorted(group, key=digest)
        n = int(each * len(members)) if each < 1 else int(each)
        for name, part in {"test": members[:n], "validation": members[n : 2 * n], "train": members[2 * n :]}.items():
            splits[name] += part
    return splits


def sha256(content: bytes) -> str:
    """The digest in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()
