"""The architectures of the notes as builders of Keras models."""

from seqzoo.architectures.many_to_many import many_to_many
from seqzoo.architectures.many_to_one import many_to_one

__all__ = [
    "many_to_many",
    "many_to_one",
]
