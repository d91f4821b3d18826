import keras
import numpy as np
import pytest

from seqzoo.tasks.table_model import TableModel


@pytest.mark.parametrize("values", [[1.0, 2.0], (1, 2), np.array([1, 2]), np.array([[1.0], [2.0]])])
def test_columns_of_any_kind(values):
    size = keras.Input((1,), name="size")
    model = TableModel([size], keras.layers.Rescaling(2.0)(size))
    np.testing.assert_array_equal(model.predict({"size": values}, verbose=0), [[2.0], [4.0]])
    model.compile(loss="mse")
    assert model.evaluate({"size": values}, [2, 4], verbose=0) == 0
