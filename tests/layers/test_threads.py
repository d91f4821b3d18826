"""Several threads may look into one layer."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from seqzoo.layers import RNN, GRUCell, LSTMCell, trace
from tools import CELLS, normal


@pytest.mark.parametrize("cells", [*CELLS, lambda units: [LSTMCell(units), GRUCell(units)]])
def test_trace_from_threads(cells):
    rng = np.random.default_rng(0)
    layer = RNN(cells(4))
    batches = [normal(rng, 2, 7, 3) for _ in range(8)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda x: trace(layer, x), batches))
    for x, ours in zip(batches, found):
        expected = trace(layer, x)
        assert list(ours) == list(expected)
        for name in expected:
            np.testing.assert_allclose(ours[name], expected[name], atol=1e-6)
