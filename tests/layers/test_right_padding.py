"""Plain steps without a mask, and the padding they go through, against plain steps with the mask."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from seqzoo.layers import RNN, LSTMCell, RNNCell
from seqzoo.layers.backends.fused_cells import FUSED_CELLS
from seqzoo.layers.backends.right_padding import run_right_padded
from tools import SHAPES, any_mask, assert_close, normal, randomise


def plain(cell):
    return RNN(cell, unroll=True, return_sequences=True, return_state=True)


@pytest.mark.parametrize("cell", [RNNCell, LSTMCell])
@settings(max_examples=15, deadline=None)
@given(st.data())
def test_any_mask(cell, data):
    batch, time = data.draw(SHAPES)
    mask = any_mask(data, batch, time)
    rng = np.random.default_rng(0)
    layer = plain(randomise(cell(4), rng, 3))
    kernel, recurrent_kernel, bias = layer.cell.get_weights()
    x = normal(rng, batch, time, 3)
    states = [ops.convert_to_tensor(normal(rng, batch, 4)) for _ in layer.state_size]
    expected, *expected_states = layer(x, initial_state=states, mask=mask)

    def loop(x, kernel, states):
        without_mask = plain(cell(4))
        without_mask.build(x.shape)
        without_mask.set_weights([ops.convert_to_numpy(kernel), recurrent_kernel, bias])
        outputs, *after = without_mask(x, initial_state=states)
        return after, outputs

    tensors = [ops.convert_to_tensor(value) for value in (x, kernel)]
    closed, mask = FUSED_CELLS[cell].closed_gates, ops.convert_to_tensor(mask[..., None])
    output, outputs, after = run_right_padded(loop, *tensors, states, mask, True, closed)
    assert_close(output, expected[:, -1])
    assert_close([outputs, *after], [expected, *expected_states])
