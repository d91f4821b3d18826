"""The linear-chain CRF against all sequences of labels, one by one, in float64."""

import itertools

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from seqzoo.decoding import crf_decode, crf_log_p, crf_marginals

array = ops.convert_to_numpy
few = settings(max_examples=12, deadline=None)
lengths_of = st.lists(st.integers(0, 4), min_size=3, max_size=3)
seeds = st.integers(0, 1000)
TIME, LABELS = 4, 3


def random_scores(seed, scale=2.0):
    return np.random.default_rng(seed).normal(scale=scale, size=(3, TIME, LABELS, LABELS)).astype("float32")


def random_labels(seed):
    return np.random.default_rng(seed).integers(LABELS, size=(3, TIME))


def log_p(scores, length):
    """log P(y | x) of every y, by all of them."""
    scores = scores[:length].astype("float64")
    sums = {
        y: sum(s[i, j] for s, i, j in zip(scores, (0, *y), y)) for y in itertools.product(range(LABELS), repeat=length)
    }
    log_z = np.logaddexp.reduce(list(sums.values()))
    return {y: s - log_z for y, s in sums.items()}


@given(seed=seeds, lengths=lengths_of)
@few
def test_the_log_probabilities_of_labels_are_those_of_their_sequence(seed, lengths):
    scores, labels = random_scores(seed), random_labels(seed)
    found = array(crf_log_p(scores, labels, lengths))
    for row, (s, y, n) in enumerate(zip(scores, labels.tolist(), lengths)):
        all_p = log_p(s, n)
        begun = [np.logaddexp.reduce([p for z, p in all_p.items() if list(z[:t]) == y[:t]]) for t in range(n + 1)]
        np.testing.assert_allclose(found[row, :n], np.diff(begun), atol=1e-4)
        np.testing.assert_allclose(found[row].sum(), all_p[tuple(y[:n])], atol=1e-4)
        assert not found[row, n:].any()


@pytest.mark.parametrize("time, labels", [(3, 2), (2, 3), (4, 5), (3, 4)])
def test_other_numbers_of_labels_run_one_after_the_other(time, labels):
    scores = np.random.default_rng(labels).normal(size=(1, time, labels, labels)).astype("float32")
    sums = {
        y: sum(s[i, j] for s, i, j in zip(scores[0], (0, *y), y)) for y in itertools.product(range(labels), repeat=time)
    }
    assert tuple(array(crf_decode(scores, [time]))[0].tolist()) == max(sums, key=sums.get)
    np.testing.assert_allclose(array(crf_marginals(scores, [time])).sum(axis=-1), 1, atol=1e-5)
    log_z = np.logaddexp.reduce([float(s) for s in sums.values()])
    found = float(ops.sum(crf_log_p(scores, [[0] * time], [time])))
    assert found == pytest.approx(float(sums[(0,) * time]) - log_z, abs=1e-4)


@given(seed=seeds, lengths=lengths_of)
@few
def test_the_likeliest_labels_and_the_marginals_are_those_of_all_sequences(seed, lengths):
    scores = random_scores(seed)
    best, p = array(crf_decode(scores, lengths)), array(crf_marginals(scores, lengths))
    for row, (s, n) in enumerate(zip(scores, lengths)):
        all_p = log_p(s, n)
        assert tuple(best[row, :n].tolist()) == max(all_p, key=all_p.get) and not best[row, n:].any()
        expected = np.zeros((TIME, LABELS))
        for y, log in all_p.items():
            expected[np.arange(n), list(y)] += np.exp(log)
        np.testing.assert_allclose(p[row], expected, atol=1e-5)


@given(seed=seeds, lengths=lengths_of)
@few
def test_what_stands_after_a_row_and_before_its_first_label_changes_nothing(seed, lengths):
    scores, labels = random_scores(seed), random_labels(seed)
    other, other_labels = scores.copy(), labels.copy()
    other[:, 0, 1:] = 7.0
    for row, n in enumerate(lengths):
        other[row, n:], other_labels[row, n:] = 1e6, -1
    np.testing.assert_array_equal(
        array(crf_log_p(scores, labels, lengths)), array(crf_log_p(other, other_labels, lengths))
    )
    np.testing.assert_array_equal(array(crf_decode(scores, lengths)), array(crf_decode(other, lengths)))
    np.testing.assert_allclose(array(crf_marginals(scores, lengths)), array(crf_marginals(other, lengths)), atol=1e-6)


def test_the_gradient_is_what_was_counted_less_what_was_expected():
    """∂ log P(y | x) / ∂ s⟨t⟩(i, j) = [y⟨t−1⟩ = i and y⟨t⟩ = j] − P(y⟨t−1⟩ = i, y⟨t⟩ = j | x)."""
    scores, labels, lengths = random_scores(0), random_labels(0), [4, 2, 0]
    expected = np.zeros(scores.shape)
    for row, (s, n) in enumerate(zip(scores, lengths)):
        weighed = {y: -np.exp(p) for y, p in log_p(s, n).items()}
        weighed[tuple(labels[row, :n].tolist())] += 1
        for y, weight in weighed.items():
            expected[row, np.arange(n), [0, *y][:n], list(y)] += weight
    np.testing.assert_allclose(gradient(lambda s: ops.sum(crf_log_p(s, labels, lengths)), scores), expected, atol=1e-5)


def gradient(function, x):
    backend = keras.backend.backend()
    if backend == "jax":
        import jax

        return np.asarray(jax.grad(function)(x))
    if backend == "torch":
        x = ops.convert_to_tensor(x).requires_grad_()
        function(x).backward()
        return x.grad.cpu().numpy()
    import tensorflow as tf

    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    return tape.gradient(y, x).numpy()


def test_large_scores_and_long_rows_stay_numbers():
    scores = np.random.default_rng(0).normal(scale=1e3, size=(2, 300, 4, 4)).astype("float32")
    labels = array(crf_decode(scores, [300, 299]))
    found = array(crf_log_p(scores, labels, [300, 299]))
    np.testing.assert_allclose(found, 0, atol=0.1)  # nothing comes near the likeliest
    assert np.isfinite(gradient(lambda s: ops.sum(crf_log_p(s, labels, [300, 299])), scores)).all()
    np.testing.assert_allclose(array(crf_marginals(scores, [300, 300])).sum(axis=-1), 1, rtol=1e-6)


def test_in_a_graph_it_gives_the_same(in_graph):
    scores, lengths = random_scores(1), np.array([4, 3, 1], "float32")
    for function in (crf_decode, crf_marginals, lambda s, n: crf_log_p(s, random_labels(1), n)):
        graph = in_graph(function, (None, None, LABELS, LABELS), (None,))
        np.testing.assert_allclose(array(graph(scores, lengths)), array(function(scores, lengths)), rtol=1e-5)


def test_scores_without_a_label_before_are_refused():
    with pytest.raises(ValueError, match=r"\(batch, time, labels, labels\). Received: shape \(2, 3, 4\)"):
        crf_decode(np.zeros((2, 3, 4)), [3, 3])
