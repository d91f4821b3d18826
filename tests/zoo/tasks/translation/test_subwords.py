"""Parts of words: nothing is lost, and they are saved with the model."""

import json

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import read
import seqzoo
from seqzoo.door import Refused
from seqzoo.preprocessing.preprocessor import lengths_of
from seqzoo.tasks.translation.preprocessor import TranslationPreprocessor
from seqzoo.tasks.translation.subwords import SubwordTokenizer
from seqzoo.tasks.translation.tokenizer import UNKNOWN, WordOrLetterTokenizer

WORDS = ["low", "lower", "lowest", "new", "newer", "newest", "wide", "wider", "widest"]
LETTERS = sorted({letter for word in WORDS for letter in word})
LEARNED = SubwordTokenizer.learn([" ".join(WORDS)], most=30)


@given(st.lists(st.text(st.sampled_from(LETTERS), min_size=1, max_size=12), max_size=6))
@settings(max_examples=60, deadline=None)
def test_any_word_of_known_letters_is_split_and_joined_again(words):
    text = " ".join(words)
    ids = LEARNED.encode([text])
    assert UNKNOWN not in ids and LEARNED.decode(ids).tolist() == [text]
    # Plain Python splits it as sentencepiece does.
    ranks = {token: rank for rank, token in enumerate(LEARNED.tokens)}
    assert read.subwords_of(text, ranks) == LEARNED.split([text])[0]


@pytest.mark.parametrize("texts", [["red hand"], ["a"], ["aaaa"], ["é", "e\u0301"], ["<s> </s> <unk>", "\u2581 x"]])
def test_few_texts_are_enough_to_learn_from(texts):
    tokenizer = SubwordTokenizer.learn(texts)
    assert len(tokenizer.tokens) == len(set(tokenizer.tokens))
    assert UNKNOWN not in tokenizer.encode(texts)


def test_an_unknown_letter_is_unknown_and_the_rest_is_not():
    assert LEARNED.decode(LEARNED.encode(["lowξ new"])).tolist() == ["low� new"]


def test_no_words_are_refused():
    with pytest.raises(Refused, match="no text, or none with a word in it"):
        SubwordTokenizer.learn(["", " "])


def test_as_many_are_learned_as_were_asked_for_at_most():
    assert len(SubwordTokenizer.learn([" ".join(WORDS)], most=20).tokens) <= 20
    few = TranslationPreprocessor.learn(["low lower"] * 9, ["new newer"] * 9, "subwords", most=9)
    assert few.source.size <= 13


def test_rare_words_take_fewer_steps_than_letters():
    texts = [f"{stem}{end}" for stem in ("low", "new", "wid", "slow", "narrow") for end in ("er", "est", "ly", "ness")]
    words, parts = (
        kind.learn(texts).split(["slowest newness"])[0] for kind in (WordOrLetterTokenizer, SubwordTokenizer)
    )
    assert len(parts) < len(words)


def test_a_model_of_subwords_learns_is_saved_and_answers_the_same(tmp_path):
    keras.utils.set_random_seed(0)
    english, french = (
        ["a red hand", "a red cat", "my hand", "my cat"],
        ["une main rouge", "un chat rouge", "ma main", "mon chat"],
    )
    options = dict(units=32, embedding=32, dropout=0.0, learning_rate=0.005)
    model = seqzoo.create_model("translation", pairs=(english, french), tokenizer="subwords", **options)
    model.fit(english * 8, french * 8, batch_size=8, epochs=50, verbose=0)
    assert model.answer(english) == french
    model.save(tmp_path / "model.keras")
    loaded = seqzoo.load_model(tmp_path / "model.keras")
    assert loaded.preprocessor.tokenizer == "subwords" and loaded.answer(english) == french
    json.dumps(loaded.preprocessor.get_config())
    lengths = model.preprocessor.lengths(model.preprocessor.rows(english), french)
    np.testing.assert_array_equal(lengths[:, 0], lengths_of(model.preprocessor.source.split(english)))


def test_another_tokenizer_is_refused():
    with pytest.raises(Refused, match="(?s)'words', 'subwords'.*'letters'"):
        seqzoo.create_model("translation", pairs=[("a", "b")], tokenizer="letters")


def test_fewer_tokens_than_letters_are_refused():
    with pytest.raises(Refused, match="(?s)most_tokens of at least 7.*most_tokens=5"):
        seqzoo.create_model("translation", pairs=[("red hand", "main rouge")], tokenizer="subwords", most_tokens=5)
