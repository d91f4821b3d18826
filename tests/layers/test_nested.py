"""Every layer that a layer holds is found, wherever it keeps it."""

import keras
import numpy as np

from seqzoo.layers import GRU, RNN, Bidirectional, GRUCell, LSTMCell
from seqzoo.layers.nested import layers_in


class Block(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.one, self.several = GRU(2), [keras.layers.Dense(2), {"name": (RNN([GRUCell(2), LSTMCell(2)]),)}]
        self.again = self.one
        self.model = keras.Sequential([Bidirectional(GRU(2)), keras.layers.Dense(1)])

    def call(self, x):
        return self.model(x)


def names(layer):
    return [type(each).__name__ for each in layers_in(layer)]


def test_each_layer_is_found_once_in_an_order_that_a_copy_shares():
    used, new = Block(), Block()
    used(np.ones((2, 3, 4), "float32"))
    assert names(used) == names(new)
    assert sorted(names(used)) == sorted(
        ["Block", "GRU", "GRUCell", "Dense", "RNN", "StackedRNNCells", "GRUCell", "LSTMCell"]
        + ["Sequential", "Bidirectional", "GRU", "GRUCell", "GRU", "GRUCell", "Dense"]
    )


def test_a_functional_model_and_what_it_keeps_besides():
    class Model(keras.Model):
        def __init__(self):
            x = keras.Input((3, 4))
            super().__init__(x, GRU(2)(x))
            self.besides = keras.layers.Dense(1)

    assert sorted(names(Model())) == ["Dense", "GRU", "GRUCell", "InputLayer", "Model"]
