import keras
import numpy as np
import pytest

import seqzoo
from seqzoo.architectures.recurrent import make_cell, recurrent
from seqzoo.layers import GRUCell, LSTMCell, RNNCell


@pytest.mark.parametrize("name, kind", [("rnn", RNNCell), ("gru", GRUCell), ("lstm", LSTMCell)])
def test_cells_by_name(name, kind):
    assert type(make_cell(name, 3)) is kind


def test_an_unknown_cell_is_named_with_what_there_is():
    with pytest.raises(ValueError, match=r"'rnn', 'gru', 'lstm'.*'ltsm'.*mean 'lstm'"):
        make_cell("ltsm", 3)


@pytest.mark.parametrize("layers", [0, -1])
def test_at_least_one_layer(layers):
    with pytest.raises(ValueError, match=f"at least 1. Received: layers={layers}"):
        recurrent(keras.Input((None, 2)), layers=layers)


@pytest.mark.parametrize("bidirectional, size", [(False, 4), (True, 8)])
@pytest.mark.parametrize("return_sequences, shape", [(False, ()), (True, (None,))])
def test_shapes(bidirectional, size, return_sequences, shape):
    x = keras.Input((None, 2))
    y = recurrent(x, "gru", 4, layers=2, bidirectional=bidirectional, return_sequences=return_sequences)
    assert y.shape == (None, *shape, size)


@pytest.mark.parametrize(
    "build", [seqzoo.one_to_one, seqzoo.many_to_one, seqzoo.many_to_many], ids=lambda f: f.__name__
)
@pytest.mark.filterwarnings("error:The structure of")
def test_a_model_of_one_input_takes_it_bare(build):
    shape = (8,) if build is seqzoo.one_to_one else (5, 8)
    assert build(shape, outputs=3)(np.ones((2, *shape), "float32")).shape[-1] == 3
