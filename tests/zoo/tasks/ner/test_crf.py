"""The tagger with a CRF, against all sequences of labels in float64."""

import itertools

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

import seqzoo
from seqzoo.tasks.ner.crf import CRF, CRFAccuracy, CRFLoss

TEXTS = ["12 Elm St", "9007 Main St Apt", "7", "100 Elm"]
LABELS = ("number", "name", "type")
TAGS = [["number", "name", "type"], ["number", "name", "type", "type"], ["number"], ["number", "name"]]
array = ops.convert_to_numpy


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    model = seqzoo.create_model("ner", texts=TEXTS, labels=LABELS, units=4, embedding=4, crf=True)
    random = np.random.default_rng(0)
    model.set_weights([random.normal(size=weight.shape) for weight in model.get_weights()])
    return model


def log_p(model, text):
    """log P(y | x) of every y, by the scores of single labels and the CRF's weights."""
    tokens = len(text.split())
    inputs = model.preprocessor.inputs(model.preprocessor.rows([text]))
    alone = keras.Model(model.network.inputs, model.network.get_layer("output").output)
    z = array(alone([inputs[tensor.name] for tensor in model.network.inputs]))[0].astype("float64")
    crf = model.network.get_layer("crf")
    start, between, end = (array(w).astype("float64") for w in (crf.start, crf.transitions, crf.end))
    sums = {
        y: start[y[0]]
        + end[y[-1]]
        + sum(z[t, j] for t, j in enumerate(y))
        + sum(between[i, j] for i, j in itertools.pairwise(y))
        for y in itertools.product(range(len(LABELS)), repeat=tokens)
    }
    log_z = np.logaddexp.reduce(list(sums.values()))
    return {y: s - log_z for y, s in sums.items()}


def places(tags):
    return tuple(LABELS.index(tag) for tag in tags)


def test_it_answers_with_the_likeliest_labels_together_and_predicts_each_ones_probability(model):
    p = model.predict(TEXTS)
    for row, (text, answer) in enumerate(zip(TEXTS, model.answer(TEXTS))):
        all_p = log_p(model, text)
        assert places(label for _, label in answer) == max(all_p, key=all_p.get)
        expected = np.zeros((4, 3))
        for y, log in all_p.items():
            expected[np.arange(len(y)), list(y)] += np.exp(log)
        np.testing.assert_allclose(p[row], expected, atol=1e-4)


def test_the_loss_is_that_of_whole_sentences_over_all_tokens(model):
    loss = [-log_p(model, text)[places(tags)] for text, tags in zip(TEXTS, TAGS)]
    said = model.evaluate(TEXTS, TAGS, return_dict=True, verbose=0)
    assert said["loss"] == pytest.approx(sum(loss) / 10, rel=1e-4)
    right = [a == b for answer, tags in zip(model.answer(TEXTS), TAGS) for (_, a), b in zip(answer, tags)]
    assert said["accuracy"] == pytest.approx(np.mean(right))
    weighed = model.evaluate(TEXTS, TAGS, sample_weight=[3, 0, 0, 1], return_dict=True, verbose=0)["loss"]
    assert weighed == pytest.approx((3 * loss[0] + loss[3]) / 10, rel=1e-4)


def test_labels_are_weighed_token_by_token(model):
    """A token's part of the loss is that of its label after those before it: a label's weight weighs it."""
    y = np.array([[*places(tags), *[-1] * (4 - len(tags))] for tags in TAGS])
    parts = array(CRFLoss(reduction=None)(y, model.network(_inputs(model))))
    assert not parts[y < 0].any() and (parts[y >= 0] > 0).all()
    for row, (text, tags) in enumerate(zip(TEXTS, TAGS)):
        np.testing.assert_allclose(parts[row].sum(), -log_p(model, text)[places(tags)], rtol=1e-4)
    still = {"dropout": 0.0, "word_dropout": 0.0, "learning_rate": 1e-9}  # what training says is what evaluate says
    copy = seqzoo.create_model("ner", texts=TEXTS, labels=LABELS, units=4, embedding=4, crf=True, **still)
    copy.set_weights(model.get_weights())
    said = copy.fit(TEXTS, TAGS, class_weight={"type": 0.0, "name": 2.0}, verbose=0).history["loss"][0]
    assert said == pytest.approx((parts[y == 0].sum() + 2 * parts[y == 1].sum()) / 10, rel=1e-4)


def _inputs(model):
    inputs = model.preprocessor.inputs(model.preprocessor.rows(TEXTS))
    return [inputs[tensor.name] for tensor in model.network.inputs]


@given(lengths=st.lists(st.integers(0, 4), min_size=3, max_size=3), seed=st.integers(0, 99))
@settings(max_examples=10, deadline=None)
def test_padding_and_the_other_rows_change_nothing(lengths, seed):
    random = np.random.default_rng(seed)
    layer = CRF()
    layer.build((None, None, 3))
    layer.set_weights([random.normal(size=weight.shape) for weight in layer.get_weights()])
    z = random.normal(size=(3, 4, 3)).astype("float32")
    y = np.where(np.arange(4) < np.array(lengths)[:, None], random.integers(3, size=(3, 4)), -1)
    parts = array(CRFLoss(reduction=None)(y, layer(z, mask=y >= 0)))
    for row, n in enumerate(lengths):
        if n:
            alone = array(CRFLoss(reduction=None)(y[row : row + 1, :n], layer(z[row : row + 1, :n])))
            np.testing.assert_allclose(parts[row, :n], alone[0], rtol=1e-4, atol=1e-5)
        assert not parts[row, n:].any()


def test_it_is_saved_and_learns(tmp_path):
    keras.utils.set_random_seed(0)
    model = seqzoo.create_model(
        "ner", texts=TEXTS, labels=LABELS, units=8, crf=True, letter_units=4, learning_rate=0.02
    )
    model.fit(TEXTS * 8, TAGS * 8, epochs=6, verbose=0)
    assert model.evaluate(TEXTS, TAGS, return_dict=True, verbose=0)["accuracy"] > 0.9
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    own = ["1 unheard-of Road", "", "Elm"]
    np.testing.assert_array_equal(loaded.predict(own), model.predict(own))
    assert loaded.answer(own) == model.answer(own) and len(model.answer(own)[1]) == 0
    assert loaded.evaluate(TEXTS, TAGS, verbose=0) == model.evaluate(TEXTS, TAGS, verbose=0)
    assert model.answer([]) == [] and model.predict([]).shape == (0, 0, 3)


def test_the_accuracy_is_that_of_viterbi_and_not_of_single_tokens():
    # Alone, each token is likeliest 0 or 1; but 1 never comes after 0.
    scores = np.array([[[[1.0, 0.0]] * 2, [[-9.0, -9.0], [0.0, 1.5]]]])
    accuracy = CRFAccuracy()
    accuracy.update_state(np.array([[1, 1]]), scores)
    assert float(accuracy.result()) == 1.0
