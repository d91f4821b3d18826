import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqzoo.door import Refused
from seqzoo.tasks.translation.tokenizer import WordOrLetterTokenizer, join_tokens, split_words

TEXTS = ["super-héros (tête)", "l’île d’été", "l’île, St. Pierre & C°", "100 % a b"]
WRITTEN = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "M", "Zs"], exclude_characters="▁"))


def composed(text):
    """A text between single spaces, in Unicode's composed form."""
    return " ".join(unicodedata.normalize("NFC", text).split())


@settings(max_examples=50, deadline=None)
@given(WRITTEN)
def test_split_and_joined_a_text_is_what_it_was_but_for_its_spaces(text):
    assert join_tokens(split_words([text])[0]) == composed(text)


@settings(max_examples=30, deadline=None)
@given(st.lists(WRITTEN, min_size=1, max_size=4))
def test_what_it_was_taught_it_can_write(texts):
    tokenizer = WordOrLetterTokenizer.learn(["a a", *texts])
    assert tokenizer.decode(tokenizer.encode(texts)).tolist() == [composed(text) for text in texts]


def test_a_word_that_is_not_known_is_spelled():
    tokenizer = WordOrLetterTokenizer.learn(["oh no", "oh a bc"])
    assert tokenizer.split(["oh can"]) == [["▁oh", "▁", "c", "a", "n"]]


def test_a_letter_that_is_not_known_is_shown_as_such():
    tokenizer = WordOrLetterTokenizer.learn(["ab ab"])
    assert tokenizer.decode(tokenizer.encode(["ab axb"])).tolist() == ["ab a�b"]


def test_upper_case_is_kept_unless_told_otherwise():
    assert "▁Été" in WordOrLetterTokenizer.learn(["Été", "Été"]).tokens
    tokenizer = WordOrLetterTokenizer.learn(["Été", "été"], lower_case=True)
    assert "▁été" in tokenizer.tokens and "É" not in tokenizer.tokens
    np.testing.assert_array_equal(tokenizer.encode(["ÉTÉ"]), tokenizer.encode(["été"]))


def test_every_row_ends_and_is_padded_with_zero():
    ids = WordOrLetterTokenizer.learn(TEXTS).encode([*TEXTS, ""])
    for row in ids:
        end = row.tolist().index(3)
        assert (row[:end] > 3).all() and (row[end + 1 :] == 0).all()
    assert ids[-1, 0] == 3


def test_what_is_no_space_to_unicode_stays():
    tokenizer = WordOrLetterTokenizer.learn(["a\x1cb", "a\x85b"])
    assert tokenizer.decode(tokenizer.encode(["a\x1cb"])).tolist() == ["a\x1cb"]


def test_its_tokens_are_all_that_it_learned():
    tokenizer = WordOrLetterTokenizer.learn(TEXTS, lower_case=True)
    again = WordOrLetterTokenizer(tokenizer.tokens, tokenizer.lower_case)
    np.testing.assert_array_equal(again.encode(TEXTS), tokenizer.encode(TEXTS))


@pytest.mark.parametrize("texts", [[], [""], [" ", ""]])
def test_nothing_to_learn_from_is_refused(texts):
    with pytest.raises(Refused, match="Expected: texts to learn words from"):
        WordOrLetterTokenizer.learn(texts)


def test_accents_are_the_same_composed_or_not():
    composed = ["café thé", "garçon"]
    apart = [unicodedata.normalize("NFD", text) for text in composed]
    assert composed != apart
    for learned in (composed, apart):
        tokenizer = WordOrLetterTokenizer.learn(learned, min_count=1)
        np.testing.assert_array_equal(tokenizer.encode(apart), tokenizer.encode(composed))
