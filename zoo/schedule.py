"""How the learning rate goes down in training."""

from typing import TYPE_CHECKING, Any

import keras

from seqzoo.door import Refused

if TYPE_CHECKING:
    from seqzoo.task import Recipe


def schedule(
    optimizer: keras.optimizers.Optimizer, recipe: "Recipe", batches: int | None
) -> list[keras.callbacks.Callback]:
    """Has the learning rate go as a recipe says: along a cosine, down where nothing gets better, or not at all.

    Args:
        optimizer: whose learning rate it is.
        recipe: see `Recipe`: `cosine`, `plateau`, `plateau_factor`, `monitor` and `mode`.
        batches: of an epoch; None where that is not known.

    Returns:
        The callbacks that do so while training goes on.

    Raises:
        Refused: two schedules, a factor that is none, an optimizer that has a schedule already, or a cosine
            over nobody knows how many batches.
    """
    if recipe.plateau is None:
        if recipe.cosine:
            if batches is None:
                raise Refused(
                    "batches of a known number, to fall along a cosine",
                    "a stream that does not say how many it holds",
                    "apply tf.data.experimental.assert_cardinality, or take cosine=False",
                )
            rate = float(optimizer.learning_rate)
            optimizer.learning_rate = keras.optimizers.schedules.CosineDecay(rate, recipe.epochs * batches)
        return []
    if recipe.cosine or _has_a_schedule(optimizer):
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


def _has_a_schedule(optimizer: Any) -> bool:
    return isinstance(optimizer.get_config().get("learning_rate"), dict)
