import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from seqzoo.tasks.pieces import Pieces, join_pieces, learn_pieces, split_words

TEXTS = ["super-héros (tête)", "l’île d’été", "l’île, St. Pierre & C°", "100 % a b"]
WRITTEN = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "S", "M", "Zs"], exclude_characters="▁")
)


@settings(max_examples=50, deadline=None)
@given(WRITTEN)
def test_split_and_joined_a_text_is_what_it_was_but_for_its_spaces(text):
    joined = join_pieces(split_words(tf.constant([text])).to_tensor(""))[0].numpy().decode()
    assert joined == " ".join(text.split())


@settings(max_examples=30, deadline=None)
@given(st.lists(WRITTEN, min_size=1, max_size=4))
def test_what_it_was_taught_it_can_write(texts):
    pieces = Pieces(learn_pieces(["a a", *texts]))
    back = pieces.texts(pieces(tf.constant(texts))).numpy()
    assert [text.decode() for text in back] == [" ".join(text.split()) for text in texts]


def test_a_word_that_is_not_known_is_spelled():
    pieces = Pieces(learn_pieces(["oh no", "oh a bc"]))
    assert pieces.split(tf.constant(["oh can"])).to_list() == [
        [s.encode() for s in ["▁oh", "▁", "c", "a", "n"]]
    ]


def test_a_letter_that_is_not_known_is_shown_as_such():
    pieces = Pieces(learn_pieces(["ab ab"]))
    assert pieces.texts(pieces(tf.constant(["ab axb"])))[0].numpy().decode() == "ab a�b"


def test_upper_case_is_kept_unless_told_otherwise():
    assert "▁Été" in learn_pieces(["Été", "Été"])
    vocabulary = learn_pieces(["Été", "été"], lower_case=True)
    assert "▁été" in vocabulary and "É" not in vocabulary
    pieces = Pieces(vocabulary, lower_case=True)
    np.testing.assert_array_equal(pieces(tf.constant(["ÉTÉ"])), pieces(tf.constant(["été"])))


def test_every_row_ends_and_is_padded_with_zero():
    ids = Pieces(learn_pieces(TEXTS))(tf.constant([*TEXTS, ""])).numpy()
    for row in ids:
        end = row.tolist().index(3)
        assert (row[:end] > 3).all() and (row[end + 1 :] == 0).all()
    assert ids[-1, 0] == 3


def test_it_is_saved_with_a_model(tmp_path):
    text = keras.Input((), dtype="string")
    model = keras.Model(text, Pieces(learn_pieces(TEXTS), lower_case=True)(text))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(loaded(tf.constant(TEXTS)), model(tf.constant(TEXTS)))


@pytest.mark.parametrize("texts", [[], [""], [" ", ""]])
def test_nothing_to_learn_from_is_refused(texts):
    with pytest.raises(ValueError, match="Expected texts to learn words from"):
        learn_pieces(texts)
