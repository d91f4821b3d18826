import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

import seqzoo
from made import sentences
from seqzoo.datasets import sources
from seqzoo.door import Refused
from seqzoo.preprocessing import text
from seqzoo.tasks.ner import dataset as data
from seqzoo.tasks.ner import task
from seqzoo.tasks.ner.scoring import figures, true_and_predicted
from seqzoo.tasks.ner.tagger import CRFTagger
from seqzoo.tasks.ner.word_features import PARTS

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
    return seqzoo.create_model("ner", cell=cell, texts=TEXTS, labels=LABELS, **{"units": 8, "embedding": 8, **options})


def test_it_learns_from_a_persons_own_sentences(tmp_path):
    model = small("rnn", learning_rate=0.02)
    model.fit(TEXTS * 8, TAGS * 8, epochs=8, validation_data=(TEXTS, TAGS), verbose=0)
    assert model.evaluate(TEXTS, TAGS, return_dict=True, verbose=0)["accuracy"] > 0.9
    ((*street, unit),) = model.answer(["  8 Ash\tSt,  Apt"])
    assert street == [("8", "number"), ("Ash", "name"), ("St,", "type")] and unit[1] == "unit"
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    own = ["1 unheard-of Road", "", "Elm"]
    np.testing.assert_array_equal(loaded.predict(own), model.predict(own))
    assert loaded.answer(own) == model.answer(own)
    assert loaded.evaluate(TEXTS, TAGS, verbose=0) == model.evaluate(TEXTS, TAGS, verbose=0)


def test_sentences_of_any_lengths_are_predicted_at_once():
    model = small()
    sentences = [" ".join(["Elm"] * n) for n in (1, 5, 2, 0, 7)]
    ŷ = model.predict(sentences, batch_size=2)
    assert ŷ.shape == (5, 7, 4)
    assert np.allclose(ŷ[1:2, :5], model.predict(sentences[1]), atol=1e-6) and not ŷ[:3, 5:].any()
    assert not ŷ[0, 1:].any() and not ŷ[3].any()
    assert [len(each) for each in model.answer(sentences)] == [1, 5, 2, 0, 7]
    stream = tf.data.Dataset.from_tensor_slices(sentences).batch(2)
    np.testing.assert_allclose(model.predict(stream), ŷ, atol=1e-6)
    assert model.answer(stream) == model.answer(sentences)
    assert model.answer([]) == [] and model.answer("") == [[]] and model.predict(["", " "]).shape == (2, 0, 4)


def test_sentences_without_a_token_harm_nothing():
    model = small()
    model.run_eagerly = True
    history = model.fit(
        ["", "12 Elm", "", "\u00a0"], [[], ["number", "name"], [], []], batch_size=1, epochs=2, verbose=0
    )
    assert np.isfinite(history.history["loss"]).all()
    assert all(np.isfinite(weights).all() for weights in model.get_weights())


def test_padding_never_changes_the_figures():
    """Loss and accuracy of two sentences in one batch are the means over their tokens."""
    model = small()
    model.run_eagerly = True
    one, other, both = (
        model.evaluate(TEXTS[a:b], TAGS[a:b], return_dict=True, verbose=0) for a, b in [(0, 1), (1, 2), (0, 2)]
    )
    for name in ("loss", "accuracy"):
        np.testing.assert_allclose(both[name], (3 * one[name] + 5 * other[name]) / 8, rtol=1e-5)
    apart = model.evaluate(TEXTS[:2], TAGS[:2], batch_size=1, return_dict=True, verbose=0)
    np.testing.assert_allclose(apart["accuracy"], both["accuracy"], rtol=1e-6)
    padded = model.evaluate(TEXTS[:2], [[0, 1, 2, -1, -1], [0, 1, 2, 3, 3]], return_dict=True, verbose=0)
    assert padded == pytest.approx(both, rel=1e-6)


def test_weights_count_by_sentence_and_by_label():
    """The loss is the mean over the tokens of weight times −log ŷ of the true label."""
    model = small()
    model.run_eagerly = True
    ŷ = model.predict(TEXTS[:2])
    places = [[LABELS.index(tag) for tag in tags] for tags in TAGS[:2]]
    losses = [-np.log([ŷ[i, t, y] for t, y in enumerate(row)]) for i, row in enumerate(places)]
    weighted = model.evaluate(TEXTS[:2], TAGS[:2], sample_weight=[0.0, 3.0], return_dict=True, verbose=0)["loss"]
    assert weighted == pytest.approx(3 * losses[1].sum() / 8, rel=1e-4)
    loss = model.fit(TEXTS[:2], TAGS[:2], class_weight={"unit": 0.0, 0: 2.0}, verbose=0).history["loss"][0]
    assert np.isfinite(loss)


def test_words_are_learned_from_the_training_split_only(mini_data_dir):
    model = task.create_model(units=4, embedding=4, data_dir=mini_data_dir)
    train = data.load("mini", "train", mini_data_dir).map(lambda sentence, labels: sentence)
    for part, function in PARTS.items():
        assert model.preprocessor.vocabularies[part].words == text.learn_vocabulary(train, function)
    assert model.labels == task.labels("mini")


@pytest.mark.parametrize("split, size", [("train", 1186), ("validation", 138), ("test", 146)])
def test_batches_hold_the_whole_split(mini_data_dir, split, size):
    batches = [(s.numpy(), y.numpy()) for s, y in task.batches("mini", split, batch_size=50, data_dir=mini_data_dir)]
    sentences = [s for batch, _ in batches for s in batch]
    assert len(sentences) == size and len(set(sentences)) == size
    for batch, labels in batches:
        tokens = [len(s.split()) for s in batch]
        assert (labels >= 0).sum(axis=1).tolist() == tokens and labels.shape[1] == max(tokens)
        assert labels.min() >= -1 and labels.dtype == np.int64


def test_training_batches_are_shuffled_by_the_seed_and_limited(mini_data_dir):
    def first(seed):
        batches = task.batches("mini", "train", 20, seed, limit=100, data_dir=mini_data_dir)
        return [s for batch, _ in batches for s in batch.numpy()]

    one, again, two = first(1), first(1), first(2)
    assert one == again != two
    assert sorted(one) == sorted(two) and len(one) == 100


def test_predicted_tags_stand_beside_the_true_ones():
    model = small()
    ids = [[LABELS.index(tag) for tag in tags] for tags in TAGS]
    examples = tf.data.Dataset.from_tensors((TEXTS, tf.ragged.constant(ids).to_tensor(-1)))
    truth, predicted = true_and_predicted(model, examples)
    assert truth == TAGS
    assert predicted == [[label for _, label in each] for each in model.answer(TEXTS)]
    right = [a == b for each in zip(truth, predicted) for a, b in zip(*each)]
    accuracy = model.evaluate(TEXTS, TAGS, return_dict=True, verbose=0)["accuracy"]
    assert figures(truth, predicted)["token_accuracy"] == pytest.approx(np.mean(right)) == pytest.approx(accuracy)
    assert task.score(model, examples) == figures(truth, predicted)


def test_conll2003_goes_through_the_same_pipeline(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "unreachable", lambda url: None)
    with tfds.testing.mock_data(as_dataset_fn=sentences):
        model = task.create_model(cell="gru", dataset="full", units=4, embedding=4, data_dir=tmp_path)
        assert isinstance(model, CRFTagger) and model.network.get_layer("letter_reader")
        assert model.optimizer.ema_momentum == task.recipe_of("full").ema_momentum
        truth, _ = true_and_predicted(model, task.batches("conll2003", "test", 8, data_dir=tmp_path))
    assert ["B-ORG", "O", "B-MISC", "O", "O"] in truth
    assert model.labels == task.labels("conll2003")


def test_mistakes_are_answered_with_what_there_is():
    with pytest.raises(Refused, match="(?s)'mini'.*'conll'.*'conll2003'"):
        task.create_model(dataset="conll")
    with pytest.raises(ValueError, match="(?s)'rnn', 'gru', 'lstm'.*'ltsm'"):
        small(cell="ltsm")
    model = small()
    for call in (
        lambda: model.fit(["7", "12 Elm St"], [["number"], ["number", "name"]], verbose=0),
        lambda: model.fit(iter([(["7", "12 Elm St"], [["number"], ["number", "name"]])]), verbose=0),
    ):
        with pytest.raises(Refused, match="3 tokens and 2 labels in row 1: '12 Elm St'"):
            call()


def test_the_figure_that_counts_decides_which_epoch_is_kept():
    model = small(learning_rate=0.02)
    places = [[LABELS.index(tag) for tag in tags] for tags in TAGS]
    validation = tf.data.Dataset.from_tensors((TEXTS, tf.ragged.constant(places).to_tensor(-1)))
    options = dict(callbacks=[keras.callbacks.Callback()], monitor="val_span_f1", mode="max", patience=9, clipnorm=1.0)
    said = task.fit(model, validation.repeat(8), validation, epochs=6, cosine=True, **options)
    assert len(said["val_span_f1"]) == 6 and max(said["val_span_f1"]) > 0.5
    assert task.score(model, validation)["span_f1"] == max(said["val_span_f1"])
    assert model.optimizer.global_clipnorm == 1.0
    assert "val_span_f1" not in task.fit(small(), validation, validation, epochs=1, callbacks=options["callbacks"])


def test_a_dataset_may_have_a_recipe_of_its_own():
    assert task.recipe_of("mini") is task.recipe and task.recipe_of("conll2003").model["crf"]
    for recipe in (task.recipe, *task.recipes.values()):
        assert set(recipe.model) == set(task.recipe.model)
    with pytest.raises(Refused, match="conll2004"):
        task.recipe_of("conll2004")


@pytest.mark.parametrize(
    "loss",
    [
        "sparse_categorical_crossentropy",
        "SparseCategoricalCrossentropy",
        keras.losses.sparse_categorical_crossentropy,
        keras.losses.SparseCategoricalCrossentropy(),
    ],
)
def test_what_keras_users_compile_with_leaves_padding_out(loss, tmp_path):
    sentences, labels = ["12 Elm St", "9 Main"], [["n", "s", "t"], ["n", "s"]]
    model = seqzoo.create_model("ner", texts=sentences, labels=["n", "s", "t"], units=4)
    expected = model.evaluate(sentences, labels, verbose=0)
    model.compile("adam", loss, metrics=["accuracy"])
    np.testing.assert_allclose(model.evaluate(sentences, labels, verbose=0), expected, rtol=1e-6)
    model.fit(sentences, labels, verbose=0)
    model.save(tmp_path / "model.keras")
    again = seqzoo.load_model(tmp_path / "model.keras")
    assert again.evaluate(sentences, labels, verbose=0) == model.evaluate(sentences, labels, verbose=0)


def test_a_crf_keeps_its_loss_and_stays_out_of_xla():
    sentences, labels = ["12 Elm St", "9 Main"], [["n", "s", "t"], ["n", "s"]]
    model = seqzoo.create_model("ner", texts=sentences, labels=["n", "s", "t"], units=4, crf=True)
    for loss in ("sparse_categorical_crossentropy", keras.losses.categorical_crossentropy):
        with pytest.raises(Refused, match="loss=model.loss"):
            model.compile("adam", loss)
    with pytest.warns(UserWarning, match="jit_compile"):
        model.compile("adam", model.loss, metrics=["accuracy"], jit_compile=True)
    assert model.fit(sentences, labels, verbose=0).history["accuracy"][0] <= 1


def test_tokens_may_be_an_array_of_two_axes():
    tokens = np.array([["12", "Elm"], ["9", "Oak"]])
    model = seqzoo.create_model("ner", texts=tokens, labels=["a", "b"], units=4)
    np.testing.assert_array_equal(model.predict(tokens), model.predict(["12 Elm", "9 Oak"]))
