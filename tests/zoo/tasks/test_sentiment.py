import keras
import numpy as np
import pytest
import tensorflow_datasets as tfds

import seqzoo
from seqzoo.datasets import sources
from seqzoo.tasks import sentiment, text

TEXTS = ["a good film", "a bad film", "good", "bad"]


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_a_keras_project_can_fit_it_on_its_own_sentences(cell, tmp_path):
    keras.utils.set_random_seed(0)
    sentences = ["a good film", "a bad film", "good", "bad", "good good film", "bad bad film"] * 8
    labels = [1, 0] * 24
    model = seqzoo.create_model("sentiment", cell=cell, texts=TEXTS, units=4, embedding=4, learning_rate=0.02)
    model.fit(sentences, labels, epochs=15, verbose=0)
    good, bad = model.predict(["a good film", "a bad film"], verbose=0)[:, 0]
    assert good > 0.7 > 0.3 > bad
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    own = ["good unheard-of film!", "", "bad"]
    np.testing.assert_array_equal(loaded.predict(own, verbose=0), model.predict(own, verbose=0))


def test_nothing_to_read_gives_a_probability():
    model = sentiment.create_model(texts=TEXTS)
    alone = model.predict([""], verbose=0)
    beside = model.predict(["", "a film"], verbose=0)[:1]
    assert 0 < alone.item() < 1
    np.testing.assert_allclose(alone, beside, atol=1e-6)


def test_a_sentence_gets_the_same_answer_alone_and_beside_a_longer_one():
    model = sentiment.create_model(texts=TEXTS)
    alone = model.predict("a good film", verbose=0)
    beside = model.predict(["a good film", "a film " * 20], verbose=0)[:1]
    np.testing.assert_allclose(alone, beside, atol=1e-6)


def test_words_are_learned_from_the_training_split_only(mini_data_dir):
    model = sentiment.create_model(data_dir=mini_data_dir)
    train = sentiment.data.load("mini", "train", mini_data_dir).map(lambda sentence, label: sentence)
    words, stems = (model.get_layer(f"{part}_ids").get_vocabulary()[2:] for part in ("word", "stem"))
    assert words == text.learn_vocabulary(train)
    assert stems == text.learn_vocabulary(train, text.stems)


def test_mini_knows_how_people_rate_words_that_no_training_sentence_holds(mini_data_dir):
    ratings = sentiment.data.word_ratings(mini_data_dir)
    assert len(ratings) > 6000 and max(map(abs, ratings.values())) <= 1
    assert ratings["wonderful"] > 0.5 and ratings["horrible"] < -0.5
    model = sentiment.create_model(data_dir=mini_data_dir)
    ids, rating = model.get_layer("rated_ids"), model.get_layer("ratings")
    shown = rating(ids(np.array(["Wonderful table horrible"])))
    np.testing.assert_allclose(shown[0, :, 0], [ratings["wonderful"], 0, ratings["horrible"]], atol=1e-6)
    unknown = sentiment.create_model(data_dir=mini_data_dir, ratings={})
    assert "ratings" not in [layer.name for layer in unknown.layers]


def test_ratings_of_your_own_are_saved_with_the_model_and_not_trained(tmp_path):
    model = sentiment.create_model(texts=TEXTS, ratings={"superb": 0.9, "bad": -0.5}, learning_rate=0.1)
    model.fit(TEXTS, [1, 0, 1, 0], verbose=0)
    assert model.get_layer("ratings").get_weights()[0].ravel().tolist() == pytest.approx([0, 0, -0.5, 0.9])
    assert model.predict(["superb"], verbose=0) != model.predict(["unheard-of"], verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = seqzoo.load_model(tmp_path / "model.keras")
    own = ["superb film", "bad", ""]
    np.testing.assert_array_equal(loaded.predict(own, verbose=0), model.predict(own, verbose=0))


def test_averaged_weights_are_in_the_model_once_fit_ends():
    def moved(averaging):
        keras.utils.set_random_seed(0)
        model = sentiment.create_model("rnn", texts=TEXTS, averaging=averaging, dropout=0, learning_rate=0.05)
        start = model.get_layer("output").Wy
        model.fit(TEXTS * 8, [1, 0, 1, 0] * 8, batch_size=1, shuffle=False, verbose=0)
        return np.abs(model.get_layer("output").Wy - start).max()

    # of 32 steps the average takes over the first whole, and a hundredth of each later one
    assert 0 < moved(averaging=0.99) < 0.6 * moved(averaging=0.0)


@pytest.mark.parametrize("split, size", [("train", 8090), ("validation", 972), ("test", 979)])
def test_batches_hold_the_whole_split(mini_data_dir, split, size):
    batches = sentiment.batches("mini", split, batch_size=50, data_dir=mini_data_dir)
    sentences = [s for batch, _ in batches for s in batch.numpy()]
    assert len(sentences) == size and len(set(sentences)) == size


def test_training_batches_are_shuffled_by_the_seed_and_limited(mini_data_dir):
    def first(seed):
        batches = sentiment.batches("mini", "train", 20, seed, limit=100, data_dir=mini_data_dir)
        return [s for batch, _ in batches for s in batch.numpy()]

    assert first(1) == first(1) != first(2)
    assert sorted(first(1)) == sorted(first(2)) and len(first(1)) == 100


@pytest.mark.parametrize("dataset", ["full", "glue/sst2", "imdb_reviews"])
def test_full_datasets_go_through_the_same_pipeline(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "unreachable", lambda url: None)
    with tfds.testing.mock_data(num_examples=30):
        model = sentiment.create_model(cell="gru", dataset=dataset, units=4, embedding=4, data_dir=tmp_path)
        train, test = (
            sentiment.batches(dataset, split, 8, data_dir=tmp_path) for split in ("train", "test")
        )
        model.fit(train, validation_data=test, verbose=0)
        assert model.predict(test, verbose=0).shape[1] == 1
    assert dataset in sentiment.REFERENCES


def test_mistakes_are_answered_with_what_there_is():
    with pytest.raises(ValueError, match="'rnn', 'gru', 'lstm'.*Received: cell='ltsm'"):
        sentiment.create_model(cell="ltsm", texts=TEXTS)
    with pytest.raises(ValueError, match="(?s)'mini'.*'imdb'.*'imdb_reviews'"):
        sentiment.create_model(dataset="imdb")
