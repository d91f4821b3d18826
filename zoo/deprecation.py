"""Old names that still work, with a warning."""

import functools
import warnings
from collections.abc import Callable


def renamed_argument(old: str, new: str) -> Callable[[Callable], Callable]:
    """Lets a function take its argument `new` under the name `old` too, with a `DeprecationWarning`.

    Args:
        old: the name that the argument had.
        new: the name that it has.

    Returns:
        A decorator for the function that takes `new`.

    Example:

    >>> @renamed_argument("width", "beam_width")
    ... def search(beam_width=4):
    ...     return beam_width
    >>> with warnings.catch_warnings(action="ignore"):
    ...     search(width=2)
    2
    """

    def decorate(function):
        @functools.wraps(function)
        def under_either_name(*args, **kwargs):
            if old in kwargs:
                if new in kwargs:
                    raise TypeError(
                        f"{old} is the old name of {new}: {function.__name__}() takes one of them. "
                        f"Received: {new}={kwargs[new]!r} and {old}={kwargs[old]!r}. Give {new}."
                    )
                warnings.warn(
                    f"The argument {old} of {function.__name__}() is now called {new}.",
                    DeprecationWarning,
                    stacklevel=2,
                )
                kwargs[new] = kwargs.pop(old)
            return function(*args, **kwargs)

        return under_either_name

    return decorate
