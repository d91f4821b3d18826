import numpy as np
import pytest
import tensorflow as tf

from seqzoo import door


@pytest.mark.parametrize(
    "values, labels, places",
    [
        ([True, False], [True, False], [0, 1]),
        (np.array([True, False]), ["no", "yes"], [1, 0]),
        ([0.5, 1, 1.5, "1"], [0.5, 1.0, 1.5], [0, 1, 2, 1]),
        (np.float32([0.1, 0.5]), np.float32([0.1, 0.5]), [0, 1]),
        ([1.0], ["01", "02"], [0]),
        ([-1, 1], ["-1", "1"], [0, 1]),
        ([2**53 + 1, 2**53], [2**53 + 1, 2**53], [0, 1]),
        ([1], ["1", "01"], [0]),
        ([True, False], ["true", "false"], [0, 1]),
        (tf.constant([1, 0]), 2.0, [1, 0]),
        (tf.constant("b"), np.array(["a", "b"]), [1]),
    ],
)
def test_a_value_that_is_a_name_is_that_label(values, labels, places):
    assert door.label_places(values, door.label_names(labels)).tolist() == places


@pytest.mark.parametrize("labels", [0, 2.5, np.array(-1), True, ["a", float("nan")], ["a", "a"], None])
def test_what_names_no_labels_is_refused(labels):
    with pytest.raises(door.Refused, match="Expected: labels"):
        door.label_names(labels)


def test_a_label_may_be_called_nan():
    assert door.label_places(["nan"], door.label_names(["nan", "roti"])).tolist() == [0]


@pytest.mark.parametrize("value", [0, -1, 2.5, True, "3", None, float("nan"), float("inf")])
def test_what_is_no_natural_number_is_refused(value):
    with pytest.raises(door.Refused, match="batch_size of 1 or more"):
        door.natural("batch_size", value, 32)


@pytest.mark.parametrize("value", [float("nan"), "x", None, float("inf")])
def test_what_is_no_number_is_refused_with_its_row(value):
    with pytest.raises(door.Refused, match="(?s)numbers as weights.*row 1"):
        door.numbers([1, value], "weights")


def test_half_a_character_is_refused_with_its_row():
    with pytest.raises(door.Refused, match=r"'\\ud83d' in row 1, letter 2"):
        door.texts(["whole", "a \ud83d b"])


def test_one_tensor_is_one_value():
    assert door.texts(tf.constant("a good film")).tolist() == ["a good film"]
    assert door.column(tf.constant(3)) == [3]
