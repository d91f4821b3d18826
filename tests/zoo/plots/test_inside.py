"""What a task's model does inside is what its layer does on what the layer reads."""

import numpy as np
import pytest

import seqzoo
from seqzoo.plots.inside import moved, trace_model

TEXTS = ["a good film", "bad", "a film so very good"]


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_a_shorter_example_is_as_it_is_alone(cell):
    model = seqzoo.create_model("sentiment", cell=cell, texts=TEXTS, labels=["bad", "good"], units=3)
    together, alone = trace_model(model, TEXTS), trace_model(model, TEXTS[:1])
    for name, values in alone.items():
        np.testing.assert_allclose(together[name][0, :3], values[0], atol=1e-6)
        assert np.isnan(together[name][0, 3:]).all()
    for name in ("forward/a", "backward/a"):
        np.testing.assert_allclose(moved(together, name)[0, :3], moved(alone, name)[0], atol=1e-6)


def test_a_backward_chain_comes_from_the_next_step():
    states = np.array([[[0.5], [0.25], [np.nan]]])
    np.testing.assert_allclose(moved({"backward/c": states}, "backward/c"), [[0.25, 0.25, np.nan]])
    np.testing.assert_allclose(moved({"forward/c": states}, "forward/c"), [[0.5, 0.25, np.nan]])
