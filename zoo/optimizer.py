"""The optimizer that all tasks train with, and the schedule that its file may hold: known wherever a task is."""

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


@keras.saving.register_keras_serializable("seqzoo")
class CosineFrom(keras.optimizers.schedules.CosineDecay):
    """Keras's `CosineDecay`, from a later step on: of an optimizer that has made steps before.

    Args:
        initial_learning_rate: at the step where it begins.
        decay_steps: how many steps later it ends.
        begin: the step where it begins.
        alpha: the share of the rate where it ends; 1 for a rate that stays.

    Example:

    >>> schedule = CosineFrom(0.5, decay_steps=10, begin=20)
    >>> float(schedule(20)), float(schedule(30))
    (0.5, 0.0)
    """

    def __init__(
        self, initial_learning_rate: float, decay_steps: int, begin: int = 0, alpha: float = 0.0, **kwargs: Any
    ):
        super().__init__(initial_learning_rate, decay_steps, alpha, **kwargs)
        self.begin = begin

    def __call__(self, step):
        return super().__call__(step - self.begin)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "begin": self.begin}
