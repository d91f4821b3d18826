"""What was made of words before, so that it is made once."""

from collections.abc import Callable, Iterable
from typing import Any


class Memory:
    """What belongs to each word, made when the word is first met. Threads may share it.

    Args:
        make: from words that are new to what belongs to each of them.
        most: so many words are kept, and some more; then it begins anew.

    Example:

    >>> lengths = Memory(lambda words: [len(word) for word in words], most=100)
    >>> found = lengths.of(["good", "film"])
    >>> found["good"]
    4
    """

    def __init__(self, make: Callable[[list[str]], Iterable[Any]], most: int):
        self._make, self.most = make, most
        self._known: dict[str, Any] = {}

    def of(self, words: Iterable[str]) -> dict[str, Any]:
        """What belongs to these words, and to others that were met before."""
        # Another thread may begin anew in the meantime, but not with this dictionary.
        known = self._known = self._known if len(self._known) <= self.most else {}
        new = [word for word in dict.fromkeys(words) if word not in known]
        if new:
            known.update(zip(new, self._make(new)))
        return known
