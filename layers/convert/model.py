"""A whole Keras model with its recurrent layers swapped for the notes', or back."""

import tempfile
from typing import Any

import keras
import numpy as np
from keras import ops

from seqzoo.layers.convert.keras import base_options, from_keras, is_ours, is_theirs, to_keras
from seqzoo.layers.nested import layers_in
from seqzoo.layers.wrappers import TimeDistributed

_x = keras.Input((1,), name="x")
_functional = keras.Model(_x, keras.layers.Identity(name="y")(_x), name="functional")  # its class has no public name
MODELS = (type(_functional), keras.Sequential)

WAYS = {"seqzoo": (is_theirs, from_keras), "keras": (is_ours, to_keras)}


def is_plain(model: Any) -> bool:
    """Whether it is a functional or Sequential model, and no other code calls its layers.

    >>> is_plain(keras.Sequential([keras.Input((2,))])), is_plain(keras.layers.Dense(2))
    (True, False)
    """
    return isinstance(model, MODELS) and type(model).call in [kind.call for kind in MODELS]


def convert_model(model: keras.Model, to: str = "seqzoo") -> keras.Model:
    """Copies a model, with its recurrent layers swapped for those that are the same functions.

    Predictions are equal, and so are the names of layers and the places of weights in files; the
    model that is given stays as it is. Recurrent layers are found in nested models, in
    `Bidirectional` and in `TimeDistributed` too, and `from_keras` or `to_keras` converts them.
    Other layers are copied with their weights and vocabularies. A compiled model comes back
    compiled, with a new optimizer.

    Masks follow the notes' layers: see `from_keras`. With `go_backwards`, theirs goes on in
    the order of the outputs, and Keras's in the order of the inputs.

    Reference: the notes "Recurrent Neural Networks"; `keras.models.clone_model`.

    Args:
        model: a functional or Sequential model.
        to: `"seqzoo"` puts the notes' layers in place of Keras's, `"keras"` the reverse.

    Returns:
        A model of the same kind.

    Raises:
        ValueError: the model is subclassed, or a recurrent layer is another function.

    Example:

    >>> import keras
    >>> import numpy as np
    >>> from seqzoo.layers import convert_model
    >>> model = keras.Sequential([keras.Input((10, 3)), keras.layers.LSTM(4), keras.layers.Dense(1)])
    >>> x = np.random.rand(2, 10, 3).astype("float32")
    >>> ours = convert_model(model)
    >>> bool(np.allclose(ours(x), model(x), atol=1e-6))
    True
    >>> [type(layer).__name__ for layer in ours.layers]
    ['LSTM', 'Dense']
    """
    if to not in WAYS:
        raise ValueError(f"to must be one of {list(WAYS)}. Received: to={to!r}. Choose one of these.")
    if not is_plain(model):
        raise _hidden("convert_model expects a functional or Sequential model", model)
    copied: list[tuple[Any, Any]] = []
    clone = keras.models.clone_model(model, clone_function=lambda layer: _swap(layer, to, copied), recursive=True)
    for source, target in copied:
        _carry(source, target)
    return clone


def _swap(layer, to, copied):
    """The layer's place taker; those that still need their weights are noted in `copied`."""
    recurrent, convert = WAYS[to]
    if not isinstance(layer, keras.layers.Layer):  # an operation, such as `x * 2`
        return type(layer).from_config(layer.get_config())
    if recurrent(getattr(layer, "forward_layer", layer)):
        return convert(layer)
    if type(layer) in (keras.layers.TimeDistributed, TimeDistributed):
        model = isinstance(layer.layer, MODELS)
        inner = convert_model(layer.layer, to) if model else _swap(layer.layer, to, copied)
        copy = (TimeDistributed if to == "seqzoo" else keras.layers.TimeDistributed)(inner, **base_options(layer))
        copy.supports_masking = True  # which those of Keras 3.16 are without
        return copy
    if any(recurrent(inner) for inner in layers_in(layer)):
        raise _hidden("convert_model expects recurrent layers in functional or Sequential models", layer)
    clone = type(layer).from_config(layer.get_config())
    copied.append((layer, clone))
    return clone


def _carry(source, target):
    """Brings weights and vocabularies, the way that saving and loading does."""
    if source.built and not target.built:
        target.build_from_config(source.get_build_config())
    for old, new in zip(layers_in(source), layers_in(target), strict=True):
        weights = {}
        old.save_own_variables(weights)
        # Copies, because JAX may hand over the arrays of one model in training.
        new.load_own_variables({name: np.array(ops.convert_to_numpy(w)) for name, w in weights.items()})
        if hasattr(old, "save_assets"):
            with tempfile.TemporaryDirectory() as folder:
                old.save_assets(folder)
                new.load_assets(folder)


def _hidden(expected, layer):
    return ValueError(
        f"{expected}. Received: {type(layer).__name__} {layer.name!r}, whose own code calls its layers: "
        "which ones, and how, cannot be seen from outside. "
        "Convert its layers one by one, with from_keras or to_keras, where it makes them."
    )
