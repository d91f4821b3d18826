"""The same functions elsewhere: layers and models of Keras, modules of torch, and back."""

from seqzoo.layers.convert.keras import from_keras, to_keras
from seqzoo.layers.convert.model import convert_model
from seqzoo.layers.convert.torch import from_torch, to_torch

__all__ = ["convert_model", "from_keras", "from_torch", "to_keras", "to_torch"]
