"""The optimizer that all tasks train with."""

from typing import Any

import keras


def adam(learning_rate: float, ema_momentum: float | None = None, **kwargs: Any) -> keras.optimizers.Adam:
    """Adam, with a moving average of the weights where `ema_momentum` is more than 0.

    Args:
        learning_rate: a number or a schedule.
        ema_momentum: of the average, which the model holds once `fit` ends.
        **kwargs: as `keras.optimizers.Adam`.

    Example:

    >>> adam(1e-3, 0.99).use_ema, adam(1e-3).use_ema
    (True, False)
    """
    momentum = ema_momentum or 0.0
    return keras.optimizers.Adam(learning_rate, use_ema=momentum > 0, ema_momentum=momentum, **kwargs)
