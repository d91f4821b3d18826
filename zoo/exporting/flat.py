"""A functional model in one piece: without models within it, from a list of tensors to a list of tensors."""

import inspect
from typing import Any

import keras
from keras import tree

from seqzoo.exporting.walk import walk
from seqzoo.layers.convert.model import is_plain


def flat(model: keras.Model) -> keras.Model:
    """The same function, whose operations say all that they are given, masks too.

    Keras hands masks on as a model runs, into the models within it and out of them: written down they stand
    only where an operation is called on the tensors themselves.

    Args:
        model: functional or Sequential. Its layers become those of the result, and inner ones get new names.

    Example:

    >>> inner = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, name="dense")], name="inner")
    >>> [layer.name for layer in flat(keras.Sequential([keras.Input((2,), name="x"), inner])).layers]
    ['x', 'inner_dense']
    """
    inputs = [keras.Input(batch_shape=t.shape, dtype=t.dtype, name=t.name) for t in model.inputs]
    renamed: set[int] = set()

    def within(outer):
        def call(operation, args, kwargs):
            if is_plain(operation):
                return walk(operation, tree.flatten(args[0]), within(f"{outer}{operation.name}_"))
            if outer and id(operation) not in renamed:
                renamed.add(id(operation))
                operation.name = f"{outer}{operation.name}"
            # Where `training` is said, or a mask of None, Keras looks for no mask.
            given = {name: value for name, value in kwargs.items() if value is not None and name != "training"}
            return operation(*args, **{**given, **_masks(operation, args, given)})

        return call

    return keras.Model(inputs, walk(model, inputs, within("")), name=model.name)


def _masks(operation: Any, args: Any, kwargs: Any) -> dict[str, list]:
    """The masks of a list of inputs, which Keras hands over as a model runs and does not write down."""
    if not args or not isinstance(args[0], (list, tuple)) or "mask" in kwargs:
        return {}
    masks = [getattr(tensor, "_keras_mask", None) for tensor in args[0]]
    takes = "mask" in inspect.signature(operation.call).parameters
    return {"mask": masks} if takes and any(mask is not None for mask in masks) else {}
