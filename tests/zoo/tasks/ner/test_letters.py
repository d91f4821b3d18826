import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

import seqzoo
from seqzoo.layers import RNN, Bidirectional, GRUCell
from seqzoo.tasks.ner.letters import LONGEST, EachWord
from seqzoo.tasks.ner.preprocessor import NerPreprocessor

TEXTS = ["Ann met Ann", "Bob met Anna"]
LABELS = ("person", "none")
array = ops.convert_to_numpy


@pytest.fixture(scope="module")
def learned():
    return NerPreprocessor.learn(TEXTS, LABELS, letters=True)


def test_letters_are_ids_in_capitals_and_small_ones(learned):
    known = ["", "[UNK]", *learned.letters.words]
    assert learned.letters.words == ["A", "e", "m", "n", "t"]  # what occurs twice
    letters = learned.inputs(learned.rows(["Ante mZ", ""]))["letters"]
    assert [[known[i] for i in token if i] for token in letters[0]] == [["A", "n", "t", "e"], ["m", "[UNK]"]]
    assert not letters[1].any()
    assert learned.inputs(learned.rows(["n" * 99]))["letters"].shape == (1, 1, LONGEST)


def test_an_accent_is_part_of_its_letter():
    learned = NerPreprocessor.learn(["é", "e\u0301"], LABELS, letters=True)
    assert learned.letters.words == ["é"]
    assert learned.inputs(learned.rows(["e\u0301é"]))["letters"].tolist() == [[[2, 2]]]


def test_what_was_learned_before_has_no_letters(learned):
    before = NerPreprocessor.learn(TEXTS, LABELS)
    assert "letters" not in before.get_config() and "letters" not in before.inputs(before.rows(TEXTS))
    again = NerPreprocessor.from_config(learned.get_config())
    assert again.letters.words == learned.letters.words


@given(lengths=st.lists(st.integers(0, 4), min_size=6, max_size=6), seed=st.integers(0, 99))
@settings(max_examples=8, deadline=None)
def test_each_word_is_read_alone(lengths, seed):
    random = np.random.default_rng(seed)
    reader = EachWord(Bidirectional(RNN(GRUCell(2))))
    x = random.normal(size=(2, 3, 4, 5)).astype("float32")
    mask = np.arange(4) < np.reshape(lengths, (2, 3, 1))
    y = array(reader(x, mask=mask))
    assert array(reader.compute_mask(x, mask)).tolist() == mask.any(axis=-1).tolist()
    for place in np.ndindex(2, 3):
        n = mask[place].sum()
        alone = array(reader.layer(x[place][None, :n]))[0] if n else np.zeros(4)
        np.testing.assert_allclose(y[place], alone, atol=1e-5)


def test_capitals_and_order_count_where_letters_are_read():
    keras.utils.set_random_seed(0)
    options = dict(texts=TEXTS, labels=LABELS, units=4, embedding=4)
    model = seqzoo.create_model("ner", **options, letter_units=4)
    a, b = model.predict(["Annnma", "Anmnna"])  # beginning, ending, shape and punctuation are the same
    inputs = model.preprocessor.inputs(model.preprocessor.rows(["Annnma", "Anmnna"]))
    assert not np.array_equal(*inputs["letters"]) and not np.allclose(a, b, atol=1e-7)
    assert "letters" not in [tensor.name for tensor in seqzoo.create_model("ner", **options).network.inputs]
