"""From a network's scores to symbols: greedily, by sampling, by beam search, by CTC, by a CRF.

Every function that writes symbols one after another takes the network as one function,
`step(tokens, states) -> (logits, states)`: int32 tokens of shape `(batch,)`, a list of
states of shape `(batch, ...)`, and logits of shape `(batch, symbols)`. CTC has scores for
every input step already: `ctc_decode` takes those; and a linear-chain CRF those of each label
after each other: see `seqzoo.decoding.crf`. All give 0 after a sequence's end.
They are written with `keras.ops`, for the TensorFlow, JAX and torch backends.
"""

from seqzoo.decoding.beam_search import beam_search
from seqzoo.decoding.compiled import compiled
from seqzoo.decoding.crf import crf_decode, crf_log_p, crf_marginals
from seqzoo.decoding.ctc import ctc_decode
from seqzoo.decoding.generate import generate
from seqzoo.decoding.samplers import Sampling, greedy

__all__ = [
    "Sampling",
    "beam_search",
    "compiled",
    "crf_decode",
    "crf_log_p",
    "crf_marginals",
    "ctc_decode",
    "generate",
    "greedy",
]
