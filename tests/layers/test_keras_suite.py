"""Keras's own test cases for its recurrent layers, run against ours.

They come from the installed Keras, which ships them since 3.15.1. Each module sees our layers
under the names of Keras's. A case that is listed here must fail, and one that is not must pass.
"""

import importlib
import inspect
import unittest

import keras
import keras.src.layers
import pytest

from seqzoo.layers import GRU, LSTM, RNN, GRUCell, LSTMCell, RNNCell, SimpleRNN

PACKAGE = "keras.src.layers.rnn"
# time_distributed_test is not here: none of its cases builds a recurrent layer.
# Ours in TimeDistributed: test_rnn.py.
FILES = ["rnn", "simple_rnn", "gru", "lstm", "bidirectional", "stacked_rnn_cells", "dropout_rnn_cell"]

if importlib.util.find_spec(f"{PACKAGE}.rnn_test") is None:
    pytest.skip(f"Keras {keras.__version__} ships no tests", allow_module_level=True)

RESET_AFTER = (
    "expects the numbers of GRU(reset_after=True), another function; "
    "test_gru_cell.py and test_rnn.py compare with reset_after=False"
)
CUDNN = "expects a SimpleRNN without use_cudnn; ours has it, as every RNN"
TORCH_GRU = "asks for torch's GRU on a GPU, which is the function with reset_after=True"
FUSED = "asks which of Keras's layers Bidirectional hands to its fused kernels"

NOT_APPLICABLE = {
    "gru": {
        "test_correctness0": RESET_AFTER,
        "test_correctness1": RESET_AFTER,
        "test_legacy_implementation_argument": RESET_AFTER,
        "test_masking": RESET_AFTER,
        "test_pass_initial_state": RESET_AFTER,
        "test_pass_return_state": RESET_AFTER,
        "test_statefulness": RESET_AFTER,
        "test_torch_cudnn_dispatch_fires": TORCH_GRU,
    },
    "bidirectional": {
        "test_correctness": RESET_AFTER,
        "test_masking": RESET_AFTER,
        "test_keeps_use_cudnn": CUDNN,
        "test_fused_gru_eligibility": FUSED,
        "test_torch_cudnn_bidirectional_gru_dispatch_fires": TORCH_GRU,
        "test_fused_lstm_eligibility": FUSED,
    },
}


class Layers:
    """`keras.layers` with our recurrent layers in it, as a changed import brings them."""

    RNN, SimpleRNN, GRU, LSTM = RNN, SimpleRNN, GRU, LSTM
    SimpleRNNCell, GRUCell, LSTMCell = RNNCell, GRUCell, LSTMCell

    def __getattr__(self, name):
        return getattr(keras.src.layers, name)


def cases_of(file):
    """The one class of test cases in a file of Keras's, which sees our layers."""
    module = importlib.import_module(f"{PACKAGE}.{file}_test")
    module.layers = Layers()
    (cases,) = (
        value
        for value in vars(module).values()
        if inspect.isclass(value) and issubclass(value, unittest.TestCase) and value.__module__ == module.__name__
    )
    for name, reason in NOT_APPLICABLE.get(file, {}).items():
        if hasattr(cases, name):
            fails = pytest.mark.xfail(reason=reason, strict=True, raises=(AssertionError, AttributeError))
            setattr(cases, name, fails(getattr(cases, name)))
    return cases


globals().update({file: cases_of(file) for file in FILES})
