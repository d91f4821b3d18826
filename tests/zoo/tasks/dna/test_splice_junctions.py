import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seqzoo.tasks.dna.dataset import load
from seqzoo.tasks.dna.splice_junctions import ALIKE, families, parse

SPLITS = ("train", "validation", "test")


def test_no_stretch_is_nearly_one_of_another_split(mini_data_dir):
    letters = {
        split: np.array([list(s.decode()) for s, _ in load("mini", split, mini_data_dir).as_numpy_iterator()])
        for split in SPLITS
    }
    for one, other in (("test", "train"), ("test", "validation"), ("validation", "train")):
        alike = (letters[one][:, None] == letters[other][None]).sum(axis=-1)
        assert alike.max() < ALIKE


def test_labels_of_the_splits(mini_data_dir):
    counts = {
        split: np.bincount([y for _, y in load("mini", split, mini_data_dir).as_numpy_iterator()]).tolist()
        for split in SPLITS
    }
    assert counts == {"train": [550, 531, 1309], "validation": [68, 74, 170], "test": [61, 67, 174]}


def test_a_stretch_with_two_labels_is_left_out():
    assert parse("@x\n@data\nA,C,EI\nG,T,N\nA,C,IE\nG,T,N\n") == {"GT": "N"}


@given(st.lists(st.text("ACGT", min_size=4, max_size=4), min_size=1, max_size=12, unique=True))
def test_families_are_the_groups_that_chains_of_likeness_make(sequences):
    found = families(sequences, alike=3)
    group = {s: {s} for s in sequences}
    for _ in sequences:
        for a in sequences:
            for b in sequences:
                if sum(x == y for x, y in zip(a, b)) >= 3:
                    group[a] = group[b] = group[a] | group[b]
    for s in sequences:
        assert found[s] == min(group[s], key=sequences.index)
