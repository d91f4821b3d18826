"""The architectures of the notes as builders of Keras models."""

from seqzoo.architectures.encoder_decoder import EncoderDecoder, encoder_decoder, shift
from seqzoo.architectures.long_sequence import carrying, fit_long
from seqzoo.architectures.many_to_many import many_to_many
from seqzoo.architectures.many_to_one import many_to_one
from seqzoo.architectures.one_to_many import one_to_many
from seqzoo.architectures.one_to_one import one_to_one

__all__ = [
    "EncoderDecoder",
    "carrying",
    "encoder_decoder",
    "fit_long",
    "shift",
    "many_to_many",
    "many_to_one",
    "one_to_many",
    "one_to_one",
]
