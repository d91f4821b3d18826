import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from seqzoo.preprocessing import text


def _words(sentence):
    return text.standardize(tf.constant(sentence)).numpy().decode().split()


@pytest.mark.parametrize(
    "sentence, words",
    [
        ("A GEM", ["a", "gem"]),
        ("Isn't it -- great?!", ["isn't", "it", "great", "?", "!"]),
        ("ÉTÉ: 2 films…", ["été", "2", "films"]),
        ("  \t ", []),
        ("", []),
    ],
)
def test_standardize(sentence, words):
    assert _words(sentence) == words
    assert text.count_words(tf.constant(sentence)).numpy() == len(words)


def test_vocabulary_leaves_rare_words_out_and_ranks_by_frequency():
    assert text.learn_vocabulary(["b b b a", "a c d d"]) == ["b", "a", "d"]
    assert text.learn_vocabulary(["b b b a", "a c"], min_count=1, most=2) == ["b", "a"]


def test_texts_without_words_are_refused():
    with pytest.raises(ValueError, match="to learn words from. Received: no text"):
        text.learn_vocabulary(["", "..."])


def test_a_few_short_texts_keep_all_their_words():
    assert text.learn_vocabulary(["b a"]) == ["a", "b"]


@settings(deadline=None)
@given(st.text(max_size=60))
def test_a_text_has_as_many_stems_as_words(sentence):
    words, stems = (f(tf.constant(sentence)).numpy().decode().split() for f in (text.standardize, text.stems))
    assert len(words) == len(stems)
    assert all(word.startswith(stem) for word, stem in zip(words, stems))


def test_vocabulary_from_a_dataset_is_that_from_a_list():
    sentences = ["good film", "good", "Film!"]
    dataset = tf.data.Dataset.from_tensor_slices(sentences)
    assert text.learn_vocabulary(dataset) == text.learn_vocabulary(sentences) == ["film", "good"]


def test_first_words_cuts_only_what_is_longer():
    assert text.first_words(tf.constant("A b, c"), 3).numpy() == b"A b, c"
    assert text.first_words(tf.constant("A b, c d"), 3).numpy() == b"a b c"
