"""Input, recurrent and symbol dropout of the builders, and of the tasks that have them."""

import inspect

import keras
import numpy as np
import pytest

import seqzoo
from seqzoo.layers import RNN, GRUCell

BUILT = {
    "many_to_one": lambda **options: seqzoo.many_to_one((None, 3), 2, **options),
    "many_to_many": lambda **options: seqzoo.many_to_many((None, 3), 2, bidirectional=True, **options),
    "one_to_many": lambda **options: seqzoo.one_to_many((3,), 4, **options),
    "one_to_one": lambda **options: seqzoo.one_to_one((3,), 2, **options),
    "encoder_decoder": lambda **options: seqzoo.encoder_decoder((None, 3), 4, **options),
}
INPUTS = {
    "one_to_many": [np.ones((2, 3)), np.array([[1, 2], [3, 1]])],
    "one_to_one": np.ones((2, 3)),
    "encoder_decoder": [np.ones((2, 5, 3)), np.array([[1, 2], [3, 1]])],
}
RATES = [(name, rate) for name in BUILT for rate in ("input_dropout", "recurrent_dropout", "symbol_dropout")]
RATES = [(n, rate) for n, rate in RATES if rate in inspect.signature(getattr(seqzoo, n)).parameters]


def cells_in(layer):
    return [each.cell for each in seqzoo.layers.nested.layers_in(layer) if isinstance(each, RNN)]


@pytest.mark.parametrize("name, rate", RATES)
def test_it_acts_in_training_alone_and_reaches_every_cell(name, rate):
    keras.utils.set_random_seed(0)
    model = BUILT[name](cell=GRUCell if rate == "input_dropout" else "gru", units=4, **{rate: 0.5})
    x = INPUTS.get(name, np.ones((2, 5, 3)))
    found = [keras.ops.convert_to_numpy(model(x, training=training)) for training in (True, True, False, False)]
    assert not np.allclose(found[0], found[1]) and np.array_equal(found[2], found[3])
    if rate != "symbol_dropout":
        attribute = {"input_dropout": "dropout"}.get(rate, rate)
        assert {getattr(cell, attribute) for cell in cells_in(model)} == {0.5}
        with pytest.raises(ValueError, match=f"Give it to the cell: GRUCell.*{attribute}=0.5"):
            BUILT[name](cell=GRUCell(4), **{rate: 0.5})


def test_every_task_takes_them():
    for name in seqzoo.list_tasks():
        known = inspect.signature(seqzoo.get_task(name).create_model).parameters
        assert "input_dropout" in known and ("recurrent_dropout" in known) == (name != "one_to_one")
    model = seqzoo.create_model("music", texts=["GABd|"], units=4, recurrent_dropout=0.3, word_dropout=0.2)
    assert [cell.recurrent_dropout for cell in cells_in(model.network)] == [0.3]
