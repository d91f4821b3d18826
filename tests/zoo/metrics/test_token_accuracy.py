"""The share of tokens that are labelled right, counted by NumPy."""

import numpy as np
import pytest

from seqzoo.metrics.token_accuracy import TokenAccuracy


@pytest.mark.parametrize("weights", [None, np.array([[1, 0, 2, 1, 1], [0.5, 1, 1, 1, 1]])])
def test_it_is_the_weighted_share_of_tokens_with_a_label(weights):
    random = np.random.default_rng(0)
    truth = np.array([[3, 0, 1, -1, -1], [2, 2, 0, 1, -1]])
    scores = random.normal(size=(2, 5, 4))
    accuracy = TokenAccuracy()
    accuracy.update_state(truth, scores, weights)
    counts = (truth >= 0) * (1 if weights is None else weights)
    expected = ((scores.argmax(-1) == truth) * counts).sum() / counts.sum()
    assert 0 < expected < 1 and float(accuracy.result()) == pytest.approx(expected)


def test_what_is_as_likely_as_another_label_or_no_number_is_not_right():
    accuracy = TokenAccuracy()
    accuracy.update_state(np.array([[0, 1, 1]]), np.array([[[0.5, 0.5], [np.nan, np.nan], [0.1, 0.9]]]))
    assert float(accuracy.result()) == pytest.approx(1 / 3)


@pytest.mark.parametrize("weights, expected", [([1.0, 0.0], 1.0), ([0.0, 1.0], 0.5), ([[1, 0], [1, 1]], 2 / 3)])
def test_weights_of_sentences_and_of_tokens(weights, expected):
    accuracy = TokenAccuracy()
    accuracy.update_state(np.array([[0, 1], [1, 1]]), np.eye(2)[[[0, 1], [0, 1]]], np.array(weights))
    assert float(accuracy.result()) == pytest.approx(expected)
