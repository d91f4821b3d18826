"""Batches of like length hold every example once, and little padding."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqzoo.preprocessing import like_length
from seqzoo.preprocessing.like_length import places_of_batches


@given(
    lengths=st.lists(st.integers(0, 40), max_size=60),
    batch_size=st.integers(1, 9),
    seed=st.none() | st.integers(0, 9),
    sides=st.integers(1, 2),
)
@settings(max_examples=100, deadline=None)
def test_each_example_is_in_one_batch_and_all_batches_but_one_are_full(lengths, batch_size, seed, sides):
    random = None if seed is None else np.random.default_rng(seed)
    batches = places_of_batches(len(lengths), batch_size, np.array([lengths] * sides, int).T, random)
    assert sorted(place for batch in batches for place in batch) == list(range(len(lengths)))
    assert sum(len(batch) < batch_size for batch in batches) <= 1
    assert len(batches) == -(-len(lengths) // batch_size)


def padding(lengths, batches):
    """Steps of padding for each step of content."""
    read = sum(len(batch) * lengths[batch].max(axis=0).sum() for batch in batches)
    return read / lengths.sum() - 1


@pytest.mark.parametrize("sides", [1, 2])
def test_less_than_fifteen_in_a_hundred_steps_are_padding(sides):
    random = np.random.default_rng(0)
    first = 2 + random.poisson(random.gamma(6, 2, 29_000))
    lengths = np.stack([first, 2 + random.poisson(1.1 * first)], axis=1)[:, :sides]
    assert padding(lengths, places_of_batches(len(lengths), 64, None, random)) > 0.8
    assert padding(lengths, places_of_batches(len(lengths), 64, lengths, random)) < 0.15
    assert padding(lengths, places_of_batches(len(lengths), 64, lengths)) < 0.08


def test_every_epoch_mixes_anew(monkeypatch):
    monkeypatch.setattr(like_length, "POOL", 4)
    lengths = np.arange(100)
    random = np.random.default_rng(0)
    first, second = (places_of_batches(100, 5, lengths, random) for _ in range(2))
    groups = lambda batches: {frozenset(batch.tolist()) for batch in batches}
    assert groups(first) != groups(second)
    assert [batch.min() for batch in first] != sorted(batch.min() for batch in first)
