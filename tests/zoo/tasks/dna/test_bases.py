import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from seqzoo.tasks.bases import IUPAC, Fold, base_vectors


@pytest.fixture(scope="module")
def vectors():
    sequence = keras.Input((), dtype="string")
    return keras.Model(sequence, base_vectors(sequence))


@pytest.mark.parametrize("letter, bases", IUPAC.items())
def test_a_letter_is_a_share_of_each_base_that_it_may_be(vectors, letter, bases):
    expected = [(base in bases) / len(bases) for base in "ACGT"]
    for written in (letter, letter.lower()):
        np.testing.assert_allclose(vectors(tf.constant([written]))[0, 0], expected, rtol=1e-6)


def test_another_letter_may_be_any_base(vectors):
    np.testing.assert_array_equal(vectors(tf.constant(["x"]))[0, 0], [0.25] * 4)


def test_the_vectors_are_not_trained(vectors):
    assert vectors.trainable_weights == []


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=6))
def test_a_fold_pairs_each_step_with_the_one_as_far_from_the_other_end(lengths):
    time = max(*lengths, 1) if len(lengths) > 1 else max(lengths[0], 1)
    x = np.random.default_rng(0).random((len(lengths), time, 2)).astype("float32")
    mask = np.arange(time) < np.array(lengths)[:, None]
    layer = Fold()
    folded = np.array(layer(tf.constant(x), mask=tf.constant(mask)))
    counts = np.array(layer.compute_mask(tf.constant(x), tf.constant(mask)))
    for row, length in enumerate(lengths):
        half = (length + 1) // 2
        expected = [np.concatenate([x[row, t], x[row, length - 1 - t]]) for t in range(half)]
        np.testing.assert_array_equal(counts[row], np.arange(counts.shape[1]) < half)
        np.testing.assert_array_equal(folded[row, :half], np.reshape(expected, (half, 4)))
