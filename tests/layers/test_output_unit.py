import keras
import numpy as np
import pytest

from seqzoo.layers import RNN, OutputUnit, RNNCell
from tools import BACKEND, assert_close, mask_of, normal


def test_y_hat_is_the_equation_of_the_notes_at_every_step():
    rng = np.random.default_rng(0)
    unit = OutputUnit(3, activation="sigmoid")
    unit.build((None, None, 4))
    unit.Wy, unit.by = normal(rng, 3, 4), normal(rng, 3)
    a = normal(rng, 2, 5, 4)
    expected = np.empty((2, 5, 3))
    for i, t in np.ndindex(2, 5):
        expected[i, t] = 1 / (1 + np.exp(-(unit.Wy @ a[i, t].astype("float64") + unit.by)))
    assert_close(unit(a), expected)
    assert_close(unit(a[:, 2]), expected[:, 2])


def test_a_mask_goes_through():
    words = np.array([[1, 2, 0], [3, 0, 0]])
    x = keras.layers.Embedding(5, 4, mask_zero=True)(words)
    y = OutputUnit(3)(RNN(RNNCell(2), return_sequences=True)(x))
    np.testing.assert_array_equal(mask_of(y), words > 0)


def test_a_symbol_of_the_wrong_shape_is_refused():
    unit = OutputUnit(3, name="unit")
    unit.build((None, 4))
    with pytest.raises(ValueError, match=r"Wy of 'unit' must have shape \(3, 4\). Received .* \(4, 3\)"):
        unit.Wy = np.zeros((4, 3))


@pytest.mark.skipif(BACKEND == "torch", reason="torch.nn.Module replaces an AttributeError's message")
def test_a_missing_bias_says_why():
    unit = OutputUnit(3, use_bias=False)
    unit.build((None, 4))
    with pytest.raises(AttributeError, match="has no by: it was made with use_bias=False"):
        unit.by
