import keras
import numpy as np
import pytest
from keras import ops

from seqzoo.layers import RNN, GRUCell, LSTMCell, RNNCell, Stream
from tools import CELLS, array, assert_close, normal, randomise

STACKS = {
    "RNNCell": lambda: [RNNCell(3)],
    "GRUCell": lambda: [GRUCell(3)],
    "LSTMCell": lambda: [LSTMCell(3)],
    "a list of one kind": lambda: [LSTMCell(5), LSTMCell(3)],
    "a list of all kinds": lambda: [GRUCell(5), LSTMCell(4), RNNCell(3)],
}
each_stack = pytest.mark.parametrize("cells", STACKS.values(), ids=STACKS.keys())
MASK = np.array([[0, 0, 1, 1, 0, 1, 1, 0, 0], [1, 1, 1, 0, 0, 0, 0, 0, 0], [0] * 9, [1] * 9], bool)


def layer_over(cells, rng, **kwargs):
    cells, features = cells(), 4
    for cell in cells:
        randomise(cell, rng, features)
        features = cell.units
    return RNN(cells if len(cells) > 1 else cells[0], **kwargs)


@each_stack
@pytest.mark.parametrize("lengths", [[1, 3, 2, 3], [0, 9, 0]])
@pytest.mark.parametrize("mask", [None, MASK], ids=["no mask", "mask"])
def test_chunks_give_what_the_whole_sequence_gives(cells, lengths, mask):
    rng = np.random.default_rng(0)
    layer = layer_over(cells, rng, return_sequences=True, return_state=True)
    x = normal(rng, 4, 9, 4)
    stream, outputs, start = Stream(layer), [], 0
    for length in lengths:
        chunk = slice(start, start + length)
        outputs.append(array(stream(x[:, chunk], mask=None if mask is None else mask[:, chunk])))
        start += length
    assert_close([np.concatenate(outputs, axis=1), stream.states], layer(x, mask=mask), atol=1e-6)


@each_stack
def test_steps_give_what_the_whole_sequence_gives(cells):
    rng = np.random.default_rng(0)
    layer = layer_over(cells, rng, return_sequences=True)
    x, stream = normal(rng, 4, 9, 4), Stream(layer)
    outputs = [array(stream.step(x[:, t], mask=MASK[:, t])) for t in range(9)]
    assert_close(np.stack(outputs, axis=1), layer(x, mask=MASK), atol=1e-6)


def test_a_list_with_one_cell_streams():
    rng = np.random.default_rng(0)
    layer = RNN([randomise(LSTMCell(3), rng, 4)], return_sequences=True)
    x, stream = normal(rng, 2, 6, 4), Stream(layer)
    assert_close(np.stack([array(stream.step(x[:, t])) for t in range(6)], axis=1), layer(x), atol=1e-6)


def test_it_starts_from_the_states_that_are_given_and_again_from_those_that_were_kept():
    rng = np.random.default_rng(0)
    layer = layer_over(STACKS["LSTMCell"], rng, return_sequences=True)
    x, first = normal(rng, 2, 6, 4), [normal(rng, 2, 3), normal(rng, 2, 3)]
    stream, expected = Stream(layer, states=first), array(layer(x, initial_state=first))
    assert_close(stream(x[:, :2]), expected[:, :2], atol=1e-6)
    kept = stream.states
    assert_close(stream(x[:, 2:]), expected[:, 2:], atol=1e-6)
    stream.states = kept
    assert_close(stream(x[:, 2:]), expected[:, 2:], atol=1e-6)


def test_reset_starts_from_zeros_with_any_batch_size():
    rng = np.random.default_rng(0)
    layer = layer_over(STACKS["GRUCell"], rng, return_sequences=True)
    stream = Stream(layer)
    assert stream.states is None
    stream(normal(rng, 2, 6, 4))
    stream.reset()
    x = normal(rng, 5, 3, 4)
    assert_close(stream(x), layer(x), atol=1e-6)


def test_what_the_layer_returns_and_keeps_does_not_matter():
    rng = np.random.default_rng(0)
    layer = layer_over(STACKS["LSTMCell"], rng, stateful=True)
    x = normal(rng, 2, 6, 4)
    expected = array(layer(x))
    kept = [array(state) for state in layer.states]
    stream = Stream(layer)
    assert_close(array(stream(x))[:, -1], expected, atol=1e-6)
    assert_close([state.value for state in layer.states], kept, atol=0)


def test_masked_outputs_are_zeros_where_the_layer_makes_them_so():
    rng = np.random.default_rng(0)
    layer = layer_over(STACKS["GRUCell"], rng, return_sequences=True, zero_output_for_mask=True)
    x, stream = normal(rng, 4, 9, 4), Stream(layer)
    outputs = [array(stream(x[:, chunk], mask=MASK[:, chunk])) for chunk in (slice(0, 4), slice(4, 9))]
    outputs = np.concatenate(outputs, axis=1)
    assert not outputs[~MASK].any() and outputs[MASK].all()
    assert_close(outputs, layer(x, mask=MASK), atol=1e-6)


def test_it_runs_without_dropout():
    rng = np.random.default_rng(0)
    layer = RNN(randomise(GRUCell(3, dropout=0.5, recurrent_dropout=0.5), rng, 4), return_sequences=True)
    x = normal(rng, 2, 6, 4)
    assert_close(Stream(layer)(x), layer(x, training=False), atol=1e-6)


def test_what_is_trained_later_shows_at_once():
    rng = np.random.default_rng(0)
    layer = layer_over(STACKS["GRUCell"], rng, return_sequences=True)
    stream, x = Stream(layer), normal(rng, 2, 6, 4)
    stream(x)
    randomise(layer.cell, rng, 4)
    stream.reset()
    assert_close(stream(x), layer(x), atol=1e-6)


@pytest.mark.parametrize("cell_class", CELLS)
def test_a_layer_in_half_precision_keeps_the_states_of_its_cell_in_full(cell_class):
    rng = np.random.default_rng(0)
    layer = RNN(randomise(cell_class(3), rng, 4), return_sequences=True, dtype="mixed_bfloat16")
    # Numbers that bfloat16 holds: what is left to differ are the states between steps.
    x = array(ops.cast(ops.cast(normal(rng, 2, 6, 4), "bfloat16"), "float32")).astype("float32")
    stream = Stream(layer)
    outputs = [stream.step(x[:, t]) for t in range(6)]
    assert keras.backend.standardize_dtype(outputs[0].dtype) == "bfloat16"
    whole = array(ops.cast(layer(x), "float32"))
    assert_close(np.stack([array(ops.cast(o, "float32")) for o in outputs], axis=1), whole, atol=0)


def test_a_layer_that_reads_backwards_cannot_stream():
    message = r"reads from the beginning. Received: 'mine', .* does not know yet. Call the layer on the whole"
    with pytest.raises(ValueError, match=message):
        Stream(RNN(GRUCell(3), go_backwards=True, name="mine"))
    with pytest.raises(ValueError, match=message):
        Stream(keras.layers.Bidirectional(RNN(GRUCell(3)), name="mine"))


def test_a_layer_of_keras_is_to_be_converted_first():
    with pytest.raises(ValueError, match=r"A Stream runs an RNN of seqzoo. Received: LSTM. Convert .* from_keras"):
        Stream(keras.layers.LSTM(3))


def test_a_step_has_no_time_axis():
    stream = Stream(RNN(GRUCell(3)))
    with pytest.raises(ValueError, match=r"\(batch, features\). Received: shape \(2, 1, 4\). Call the stream"):
        stream.step(np.ones((2, 1, 4), "float32"))


def test_the_batch_size_stays_what_it_was():
    stream = Stream(RNN(GRUCell(3)))
    stream.step(np.ones((2, 4), "float32"))
    with pytest.raises(ValueError, match="states of batch size 2, sequences of batch size 5"):
        stream.step(np.ones((5, 4), "float32"))
