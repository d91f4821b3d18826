import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from seqzoo.decoding.generate import generate
from seqzoo.decoding.samplers import Sampling, greedy
from seqzoo.layers import LSTMCell

SYMBOLS, UNITS, END = 7, 5, 3
traced = pytest.mark.skipif(keras.backend.backend() == "jax", reason="JAX traces the network once, whatever it writes")
array = ops.convert_to_numpy


def network(seed=0):
    """An LSTM with random weights as a step, and the states of six rows."""
    keras.utils.set_random_seed(seed)
    vectors = keras.layers.Embedding(SYMBOLS, 4, embeddings_initializer="random_normal")
    cell, output = LSTMCell(UNITS), keras.layers.Dense(SYMBOLS, kernel_initializer="random_normal")

    def step(tokens, states):
        a, states = cell(10 * vectors(tokens), states)
        return 30 * output(a), states

    states = [np.random.default_rng(seed).normal(size=(6, UNITS)).astype("float32") for _ in range(2)]
    step(np.zeros(6, "int32"), [ops.convert_to_tensor(state) for state in states])  # builds the layers
    return step, states


def row_by_row(step, states, start, max_length):
    """Greedy, one row after the other, to the end symbol."""
    rows = []
    for i in range(states[0].shape[0]):
        token, own, row = start, [ops.convert_to_tensor(s[i : i + 1]) for s in states], []
        while len(row) < max_length and (not row or row[-1] != END):
            logits, own = step(np.array([token]), own)
            token = int(np.argmax(array(logits)[0]))
            row.append(token)
        rows.append(row)
    return rows


@pytest.mark.parametrize("seed", range(4))
def test_greedy_is_the_argmax_of_every_row_alone(seed):
    step, states = network(seed)
    expected = row_by_row(step, states, 1, 12)
    tokens, lengths = map(array, generate(step, states, start=1, end=END, max_length=12))
    assert lengths.tolist() == [len(row) for row in expected]
    for row, length, own in zip(tokens, lengths, expected):
        assert row[:length].tolist() == own and not row[length:].any()


def test_some_rows_of_these_networks_end_and_some_do_not():
    lengths = [n for s in range(4) for n in array(generate(*network(s), 1, END, 12)[1])]
    assert min(lengths) < 12 == max(lengths)


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 100), end=st.integers(-1, SYMBOLS - 1), max_length=st.integers(1, 9))
def test_nothing_comes_after_the_end(seed, end, max_length):
    step, states = network(0)
    tokens, lengths = map(array, generate(step, states, 1, end, max_length, Sampling(3.0, seed=seed)))
    assert tokens.shape == (6, max_length)
    for row, n in zip(tokens, lengths):
        assert end not in row[: n - 1] and not row[n:].any()
        assert row[n - 1] == end or n == max_length


def test_it_is_the_same_in_a_graph(in_graph):
    step, states = network()
    expected = [array(x) for x in generate(step, states, 1, END, 10)]
    graph = in_graph(lambda a, c: generate(step, [a, c], 1, END, 10), (6, UNITS), (6, UNITS))
    for result in (graph(*states), graph(*states)):
        np.testing.assert_array_equal(array(result[0]), expected[0])
        np.testing.assert_array_equal(array(result[1]), expected[1])


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="of tf.function")
def test_xla_compiles_it():
    import tensorflow as tf

    step, states = network()
    graph = tf.function(lambda *states: generate(step, states, 1, END, 10), jit_compile=True)
    for ours, theirs in zip(graph(*states), generate(step, states, 1, END, 10)):
        np.testing.assert_array_equal(ours, theirs)


def test_a_graph_takes_batches_of_any_size(in_graph):
    step, states = network()
    write = lambda a, c: generate(step, [a, c], 1, END, 10)
    graph = in_graph(write, (None, UNITS), (None, UNITS))
    whole = array(graph(*states)[0])
    np.testing.assert_array_equal(array(graph(*(s[:2] for s in states))[0]), whole[:2])


@traced
def test_it_stops_when_all_rows_have_ended_and_no_step_is_taken_twice():
    steps = []

    def step(tokens, states):
        steps.append(array(tokens).tolist())
        return ops.one_hot(np.array([[2, END][len(steps) > 1], [2, END][len(steps) > 3]]), SYMBOLS), states

    tokens, lengths = generate(step, [np.zeros((2, 1))], 1, END, max_length=1000)
    assert array(lengths).tolist() == [2, 4] and tuple(tokens.shape) == (2, 1000)
    assert [second for _, second in steps] == [1, 2, 2, 2]


def test_each_row_can_have_its_own_start():
    step = lambda tokens, states: (ops.one_hot(tokens + 1, SYMBOLS), states)
    tokens, _ = generate(step, [np.zeros((2, 1))], start=[1, 4], end=END, max_length=2)
    assert array(tokens).tolist() == [[2, 3], [5, 6]]


def test_states_need_no_fixed_kind():
    """An attention's memory beside an integer position: states of any rank and dtype."""

    def step(tokens, states):
        memory, position = states
        return ops.take_along_axis(memory, position[:, None, None], axis=1)[:, 0], [memory, position + 1]

    memory = ops.one_hot(np.array([[5, 2, 3, 1], [1, 1, 1, 1]]), SYMBOLS)
    tokens, lengths = generate(step, [memory, np.zeros(2, "int32")], 0, END, 4, greedy)
    assert array(tokens).tolist() == [[5, 2, 3, 0], [1, 1, 1, 1]] and array(lengths).tolist() == [3, 4]


def test_sampling_repeats_itself_with_its_seed():
    step, states = network()
    draw = lambda seed: array(generate(step, states, 1, END, 20, Sampling(5.0, seed=seed))[0]).tolist()
    assert draw(3) == draw(3) != draw(4)


def test_every_symbol_and_every_call_is_another_draw():
    step = lambda tokens, states: (ops.zeros((8, 9)), states)
    sampler = Sampling(seed=0)
    first, second = (array(generate(step, [np.zeros((8, 1))], 0, -1, 6, sampler)[0]) for _ in range(2))
    columns = {tuple(column) for column in [*first.T, *second.T]}
    assert len(columns) == 12
    # What it draws in the loop is what it draws one call after another.
    alone = Sampling(seed=0)
    np.testing.assert_array_equal(first.T, [array(alone(np.zeros((8, 9)))) for _ in range(6)])


def test_mistakes_are_answered():
    step, states = network()
    with pytest.raises(ValueError, match="states must hold"):
        generate(step, [], 1, END, 5)
    with pytest.raises(ValueError, match="max_length must be .* at least 1"):
        generate(step, states, 1, END, 0)
