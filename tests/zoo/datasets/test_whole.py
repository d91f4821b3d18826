"""What is shown of a dataset belongs together, however its batches are shuffled."""

import numpy as np

import seqzoo
from seqzoo.datasets.whole import whole


def test_columns_and_species_of_penguins_are_those_of_one_bird(mini_data_dir):
    task = seqzoo.get_task("one_to_one")
    train = task.batches("mini", "train", data_dir=mini_data_dir)
    first, (birds, species) = whole(train), whole(train)
    assert not np.array_equal(first[1], species)  # the second pass has another order
    rows = sorted(zip(*birds.values(), species), key=str)
    known = zip(*first[0].values(), first[1])
    assert str(rows) == str(sorted(known, key=str))
    # longer bills go with longer flippers, and Gentoos are the heavy ones
    assert np.corrcoef(birds["bill_length_mm"], birds["flipper_length_mm"])[0, 1] > 0.6
    gentoo = species == task.labels("mini").index("Gentoo")
    assert birds["body_mass_g"][gentoo].mean() > birds["body_mass_g"][~gentoo].mean() + 1000


def test_batches_padded_to_different_lengths_stay_rows():
    films, labels = whole([(np.ones((2, 5, 2)), [0, 1]), (np.ones((1, 7, 2)), [2])])
    assert [len(film) for film in films] == [5, 5, 7]
    assert labels.tolist() == [0, 1, 2]


def test_weights_beside_are_left_out():
    x, y = whole([(["a"], [0], [0.5]), (["b"], [1], [0.5])])
    assert x.tolist() == ["a", "b"] and y.tolist() == [0, 1]
