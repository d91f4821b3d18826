"""Plain steps without a mask, and the padding they go through, against plain steps with the mask."""

import numpy as np
import pytest
from keras import ops

from seqzoo.layers import RNN, LSTMCell, RNNCell
from seqzoo.layers.backends.fused_cells import FUSED_CELLS
from seqzoo.layers.backends.right_padding import run_right_padded
from tools import EVERY_MASK, assert_close, normal, randomise


def plain(cell):
    return RNN(cell, unroll=True, return_sequences=True, return_state=True)


@pytest.mark.parametrize("cell", [RNNCell, LSTMCell])
def test_any_mask(cell):
    rng = np.random.default_rng(0)
    layer = plain(randomise(cell(4), rng, 3))
    kernel, recurrent_kernel, bias = layer.cell.get_weights()
    x = normal(rng, *EVERY_MASK.shape, 3)
    states = [ops.convert_to_tensor(normal(rng, len(x), 4)) for _ in layer.state_size]
    expected, *expected_states = layer(x, initial_state=states, mask=EVERY_MASK)

    def loop(x, kernel, states):
        without_mask = plain(cell(4))
        without_mask.build(x.shape)
        without_mask.set_weights([ops.convert_to_numpy(kernel), recurrent_kernel, bias])
        outputs, *after = without_mask(x, initial_state=states)
        return after, outputs

    tensors = [ops.convert_to_tensor(value) for value in (x, kernel)]
    closed, mask = FUSED_CELLS[cell].closed_gates, ops.convert_to_tensor(EVERY_MASK[..., None])
    output, outputs, after = run_right_padded(loop, *tensors, states, mask, True, closed)
    assert_close(output, expected[:, -1])
    assert_close([outputs, *after], [expected, *expected_states])
