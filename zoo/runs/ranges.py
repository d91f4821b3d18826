"""The ranges of numbers that a parameter's comment can limit it to."""

import math
import re
from dataclasses import dataclass

NUMBER = r"-?\d+(?:\.\d+)?(?:e-?\d+)?"
PATTERN = re.compile(rf"\brange: (?P<above>above )?(?P<low>{NUMBER})(?: to (?P<below>below )?(?P<high>{NUMBER}))?")


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both of them included or left out.

    Example:

    >>> 0.5 in find_range("range: 0 to below 1"), 1 in find_range("range: 0 to below 1")
    (True, False)
    >>> str(find_range("passes over the data; range: 1 or more"))
    '1 or more'
    """

    low: float
    high: float = math.inf
    with_low: bool = True
    with_high: bool = True

    def __contains__(self, number: float) -> bool:
        if not math.isfinite(number):
            return False
        low = number >= self.low if self.with_low else number > self.low
        return low and (number <= self.high if self.with_high else number < self.high)

    def __str__(self) -> str:
        if self.high == math.inf:
            return f"{self.low:g} or more" if self.with_low else f"above {self.low:g}"
        return f"{'' if self.with_low else 'above '}{self.low:g} to {'' if self.with_high else 'below '}{self.high:g}"


def find_range(comment: str) -> Range | None:
    """The range that a comment names: `range: 1 or more`, `above 0`, `0 to 1` or `0 to below 1`; None without one.

    >>> find_range("of Adam; range: above 0")
    Range(low=0.0, high=inf, with_low=False, with_high=True)
    """
    found = PATTERN.search(comment)
    if not found:
        return None
    high = math.inf if found["high"] is None else float(found["high"])
    return Range(float(found["low"]), high, not found["above"], not found["below"])
