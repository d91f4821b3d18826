"""The layers that a layer holds."""

from typing import Any

import keras


def layers_in(layer: keras.layers.Layer) -> list[keras.layers.Layer]:
    """The layer, and every layer that it or one of them holds: each once, in an order that a copy shares.

    Example:

    >>> from seqzoo.layers import RNN, GRUCell
    >>> [type(each).__name__ for each in layers_in(keras.Sequential([RNN(GRUCell(2))]))]
    ['Sequential', 'RNN', 'GRUCell']
    """
    found: dict[int, keras.layers.Layer] = {}

    def look(value: Any) -> None:
        if isinstance(value, keras.layers.Layer):
            if id(value) not in found:
                found[id(value)] = value
                # What a Sequential holds besides its layers is a model of them, once it is built.
                look(value.layers if isinstance(value, keras.Sequential) else vars(value))
        elif isinstance(value, dict):
            look(list(value.values()))
        elif isinstance(value, (list, tuple)):
            for each in value:
                look(each)

    look(layer)
    return list(found.values())
