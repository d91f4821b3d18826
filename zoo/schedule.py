"""How the learning rate goes down in training."""

from typing import TYPE_CHECKING, Any

import keras

from seqzoo.door import Refused
from seqzoo.optimizer import CosineFrom

if TYPE_CHECKING:
    from seqzoo.task import Recipe


def begin_of(optimizer: keras.optimizers.Optimizer) -> int:
    """The step at which the cosine of an optimizer began; 0 where it has none."""
    return getattr(_schedule_of(optimizer), "begin", 0)


def steady(optimizer: keras.optimizers.Optimizer) -> None:
    """Has the learning rate stay where it began, once it has fallen along a cosine."""
    fallen = _schedule_of(optimizer)
    if isinstance(fallen, CosineFrom):
        optimizer.learning_rate = CosineFrom(fallen.initial_learning_rate, 1, alpha=1.0)


def schedule(
    optimizer: keras.optimizers.Optimizer, recipe: "Recipe", batches: int | None, begin: int | None = None
) -> list[keras.callbacks.Callback]:
    """Has the learning rate go as a recipe says: along a cosine, down where nothing gets better, or not at all.

    Args:
        optimizer: whose learning rate it is. One that has fallen along a cosine here begins anew from its first rate.
        recipe: see `Recipe`: `cosine`, `plateau`, `plateau_factor`, `monitor` and `mode`.
        batches: of an epoch; None where that is not known.
        begin: the step at which the cosine of a training that was cut off began; None for a new one.

    Returns:
        The callbacks that do so while training goes on.

    Raises:
        Refused: two schedules, a factor that is not between 0 and 1, an optimizer that has a schedule
            already, or a cosine over nobody knows how many batches.
    """
    before = _schedule_of(optimizer)
    if recipe.plateau is None:
        if recipe.cosine:
            optimizer.learning_rate = _cosine(optimizer, before, recipe.epochs, batches, begin)
        return []
    if isinstance(before, CosineFrom) and not recipe.cosine:
        raise Refused(
            "a learning rate that can be set, to lower it where nothing gets better",
            "an optimizer whose rate fell along a cosine before",
            "compile the model once more, with a new optimizer",
        )
    if recipe.cosine or before is not None:
        raise Refused("one schedule", f"plateau={recipe.plateau} beside another one", "take cosine=False or no plateau")
    if not 0 < recipe.plateau_factor < 1 or recipe.plateau < 1:
        raise Refused(
            "plateau of one epoch or more, and plateau_factor between 0 and 1",
            f"plateau={recipe.plateau}, plateau_factor={recipe.plateau_factor}",
            "give for example plateau=2, plateau_factor=0.5",
        )
    return [
        keras.callbacks.ReduceLROnPlateau(
            recipe.monitor, recipe.plateau_factor, recipe.plateau, mode=recipe.mode, min_delta=0.0
        )
    ]


def _cosine(optimizer, before, epochs, batches, begin):
    if before is not None and not isinstance(before, CosineFrom):
        raise Refused(
            "one schedule",
            f"a cosine beside the optimizer's {type(before).__name__}",
            "take cosine=False, which keeps it",
        )
    if batches is None:
        raise Refused(
            "batches of a known number, to fall along a cosine",
            "a stream that does not say how many it holds",
            "apply tf.data.experimental.assert_cardinality, or take cosine=False",
        )
    rate = float(optimizer.learning_rate) if before is None else before.initial_learning_rate
    return CosineFrom(rate, epochs * batches, int(optimizer.iterations) if begin is None else begin)


def _schedule_of(optimizer: Any) -> keras.optimizers.schedules.LearningRateSchedule | None:
    rate = optimizer.get_config().get("learning_rate")
    return keras.optimizers.schedules.deserialize(rate) if isinstance(rate, dict) else None
