import pytest
import tensorflow as tf
from hypothesis import example, given, settings
from hypothesis import strategies as st

from seqzoo.tasks.ner.word_features import PARTS

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


@pytest.mark.parametrize(
    "part, expected",
    [
        ("word", "दिल्ली फ़िल्मी o'hare"),
        ("beginning", "दिल्ली फ़िल्मी o'h"),
        ("ending", "दिल्ली फ़िल्मी are"),
        ("shape", "a, a A'Aa"),
        ("punctuation", "w, w w'w"),
    ],
)
def test_marks_belong_to_their_letters_and_apostrophes_are_one(part, expected):
    assert PARTS[part](tf.constant("दिल्ली, फ़िल्मी O’Hare")).numpy().decode() == expected


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
