import numbers
from typing import Any


def require_count(name: str, value: Any) -> None:
    """Raises ValueError where `value` is no whole number of at least 1.

    Example:

    >>> require_count("beam_width", 0)
    Traceback (most recent call last):
    ValueError: beam_width must be a whole number of at least 1. Received: beam_width=0. Use beam_width=1 or more.
    """
    if not isinstance(value, numbers.Integral) or value < 1:
        raise ValueError(
            f"{name} must be a whole number of at least 1. Received: {name}={value!r}. Use {name}=1 or more."
        )


def require_states(states: Any) -> None:
    """Raises ValueError where there are no states.

    Example:

    >>> require_states([])
    Traceback (most recent call last):
    ValueError: states must hold at least one tensor of shape (batch, ...). Received: states=[].
    Give the states that the network has before it writes.
    """
    if len(states) == 0:
        raise ValueError(
            f"states must hold at least one tensor of shape (batch, ...). Received: states={states!r}.\n"
            "Give the states that the network has before it writes."
        )
