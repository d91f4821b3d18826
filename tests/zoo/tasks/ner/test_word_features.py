import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import example, given, settings
from hypothesis import strategies as st

from seqzoo.tasks.word_features import PARTS, LetterGroups, feature_vectors

ADDRESS = "(No.  4B-7) McArthur Blvd., & # 35th\tÉcole—St CHICAGO, IL 60601-1714 ,,"


@pytest.mark.parametrize(
    "part, expected",
    [
        ("word", "no 9b-9 mcarthur blvd & # 99th école—st chicago il 99999-9999 ,,"),
        ("beginning", "no 9b- mca blv & # 99t éco chi il 999 ,,"),
        ("ending", "no b-9 hur lvd & # 9th —st ago il 999 ,,"),
        ("shape", "(Aa. 9A-9) AaAa Aa., & # 99a Aa—Aa AA, AA 99999-9999 ,,"),
        ("punctuation", "(w. w-w) w w., & # w w—w w, w w-w ,,"),
    ],
)
def test_looks(part, expected):
    assert PARTS[part](tf.constant(ADDRESS)).numpy().decode() == expected


@settings(max_examples=60, deadline=None)
@given(
    st.text(
        alphabet=st.one_of(
            st.sampled_from(" \t\n\v\f\r.,-'9Aaé#ß²"),
            st.characters(codec="utf-8", exclude_characters="\0"),  # ends a string for tf.strings.lower
        )
    )
)
@example("a\v,b ,c, \v")
def test_every_look_keeps_the_tokens_apart(text):
    count = len(tf.strings.split(text).numpy())
    for function in PARTS.values():
        assert len(tf.strings.split(function(tf.constant(text))).numpy()) == count


def test_letter_groups_are_means_over_the_table():
    layer = LetterGroups(3, rows=50)
    vectors = layer(tf.constant(["Elm 7", "9"])).numpy()
    assert vectors.shape == (2, 2, 3) and not vectors[1, 1].any()
    groups = ["<e", "el", "lm", "m>", "<el", "elm", "lm>", "<elm", "elm>"]
    rows = tf.strings.to_hash_bucket_fast(groups, 50).numpy()
    np.testing.assert_allclose(vectors[0, 0], np.array(layer.table)[rows].mean(0), atol=1e-6)
    np.testing.assert_allclose(vectors[0, 1], vectors[1, 0], atol=1e-6)


def test_padding_is_masked():
    sentence = keras.Input((), dtype="string")
    model = keras.Model(sentence, feature_vectors(sentence, ["7 Elm St", "9 Elm St"], 2))
    mask = model(tf.constant(["7 Elm St", "never-seen", ""]))._keras_mask
    np.testing.assert_array_equal(mask, [[1, 1, 1], [1, 0, 0], [0, 0, 0]])
