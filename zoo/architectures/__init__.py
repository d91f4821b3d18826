"""The architectures of the notes as builders of Keras models."""

from seqzoo.architectures.encoder_decoder import EncoderDecoder, encoder_decoder, shift
from seqzoo.architectures.many_to_one import many_to_one

__all__ = [
    "EncoderDecoder",
    "encoder_decoder",
    "shift",
    "many_to_one",
]
