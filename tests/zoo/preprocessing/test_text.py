import unicodedata

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
        ("Don’t! l’île, rock ʼn’ roll", ["don't", "!", "l'île", "rock", "'n'", "roll"]),
        ("good<br /><br/>film<BR>", ["good", "film"]),
        ("हिन्दी में, यह फ़िल्म।", ["हिन्दी", "में", "यह", "फ़िल्म"]),
        ("كِتَابٌ جَمِيلٌ، نَعَم", ["كِتَابٌ", "جَمِيلٌ", "نَعَم"]),
        ("می‌خواهم", ["می‌خواهم"]),
        ("หนังดีที่นี่ น้ำ", ["หนังดีที่นี่", "น้ำ"]),
        (unicodedata.normalize("NFD", "Tiếng Việt"), unicodedata.normalize("NFD", "tiếng việt").split()),
        ("I ❤️ it 👩‍💻 \u0301", ["i", "it"]),
        ("", []),
    ],
)
def test_standardize(sentence, words):
    assert _words(sentence) == words
    assert text.count_words(tf.constant(sentence)).numpy() == len(words)


@pytest.mark.parametrize(
    "word, stem",
    [
        ("क्योंकियहम", "क्योंकियह"),
        (unicodedata.normalize("NFD", "élèvé"), unicodedata.normalize("NFD", "élèvé")),
        (unicodedata.normalize("NFD", "ééééééé"), unicodedata.normalize("NFD", "ééééé")),
    ],
)
def test_stems_count_letters_with_their_marks(word, stem):
    assert text.stems(tf.constant(word)).numpy().decode() == stem


def test_vocabulary_leaves_rare_words_out_and_ranks_by_frequency():
    assert text.learn_vocabulary(["b b b a", "a c d d"]) == ["b", "a", "d"]
    assert text.learn_vocabulary(["b b b a", "a c"], min_count=1, most=2) == ["b", "a"]


def test_texts_without_words_are_refused():
    with pytest.raises(ValueError, match="(?s)to learn words from.*Received: no text"):
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


def test_only_what_is_longer_is_cut_at_the_end_that_was_asked_for():
    assert text.cut(tf.constant("A b, c"), 3).numpy() == b"A b, c"
    assert text.cut(tf.constant("A b, c d"), 3, "first").numpy() == b"a b c"
    assert text.cut(tf.constant("A b, c d"), 3, "last").numpy() == b"b c d"


def test_an_accent_is_the_same_however_it_is_written():
    for form in ("NFC", "NFD"):
        assert text.split([unicodedata.normalize(form, "Élève, Tiếng Việt")]) == [["élève", "tiếng", "việt"]]
        assert text.learn_vocabulary([unicodedata.normalize(form, "é é")]) == [unicodedata.normalize("NFC", "é")]
