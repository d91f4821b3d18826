import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from seqzoo.door import Refused
from seqzoo.tasks.ner.letter_groups import group_ids
from seqzoo.tasks.ner.network import token_vectors
from seqzoo.tasks.ner.preprocessor import NerPreprocessor
from seqzoo.tasks.ner.tokens import tokens_of
from seqzoo.tasks.ner.word_features import PARTS

TEXTS = ["7 Elm St", "9 Elm St", "7 Oak St."]
LABELS = ("number", "name", "type")
TOKENS = [["12", "Elm", "St,"], ["Elm"]]
FORMS = {
    "strings": ["12 Elm St,", "Elm"],
    "white space": ["\t12\u00a0 Elm\u2003St,\n", " Elm\u3000"],
    "bytes": [b"12 Elm St,", b"Elm"],
    "array": np.array(["12 Elm St,", "Elm"]),
    "tensor": tf.constant(["12 Elm St,", "Elm"]),
    "series": pd.Series(["12 Elm St,", "Elm"]),
    "lists of tokens": TOKENS,
    "arrays of tokens": [np.array(tokens) for tokens in TOKENS],
    "series of lists": pd.Series(TOKENS),
    "ragged": tf.ragged.constant(TOKENS),
    "ragged of one length": tf.ragged.constant([["12", "Elm"], ["St,", "Elm"]]),
}


@pytest.fixture(scope="module")
def learned():
    return NerPreprocessor.learn(TEXTS, LABELS)


@pytest.mark.parametrize("form", FORMS)
def test_sentences_of_any_form_are_the_same_tokens(form):
    expected = [["12", "Elm"], ["St,", "Elm"]] if form == "ragged of one length" else TOKENS
    assert tokens_of(FORMS[form]) == expected


@pytest.mark.parametrize(
    "sentences, message",
    [
        (["Elm", None], "None .NoneType. in row 1"),
        ([3], "3 .int. in row 0"),
        ([["Elm"], ["St. Louis"]], "'St. Louis' in row 1, token 0"),
        ([["Elm", ""]], "'' in row 0, token 1"),
        ([["Elm", None]], "None in row 0, token 1"),
        ([b"\xff\xfe"], "UTF-8"),
        (pd.DataFrame({"a": ["x"], "b": ["y"]}), "shape"),
    ],
)
def test_what_is_no_sentence_is_refused(sentences, message):
    with pytest.raises(Refused, match=message) as refusal:
        tokens_of(sentences)
    assert len(str(refusal.value).splitlines()) == 3


def test_inputs_say_what_each_token_looks_like(learned):
    inputs = learned.inputs(TOKENS)
    for part, function in PARTS.items():
        vocabulary = ["", "[UNK]", *learned.vocabularies[part].words]
        for row, tokens in enumerate(TOKENS):
            looks = function(tf.constant(" ".join(tokens))).numpy().decode().split()
            expected = [vocabulary.index(look) if look in vocabulary else 1 for look in looks]
            assert inputs[part][row].tolist() == [*expected, 0, 0][:3]
    (elm,) = group_ids(["elm"])
    for where in ((0, 1), (1, 0)):
        assert inputs["groups"][where].tolist() == [*elm, *[0] * (inputs["groups"].shape[2] - len(elm))]
    assert not inputs["groups"][1, 1:].any()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8")), min_size=1, max_size=4))
def test_any_text_gives_a_step_for_each_token(learned, sentences):
    rows = learned.rows(sentences)
    inputs = learned.inputs(rows)
    for row, tokens in enumerate(rows):
        for array in inputs.values():
            present = array[row] if array.ndim == 2 else array[row].any(axis=-1)
            assert np.count_nonzero(present) == len(tokens) == np.count_nonzero(present[: len(tokens)])


def test_batches_without_a_token_have_a_masked_step(learned):
    inputs = learned.inputs([[], []])
    assert all(array.shape[:2] == (2, 1) and not array.any() for array in inputs.values())
    _, targets = learned.training([[], []], [np.zeros(0, "int64")] * 2)
    assert targets.tolist() == [[-1], [-1]]


def test_forgetting_changes_nothing(learned, monkeypatch):
    expected = learned.inputs(TOKENS)
    monkeypatch.setattr(learned._looks, "most", 1)
    for _ in range(2):
        before = learned._looks.of([])
        found = learned.inputs(TOKENS)
        assert all(np.array_equal(found[name], expected[name]) for name in expected)
        assert learned._looks.of([]) is not before


def test_words_are_learned_between_any_white_space():
    spaces = NerPreprocessor.learn(["7\u00a0Elm\u2003St", "9\u3000Elm St"], LABELS)
    assert spaces.get_config() == NerPreprocessor.learn([["7", "Elm", "St"], "9 Elm St"], LABELS).get_config()
    with pytest.raises(Refused, match="no token"):
        NerPreprocessor.learn([" ", ""], LABELS)


@pytest.mark.parametrize(
    "labels",
    [
        [["number", "name", "type"], ["name"]],
        [[0, 1, 2], [1]],
        np.array([[0, 1, 2], [1, -1, -1]]),
        tf.constant([[0, 1, 2], [1, -1, -1]]),
        [np.array(["number", "name", "type"]), (b"name",)],
        pd.Series([["number", "name", "type"], ["name"]]),
        tf.ragged.constant([[0, 1, 2], [1]]),
    ],
    ids=["names", "places", "padded", "tensor", "arrays", "series", "ragged"],
)
def test_labels_of_any_form_are_the_same_places(learned, labels):
    assert [row.tolist() for row in learned.target_rows(labels, TOKENS)] == [[0, 1, 2], [1]]


@pytest.mark.parametrize(
    "labels, message",
    [
        ([["number", "name"], ["name"]], "3 tokens and 2 labels in row 0: '12 Elm St,'"),
        ([[0, 1, 2], [1, 1]], "1 tokens and 2 labels in row 1: 'Elm'"),
        ([[0, 1, -1], [1]], "-1 in row 0, token 2"),
        ([["number", "nmae", "type"], ["name"]], "'nmae' in row 0, token 1(?s:.*)Did you mean 'name'"),
        ([[0, 1, 3], [1]], "3 in row 0, token 2"),
        ([[0, 1, np.nan], [1]], "nan in row 0, token 2"),
        ([["number", "name", "type"], None], "None in row 1"),
        (["number", "name"], "'number' in row 0"),
        ([["number", "name", "type"]], "2 sentences, 1 lists_of_labels"),
    ],
)
def test_labels_that_do_not_fit_are_refused(learned, labels, message):
    with pytest.raises(Refused, match=message) as refusal:
        learned.target_rows(labels, TOKENS)
    assert len(str(refusal.value).splitlines()) == 3


def test_padding_is_masked(learned):
    vectors = token_vectors(learned, 2)
    inputs = learned.inputs([["7", "Elm", "St"], ["never-seen"], []])
    model = keras.Model(keras.utils.get_source_inputs(vectors), vectors)
    mask = model([inputs[tensor.name] for tensor in model.inputs])._keras_mask
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(mask), [[1, 1, 1], [1, 0, 0], [0, 0, 0]])
