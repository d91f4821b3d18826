import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

import seqzoo
from seqzoo.datasets import sources
from seqzoo.tasks import ner, text
from seqzoo.tasks.word_features import PARTS

TEXTS = ["12 Elm St", "9007 Main St Apt 4", "7 Oak St Apt 12", "100 Elm Tree Ave"]
LABELS = ("number", "name", "type", "unit")
TAGS = [
    ["number", "name", "type"],
    ["number", "name", "type", "unit", "unit"],
    ["number", "name", "type", "unit", "unit"],
    ["number", "name", "name", "type"],
]


def small(cell="gru", **options):
    keras.utils.set_random_seed(0)
    return seqzoo.create_model(
        "ner", cell=cell, texts=TEXTS, labels=LABELS, **{"units": 8, "embedding": 8, **options}
    )


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_a_keras_project_can_fit_it_on_its_own_sentences(cell, tmp_path):
    model = small(cell, learning_rate=0.02)
    model.fit(TEXTS * 8, TAGS * 8, epochs=8, validation_data=(TEXTS, TAGS), verbose=0)
    assert model.evaluate(TEXTS, TAGS, return_dict=True, verbose=0)["accuracy"] > 0.9
    ((*street, unit),) = ner.tag(model, ["  8 Ash\tSt,  Apt"])
    assert street == [("8", "number"), ("Ash", "name"), ("St,", "type")] and unit[1] == "unit"
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    own = ["1 unheard-of Road", "", "Elm"]
    np.testing.assert_array_equal(loaded.predict(own), model.predict(own))
    assert ner.tag(loaded, own) == ner.tag(model, own)
    assert loaded.evaluate(TEXTS, TAGS, verbose=0) == model.evaluate(TEXTS, TAGS, verbose=0)


def test_a_sentence_gets_the_same_answer_alone_and_beside_a_longer_one():
    model = small()
    alone = model.predict("12 Elm St")[0]
    beside = model.predict(["12 Elm St", "7 Oak St " * 9])[0]
    np.testing.assert_allclose(beside[:3], alone, atol=1e-6)


def test_sentences_of_any_lengths_are_predicted_at_once():
    model = small()
    sentences = [" ".join(["Elm"] * n) for n in (1, 5, 2, 0, 7)]
    ŷ = model.predict(sentences, batch_size=2)
    assert ŷ.shape == (5, 7, 4)
    assert np.allclose(ŷ[1:2, :5], model.predict(sentences[1]), atol=1e-6) and not ŷ[:3, 5:].any()
    assert [len(each) for each in model.tag(sentences)] == [1, 5, 2, 0, 7]
    assert model.tag([]) == [] and model.tag("") == [[]]


def test_padding_never_changes_the_figures():
    """Loss and accuracy of two sentences in one batch are the means over their tokens."""
    model = small()
    one, other, both = (
        model.evaluate(TEXTS[a:b], TAGS[a:b], return_dict=True, verbose=0)
        for a, b in [(0, 1), (1, 2), (0, 2)]
    )
    for name in ("loss", "accuracy"):
        np.testing.assert_allclose(both[name], (3 * one[name] + 5 * other[name]) / 8, rtol=1e-5)
    apart = model.evaluate(TEXTS[:2], TAGS[:2], batch_size=1, return_dict=True, verbose=0)
    np.testing.assert_allclose(apart["accuracy"], both["accuracy"], rtol=1e-6)


def test_words_are_learned_from_the_training_split_only(mini_data_dir):
    model = ner.create_model(data_dir=mini_data_dir)
    train = ner.data.load("mini", "train", mini_data_dir).map(lambda sentence, labels: sentence)
    for part, function in PARTS.items():
        known = model.get_layer(f"{part}_ids").get_vocabulary()[2:]
        assert known == text.learn_vocabulary(train, function)
    assert model.labels == ner.LABELS["mini"]


@pytest.mark.parametrize("split, size", [("train", 1186), ("validation", 138), ("test", 146)])
def test_batches_hold_the_whole_split(mini_data_dir, split, size):
    batches = ner.batches("mini", split, batch_size=50, data_dir=mini_data_dir)
    sentences = [s for batch, _ in batches for s in batch.numpy()]
    assert len(sentences) == size and len(set(sentences)) == size
    assert all(labels.shape[1] == max(len(s.split()) for s in batch.numpy()) for batch, labels in batches)


def test_training_batches_are_shuffled_by_the_seed_and_limited(mini_data_dir):
    def first(seed):
        batches = ner.batches("mini", "train", 20, seed, limit=100, data_dir=mini_data_dir)
        return [s for batch, _ in batches for s in batch.numpy()]

    assert first(1) == first(1) != first(2)
    assert sorted(first(1)) == sorted(first(2)) and len(first(1)) == 100


def test_predicted_tags_stand_beside_the_true_ones():
    model = small()
    ids = [[LABELS.index(tag) for tag in tags] for tags in TAGS]
    examples = tf.data.Dataset.from_tensors((TEXTS, tf.ragged.constant(ids).to_tensor()))
    truth, predicted = ner.predict_tags(model, examples)
    assert truth == TAGS
    assert predicted == [[label for _, label in each] for each in ner.tag(model, TEXTS)]
    right = [a == b for each in zip(truth, predicted) for a, b in zip(*each)]
    accuracy = model.evaluate(TEXTS, TAGS, return_dict=True, verbose=0)["accuracy"]
    assert (
        ner.score(truth, predicted)["token_accuracy"]
        == pytest.approx(np.mean(right))
        == pytest.approx(accuracy)
    )


def test_conll2003_goes_through_the_same_pipeline(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "unreachable", lambda url: None)

    def as_dataset(self, *args, **kwargs):  # mock_data would draw tokens and labels of other lengths
        def generate():
            for n in range(1, 21):
                yield {
                    "tokens": ["EU", "rejects", "German", "call", "."][: n % 6],
                    "ner": [3, 0, 7, 0, 0][: n % 6],
                }

        spec = {"tokens": tf.TensorSpec([None], tf.string), "ner": tf.TensorSpec([None], tf.int64)}
        return tf.data.Dataset.from_generator(generate, output_signature=spec)

    with tfds.testing.mock_data(as_dataset_fn=as_dataset):
        model = ner.create_model(cell="gru", dataset="full", units=4, embedding=4, data_dir=tmp_path)
        train, test = (ner.batches("conll2003", split, 8, data_dir=tmp_path) for split in ("train", "test"))
        model.fit(train, validation_data=test, verbose=0)
        truth, _ = ner.predict_tags(model, test)
    assert ["B-ORG", "O", "B-MISC", "O", "O"] in truth
    assert model.labels == ner.LABELS["conll2003"]


def test_mistakes_are_answered_with_what_there_is():
    with pytest.raises(ValueError, match="'rnn', 'gru', 'lstm'.*Received: cell='ltsm'"):
        small(cell="ltsm")
    with pytest.raises(ValueError, match="(?s)'mini'.*'conll'.*'conll2003'"):
        ner.create_model(dataset="conll")
    model = small()
    with pytest.raises(ValueError, match="a label for each.*Received: 3 tokens, 2 labels: '12 Elm St'"):
        model.fit(["12 Elm St"], [["number", "name"]])
    with pytest.raises(ValueError, match="each sentence. Received: 2 sentences, 1 lists"):
        model.fit(["12 Elm St", "7"], [["number", "name", "type"]])
    with pytest.raises(ValueError, match="'number', .*Received: 'nmae'. Did you mean 'name'"):
        model.evaluate(["Elm"], [["nmae"]])
