import itertools

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from seqzoo.decoding import beam_search
from seqzoo.decoding.generate import generate

START, END = 0, 1


def network(batch, symbols, seed):
    """A step whose logits depend on all symbols so far, through a state of its own."""
    random = np.random.default_rng(seed)
    a, b, c = (random.normal(size=s) for s in [(3, 3), (symbols, 3), (3, symbols)])
    first = random.normal(size=(batch, 3))

    def step(tokens, states):
        (state,) = states
        state = tf.tanh(state @ a + tf.gather(b, tokens))
        return 2 * state @ c, [state]

    return step, [first]


def log_p(step, states, row, sequence):
    states, last, total = [s[row : row + 1] for s in states], START, 0.0
    for symbol in sequence:
        logits, states = step(tf.constant([last]), states)
        logits = logits.numpy()[0]
        total += logits[symbol] - np.log(np.exp(logits).sum())
        last = symbol
    return total


def by_brute_force(step, states, row, symbols, max_length, penalty):
    """All sequences with their scores, the best first."""
    others = [s for s in range(symbols) if s != END]
    sequences = list(itertools.product(others, repeat=max_length))
    for n in range(max_length):
        sequences += [(*y, END) for y in itertools.product(others, repeat=n)]
    score = lambda y: log_p(step, states, row, y) / ((5 + len(y)) / 6) ** penalty
    return sorted(((score(y), y) for y in sequences), reverse=True)


def texts(tokens, lengths):
    return [[tuple(y[:n]) for y, n in zip(*row)] for row in zip(np.array(tokens), np.array(lengths))]


@settings(max_examples=6, deadline=None)
@given(
    seed=st.integers(0, 1000),
    symbols=st.integers(2, 3),
    max_length=st.integers(1, 3),
    penalty=st.sampled_from([0.0, 0.6, 1.0]),
)
def test_wide_enough_it_finds_every_sequence_in_order(seed, symbols, max_length, penalty):
    step, states = network(2, symbols, seed)
    truth = [by_brute_force(step, states, row, symbols, max_length, penalty) for row in (0, 1)]
    width = len(truth[0])
    tokens, lengths, scores = beam_search(step, states, START, END, max_length, width, penalty)
    for row in (0, 1):
        np.testing.assert_allclose(scores[row], [score for score, _ in truth[row]], atol=1e-5)
        assert texts(tokens, lengths)[row] == [y for _, y in truth[row]]


@pytest.mark.parametrize("seed", range(5))
def test_width_one_is_greedy(seed):
    step, states = network(3, 6, seed)
    tokens, _, _ = beam_search(step, states, START, END, max_length=8, width=1)
    last, carried, done = tf.fill([3], START), states, np.zeros(3, bool)
    for t in range(8):
        logits, carried = step(last, carried)
        last = tf.argmax(logits, axis=-1, output_type=tf.int32)
        np.testing.assert_array_equal(tokens[:, 0, t], np.where(done, 0, last))
        done |= last.numpy() == END


def test_each_row_may_start_from_a_symbol_of_its_own():
    step, (first,) = network(2, 6, seed=1)
    together = beam_search(step, [first], [3, 4], END, max_length=5, width=2)
    for row, start in enumerate([3, 4]):
        alone = beam_search(step, [first[row : row + 1]], start, END, max_length=5, width=2)
        np.testing.assert_array_equal(alone[0][0], together[0][row])


def test_it_agrees_with_generate():
    step, states = network(3, 6, seed=4)
    tokens, lengths, _ = beam_search(step, states, START, END, max_length=8, width=1)
    greedy = generate(step, states, START, END, max_length=8)
    np.testing.assert_array_equal(tokens[:, 0], greedy[0])
    np.testing.assert_array_equal(lengths[:, 0], greedy[1])


def test_a_row_does_not_depend_on_the_rows_beside_it():
    step, (first,) = network(4, 6, seed=1)
    together = beam_search(step, [first], START, END, max_length=7, width=3)
    for row in range(4):
        alone = beam_search(step, [first[row : row + 1]], START, END, max_length=7, width=3)
        for one, all_rows in zip(alone, together):
            np.testing.assert_allclose(one[0], all_rows[row], atol=1e-6)


def test_scores_are_those_of_the_tokens_and_sorted():
    step, states = network(2, 5, seed=3)
    tokens, lengths, scores = beam_search(step, states, START, END, 6, width=4, length_penalty=0.7)
    assert (np.diff(scores, axis=1) <= 0).all()
    for row, beam in np.ndindex(2, 4):
        n = int(lengths[row, beam])
        y = tokens.numpy()[row, beam, :n]
        score = log_p(step, states, row, y) / ((5 + len(y)) / 6) ** 0.7
        np.testing.assert_allclose(scores[row, beam], score, atol=1e-5)
        assert END not in y[:-1] and not tokens.numpy()[row, beam, n:].any()


def test_a_finished_beam_stays_as_it_is():
    # END is certain after symbol 2; every other symbol goes on for ever
    table = np.log(
        np.array([[1e-9, 1e-9, 0.6, 0.4], [0.25] * 4, [1e-9, 1, 1e-9, 1e-9], [1e-9, 1e-9, 1e-9, 1]])
    )
    step = lambda tokens, states: (tf.gather(table, tokens), states)
    results = [beam_search(step, [np.zeros((1, 1))], START, END, n, width=2) for n in (2, 5, 9)]
    for tokens, lengths, scores in results:
        assert texts(tokens, lengths)[0][0] == (2, END)
        np.testing.assert_allclose(scores[0], np.log([0.6, 0.4]), atol=1e-5)
        assert lengths[0, 1] == tokens.shape[-1]  # the other one never ends


def test_a_length_penalty_prefers_longer_sequences():
    table = np.log(np.array([[1e-9, 0.4, 0.6], [1, 1, 1], [1e-9, 0.6, 0.4]]))
    step = lambda tokens, states: (tf.gather(table, tokens), states)
    short, long = (
        texts(*beam_search(step, [np.zeros((1, 1))], START, END, 3, width=8, length_penalty=α)[:2])[0][0]
        for α in (0.0, 5.0)
    )
    assert short == (END,) and len(long) > 1


def test_in_a_graph_with_unknown_sizes_it_gives_the_same():
    step, (first,) = network(3, 5, seed=2)
    expected = beam_search(step, [first], START, END, max_length=6, width=3)

    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float64)])
    def search(first):
        return beam_search(step, [first], START, END, max_length=6, width=3)

    for ours, theirs in zip(search(tf.constant(first)), expected):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_the_network_is_asked_once_a_symbol_and_no_more_once_all_have_ended():
    asked = []

    def step(tokens, states):
        asked.append(len(tokens))
        return tf.one_hot(tf.fill(tf.shape(tokens), END), 4) * 100, states

    tokens, lengths, _ = beam_search(step, [np.zeros((5, 2))], START, END, max_length=50, width=1)
    assert asked == [5] and (lengths.numpy() == 1).all()


def test_more_beams_than_sequences_are_marked():
    step = lambda tokens, states: (tf.one_hot(tf.fill(tf.shape(tokens), END), 2, 0.0, -np.inf), states)
    _, lengths, scores = beam_search(step, [np.zeros((1, 1))], START, END, max_length=3, width=2)
    np.testing.assert_array_equal(scores, [[0, -np.inf]])


@pytest.mark.parametrize(
    "wrong, message",
    [
        (dict(width=0), "width must be at least 1. Received: width=0"),
        (dict(max_length=0), "max_length must be at least 1. Received: max_length=0"),
        (dict(length_penalty=-1), "must not be negative. Received: length_penalty=-1"),
        (dict(states=[]), "at least one tensor"),
    ],
)
def test_mistakes_are_answered(wrong, message):
    step, states = network(1, 3, seed=0)
    arguments = dict(step=step, states=states, start=START, end=END, max_length=3)
    with pytest.raises(ValueError, match=message):
        beam_search(**{**arguments, **wrong})
