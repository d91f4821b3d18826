import itertools

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from seqzoo.decoding import ctc_decode

array = ops.convert_to_numpy


def random_logits(shape, seed=0):
    return np.random.default_rng(seed).normal(scale=2, size=shape).astype("float32")


def spell(path):
    """B of the notes: equal neighbours once, then no blanks."""
    return tuple(symbol for symbol, _ in itertools.groupby(path) if symbol)


def probabilities(logits):
    """log P(y | x) of every y, from every path in float64."""
    logits = np.asarray(logits, "float64")
    log_p = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    found = {}
    for path in itertools.product(range(logits.shape[1]), repeat=len(logits)):
        found.setdefault(spell(path), []).append(log_p[np.arange(len(path)), path].sum())
    return {y: np.logaddexp.reduce(of_paths) for y, of_paths in found.items()}


def rows(tokens, lengths):
    return [tuple(row[:n].tolist()) for row, n in zip(array(tokens), array(lengths))]


@given(seed=st.integers(0, 1000), time=st.sampled_from([1, 4]), symbols=st.sampled_from([2, 3]))
@settings(max_examples=20, deadline=None)
def test_a_wide_search_is_exact(seed, time, symbols):
    logits = random_logits((3, time, symbols), seed)
    tokens, lengths, scores = ctc_decode(logits, beam_width=40)
    best = [max(probabilities(row).items(), key=lambda item: item[1]) for row in logits]
    assert rows(tokens, lengths) == [y for y, _ in best]
    np.testing.assert_allclose(array(scores), [p for _, p in best], atol=1e-4)


@given(seed=st.integers(0, 1000), width=st.sampled_from([1, 2, 5]), row=st.integers(0, 3))
@settings(max_examples=15, deadline=None)
def test_whatever_the_width_a_row_stands_alone_and_claims_no_more_than_it_has(seed, width, row):
    logits = random_logits((4, 5, 3), seed)
    tokens, lengths, scores = map(array, ctc_decode(logits, width))
    alone = [array(x) for x in ctc_decode(logits[row : row + 1], width)]
    for together, one in zip((tokens, lengths, scores), alone):
        np.testing.assert_allclose(one[0], together[row], atol=1e-5)
    (y,) = rows(alone[0], alone[1])
    assert scores[row] <= probabilities(logits[row])[y] + 1e-5
    assert 0 not in y and not tokens[row, lengths[row] :].any()


def test_greedy_spells_the_likeliest_path():
    logits = random_logits((50, 9, 4))
    tokens, lengths, scores = ctc_decode(logits)
    assert rows(tokens, lengths) == [spell(row.argmax(axis=-1)) for row in logits]
    log_p = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    np.testing.assert_allclose(array(scores), log_p.max(axis=-1).sum(axis=-1), rtol=1e-5)
    assert not np.any(array(tokens)[np.arange(9) >= array(lengths)[:, None]])


def test_beams_find_what_greedy_misses():
    # The likeliest path is all blanks, with 0.36; but three paths spell 1, with 0.64 together.
    logits = np.log([[[0.6, 0.4], [0.6, 0.4]]])
    assert rows(*ctc_decode(logits)[:2]) == [()]
    tokens, lengths, scores = ctc_decode(logits, beam_width=2)
    assert rows(tokens, lengths) == [(1,)]
    np.testing.assert_allclose(np.exp(array(scores)), [0.64], rtol=1e-5)


@pytest.mark.parametrize("width", [1, 5])
def test_steps_of_certain_blanks_change_nothing(width):
    logits = random_logits((6, 7, 4))
    blanks = np.full((6, 5, 4), -1e9)
    blanks[..., 0] = 0
    tokens, lengths, scores = map(array, ctc_decode(logits, width))
    padded = [array(x) for x in ctc_decode(np.concatenate([logits, blanks], axis=1), width)]
    np.testing.assert_array_equal(padded[0][:, :7], tokens)
    np.testing.assert_array_equal(padded[1], lengths)
    np.testing.assert_allclose(padded[2], scores, rtol=1e-5)


@pytest.mark.parametrize("width", [1, 3])
def test_in_a_graph_it_gives_the_same(width, in_graph):
    logits = random_logits((2, 6, 4))
    graph = in_graph(lambda x: ctc_decode(x, width), (None, None, 4))
    for ours, theirs in zip(graph(logits), ctc_decode(logits, width)):
        np.testing.assert_allclose(array(ours), array(theirs), rtol=1e-6)


@pytest.mark.parametrize("width", [1, 4])
def test_what_is_impossible_is_not_spelled(width):
    p = np.array([[[0, 1, 0], [0, 1, 0], [0.5, 0, 0.5], [0, 0.25, 0.75]]])
    with np.errstate(divide="ignore"):
        tokens, lengths, scores = ctc_decode(np.log(p), width)
    # 1 1 _ 2 and 1 1 2 2 spell 1 2; greedy takes the first of them.
    assert rows(tokens, lengths) == [(1, 2)]
    np.testing.assert_allclose(np.exp(array(scores)), [0.375 if width == 1 else 0.75], rtol=1e-5)


def test_the_loss_of_keras_is_of_the_same_paths():
    logits = random_logits((4, 4, 3))
    targets = np.array([[1, 2], [2, 0], [1, 1], [2, 1]])
    expected = [-probabilities(row)[tuple(y[y > 0])] for row, y in zip(logits, targets)]
    loss = keras.losses.CTC()(targets, logits.astype("float32"))
    np.testing.assert_allclose(array(loss), np.mean(expected), rtol=1e-5)


def test_the_old_name_of_the_width_still_works():
    logits = random_logits((3, 5, 4))
    with pytest.warns(DeprecationWarning, match="is now called beam_width"):
        old = ctc_decode(logits, width=3)
    np.testing.assert_array_equal(array(old[2]), array(ctc_decode(logits, beam_width=3)[2]))


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match=r"beam_width must be .* at least 1. Received: beam_width=0"):
        ctc_decode(np.zeros((1, 2, 3)), beam_width=0)
    with pytest.raises(ValueError, match=r"\(batch, time, symbols\). Received: shape \(2, 3\)"):
        ctc_decode(np.zeros((2, 3)))
