"""From a network's scores to symbols: greedily, by sampling, by beam search.

Every function that writes symbols one after another takes the network as one function,
`step(tokens, states) -> (logits, states)`: int32 tokens of shape `(batch,)`, a list of
states of shape `(batch, ...)`, and logits of shape `(batch, symbols)`.
"""

from seqzoo.decoding.beam_search import beam_search
from seqzoo.decoding.generate import generate
from seqzoo.decoding.samplers import Sampling, greedy

__all__ = [
    "Sampling",
    "beam_search",
    "generate",
    "greedy",
]
