import keras
import numpy as np
import pytest
import tensorflow as tf

from seqzoo.decoding.generate import generate
from seqzoo.decoding.samplers import Sampling, greedy
from seqzoo.layers import LSTMCell

SYMBOLS, UNITS, END = 7, 5, 3


def network(seed=0):
    """An LSTM with random weights as a step, and as NumPy-free reference a loop in Python."""
    keras.utils.set_random_seed(seed)
    vectors = keras.layers.Embedding(SYMBOLS, 4, embeddings_initializer="random_normal")
    cell, output = LSTMCell(UNITS), keras.layers.Dense(SYMBOLS, kernel_initializer="random_normal")

    def step(tokens, states):
        a, states = cell(10 * vectors(tokens), states)
        return 30 * output(a), states

    states = [tf.constant(np.random.default_rng(seed).normal(size=(6, UNITS)), tf.float32) for _ in range(2)]
    return step, states


def row_by_row(step, states, start, max_length):
    """Greedy, one row after the other, to the end symbol."""
    rows = []
    for i in range(states[0].shape[0]):
        token, own, row = start, [s[i : i + 1] for s in states], []
        while len(row) < max_length and (not row or row[-1] != END):
            logits, own = step(tf.constant([token]), own)
            token = int(np.argmax(logits[0]))
            row.append(token)
        rows.append(row)
    return rows


@pytest.mark.parametrize("seed", range(4))
def test_greedy_is_the_argmax_of_every_row_alone(seed):
    step, states = network(seed)
    expected = row_by_row(step, states, 1, 12)
    tokens, lengths = generate(step, states, start=1, end=END, max_length=12)
    assert lengths.numpy().tolist() == [len(row) for row in expected]
    for row, length, own in zip(tokens.numpy(), lengths.numpy(), expected):
        assert row[:length].tolist() == own and not row[length:].any()


def test_some_rows_of_these_networks_end_and_some_do_not():
    lengths = [n for s in range(4) for n in generate(*network(s), 1, END, 12)[1].numpy()]
    assert min(lengths) < 12 == max(lengths)


@pytest.mark.parametrize("jit", [False, True])
def test_it_is_the_same_in_a_graph(jit):
    step, states = network()
    expected = generate(step, states, 1, END, 10)

    @tf.function(jit_compile=jit)
    def graph(states):
        return generate(step, states, 1, END, 10)

    for result in (graph(states), graph(states)):
        np.testing.assert_array_equal(result[0], expected[0])
        np.testing.assert_array_equal(result[1], expected[1])


def test_a_graph_takes_batches_of_any_size():
    step, states = network()
    sampler = Sampling(top_k=1)

    @tf.function(input_signature=[[tf.TensorSpec((None, UNITS))] * 2])
    def graph(states):
        return generate(step, states, 1, END, 10, sampler)

    whole = graph(states)[0].numpy()
    np.testing.assert_array_equal(graph([s[:2] for s in states])[0], whole[:2])


def test_it_stops_when_all_rows_have_ended_and_no_step_is_taken_twice():
    steps = []

    def step(tokens, states):
        steps.append(tokens.numpy().tolist())
        return tf.one_hot([[2, END][len(steps) > 1], [2, END][len(steps) > 3]], SYMBOLS), states

    tokens, lengths = generate(step, [tf.zeros((2, 1))], 1, END, max_length=1000)
    assert lengths.numpy().tolist() == [2, 4] and tokens.shape == (2, 1000)
    assert [second for _, second in steps] == [1, 2, 2, 2]


def test_each_row_can_have_its_own_start():
    step = lambda tokens, states: (tf.one_hot(tokens + 1, SYMBOLS), states)
    tokens, _ = generate(step, [tf.zeros((2, 1))], start=[1, 4], end=END, max_length=2)
    assert tokens.numpy().tolist() == [[2, 3], [5, 6]]


def test_states_need_no_fixed_kind():
    """An attention's memory beside an integer position: states of any rank and dtype."""

    def step(tokens, states):
        memory, position = states
        return tf.gather(memory, position, batch_dims=1), [memory, position + 1]

    memory = tf.one_hot([[5, 2, 3, 1], [1, 1, 1, 1]], SYMBOLS)
    tokens, lengths = generate(step, [memory, tf.zeros(2, tf.int32)], 0, END, 4, greedy)
    assert tokens.numpy().tolist() == [[5, 2, 3, 0], [1, 1, 1, 1]] and lengths.numpy().tolist() == [3, 4]


def test_sampling_repeats_itself_with_its_seed():
    step, states = network()
    draw = lambda seed: generate(step, states, 1, END, 20, Sampling(5.0, seed=seed))[0].numpy().tolist()
    assert draw(3) == draw(3) != draw(4)


def test_mistakes_are_answered():
    step, states = network()
    with pytest.raises(ValueError, match="states must hold"):
        generate(step, [], 1, END, 5)
    with pytest.raises(ValueError, match="max_length must be at least 1"):
        generate(step, states, 1, END, 0)
