"""The architectures of the notes as builders of Keras models."""

from seqzoo.architectures.encoder_decoder import encoder_decoder
from seqzoo.architectures.many_to_one import many_to_one

__all__ = [
    "encoder_decoder",
    "many_to_one",
]
