import itertools

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from seqzoo.decoding import beam_search
from seqzoo.decoding.generate import generate

START, END = 0, 1
array = ops.convert_to_numpy


class Network:
    """Random weights; its logits depend on all symbols so far, through a state of its own."""

    def __init__(self, batch, symbols, seed):
        random = np.random.default_rng(seed)
        self.a, self.b, self.c = (random.normal(size=s) for s in [(3, 3), (symbols, 3), (3, symbols)])
        self.first = random.normal(size=(batch, 3))

    @property
    def states(self):
        return [self.first.astype("float32")]

    def step(self, tokens, states):
        a, b, c = (ops.convert_to_tensor(weight, "float32") for weight in (self.a, self.b, self.c))
        state = ops.tanh(ops.matmul(states[0], a) + ops.take(b, tokens, axis=0))
        return 2 * ops.matmul(state, c), [state]

    def log_p(self, row, sequence):
        """log P of a sequence, in float64."""
        state, last, total = self.first[row], START, 0.0
        for symbol in sequence:
            state = np.tanh(state @ self.a + self.b[last])
            logits = 2 * state @ self.c
            total += logits[symbol] - np.log(np.exp(logits).sum())
            last = symbol
        return total


def by_brute_force(network, row, symbols, max_length, penalty):
    """All sequences with their scores, the best first."""
    others = [s for s in range(symbols) if s != END]
    sequences = list(itertools.product(others, repeat=max_length))
    for n in range(max_length):
        sequences += [(*y, END) for y in itertools.product(others, repeat=n)]
    score = lambda y: network.log_p(row, y) / ((5 + len(y)) / 6) ** penalty
    return sorted(((score(y), y) for y in sequences), reverse=True)


def texts(tokens, lengths):
    return [[tuple(y[:n].tolist()) for y, n in zip(*row)] for row in zip(array(tokens), array(lengths))]


def from_table(probabilities):
    """A step that gives the row of the last symbol."""
    table = np.log(np.array(probabilities, "float32"))
    return lambda tokens, states: (ops.take(ops.convert_to_tensor(table), tokens, axis=0), states)


@settings(max_examples=4, deadline=None)
@given(
    seed=st.integers(0, 1000),
    symbols=st.integers(2, 3),
    max_length=st.integers(1, 3),
    penalty=st.sampled_from([0.0, 0.6, 1.0]),
)
def test_wide_enough_it_finds_every_sequence_in_order(seed, symbols, max_length, penalty):
    network = Network(2, symbols, seed)
    truth = [by_brute_force(network, row, symbols, max_length, penalty) for row in (0, 1)]
    width = len(truth[0])
    tokens, lengths, scores = beam_search(network.step, network.states, START, END, max_length, width, penalty)
    for row in (0, 1):
        np.testing.assert_allclose(array(scores)[row], [score for score, _ in truth[row]], atol=1e-5)
        assert texts(tokens, lengths)[row] == [y for _, y in truth[row]]


@pytest.mark.parametrize("seed", range(5))
def test_width_one_is_greedy(seed):
    network = Network(3, 6, seed)
    tokens, _, _ = beam_search(network.step, network.states, START, END, max_length=8, beam_width=1)
    last, carried, done = np.full(3, START), network.states, np.zeros(3, bool)
    for t in range(8):
        logits, carried = network.step(last, carried)
        last = array(logits).argmax(axis=-1)
        np.testing.assert_array_equal(array(tokens)[:, 0, t], np.where(done, 0, last))
        done |= last == END


def test_each_row_may_start_from_a_symbol_of_its_own():
    network = Network(2, 6, seed=1)
    together = beam_search(network.step, network.states, [3, 4], END, max_length=5, beam_width=2)
    for row, start in enumerate([3, 4]):
        states = [network.states[0][row : row + 1]]
        alone = beam_search(network.step, states, start, END, max_length=5, beam_width=2)
        np.testing.assert_array_equal(array(alone[0])[0], array(together[0])[row])


def test_it_agrees_with_generate():
    network = Network(3, 6, seed=4)
    tokens, lengths, _ = beam_search(network.step, network.states, START, END, max_length=8, beam_width=1)
    greedy = generate(network.step, network.states, START, END, max_length=8)
    np.testing.assert_array_equal(array(tokens)[:, 0], array(greedy[0]))
    np.testing.assert_array_equal(array(lengths)[:, 0], array(greedy[1]))


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 1000), row=st.integers(0, 3), penalty=st.sampled_from([0.0, 0.8]))
def test_a_row_does_not_depend_on_the_rows_beside_it(seed, row, penalty):
    network = Network(4, 6, seed)
    options = dict(max_length=7, beam_width=3, length_penalty=penalty)
    together = beam_search(network.step, network.states, START, END, **options)
    states = [network.states[0][row : row + 1]]
    alone = beam_search(network.step, states, START, END, **options)
    for one, all_rows in zip(alone, together):
        np.testing.assert_allclose(array(one)[0], array(all_rows)[row], atol=1e-5)


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 1000), width=st.integers(1, 5), penalty=st.sampled_from([0.0, 0.7]))
def test_scores_are_those_of_the_tokens_and_sorted(seed, width, penalty):
    network = Network(2, 5, seed)
    tokens, lengths, scores = map(
        array, beam_search(network.step, network.states, START, END, 6, width, length_penalty=penalty)
    )
    assert (np.diff(scores, axis=1) <= 0).all()
    for row, beam in np.ndindex(2, width):
        n = lengths[row, beam]
        y = tokens[row, beam, :n]
        score = network.log_p(row, y) / ((5 + len(y)) / 6) ** penalty
        np.testing.assert_allclose(scores[row, beam], score, atol=1e-5)
        assert END not in y[:-1] and not tokens[row, beam, n:].any()


def test_a_finished_beam_stays_as_it_is():
    # END is certain after symbol 2; every other symbol goes on for ever
    step = from_table([[1e-9, 1e-9, 0.6, 0.4], [0.25] * 4, [1e-9, 1, 1e-9, 1e-9], [1e-9, 1e-9, 1e-9, 1]])
    for n in (2, 5, 9):
        tokens, lengths, scores = beam_search(step, [np.zeros((1, 1))], START, END, n, beam_width=2)
        assert texts(tokens, lengths)[0][0] == (2, END)
        np.testing.assert_allclose(array(scores)[0], np.log([0.6, 0.4]), atol=1e-5)
        assert array(lengths)[0, 1] == n  # the other one never ends


def test_a_length_penalty_prefers_longer_sequences():
    step = from_table([[1e-9, 0.4, 0.6], [1, 1, 1], [1e-9, 0.6, 0.4]])
    options = dict(max_length=3, beam_width=8)
    short, long = (
        texts(*beam_search(step, [np.zeros((1, 1))], START, END, length_penalty=α, **options)[:2])[0][0]
        for α in (0.0, 5.0)
    )
    assert short == (END,) and len(long) > 1


def test_in_a_graph_with_unknown_sizes_it_gives_the_same(in_graph):
    network = Network(3, 5, seed=2)
    search = lambda first: beam_search(network.step, [first], START, END, max_length=6, beam_width=3)
    (first,) = network.states
    for ours, theirs in zip(in_graph(search, (None, 3))(first), search(first)):
        np.testing.assert_allclose(array(ours), array(theirs), atol=1e-6)


@pytest.mark.skipif(keras.backend.backend() == "jax", reason="JAX traces the network once, whatever it writes")
def test_the_network_is_asked_once_a_symbol_and_no_more_once_all_have_ended():
    asked = []

    def step(tokens, states):
        asked.append(len(tokens))
        return ops.one_hot(ops.full_like(tokens, END), 4) * 100, states

    tokens, lengths, _ = beam_search(step, [np.zeros((5, 2))], START, END, max_length=50, beam_width=1)
    assert asked == [5] and (array(lengths) == 1).all()


def test_more_beams_than_sequences_are_marked():
    step = from_table([[0, 1], [0, 1]])
    tokens, lengths, scores = beam_search(step, [np.zeros((1, 1))], START, END, max_length=3, beam_width=2)
    np.testing.assert_array_equal(array(scores), [[0, -np.inf]])
    assert texts(tokens, lengths) == [[(END,), ()]] and array(tokens).sum() == END


def test_the_old_name_of_the_width_still_works():
    network = Network(2, 5, seed=0)
    new = beam_search(network.step, network.states, START, END, 4, beam_width=3)
    with pytest.warns(DeprecationWarning, match="width of beam_search.* is now called beam_width"):
        old = beam_search(network.step, network.states, START, END, 4, width=3)
    np.testing.assert_array_equal(array(old[0]), array(new[0]))
    with pytest.raises(TypeError, match="Give beam_width"):
        beam_search(network.step, network.states, START, END, 4, width=3, beam_width=3)


@pytest.mark.parametrize(
    "wrong, message",
    [
        (dict(beam_width=0), "beam_width must be .* at least 1. Received: beam_width=0"),
        (dict(beam_width=2.5), "beam_width must be a whole number .* Received: beam_width=2.5"),
        (dict(max_length=0), "max_length must be .* at least 1. Received: max_length=0"),
        (dict(length_penalty=-1), "must not be negative. Received: length_penalty=-1"),
        (dict(length_penalty=float("nan")), "Received: length_penalty=nan"),
        (dict(states=[]), "at least one tensor"),
    ],
)
def test_mistakes_are_answered(wrong, message):
    network = Network(1, 3, seed=0)
    arguments = dict(step=network.step, states=network.states, start=START, end=END, max_length=3)
    with pytest.raises(ValueError, match=message):
        beam_search(**{**arguments, **wrong})
