import keras
import numpy as np
import pytest

import seqzoo
from seqzoo.preprocessing import text
from seqzoo.tasks.sentiment import dataset as data
from seqzoo.tasks.sentiment import task

TEXTS = ["a good film", "a bad film", "good", "bad"]
LABELS = ["positive", "negative", "positive", "negative"]


def test_it_learns_from_a_persons_own_sentences():
    keras.utils.set_random_seed(0)
    sentences = ["a good film", "a bad film", "good", "bad", "good good film", "bad bad film"] * 8
    model = seqzoo.create_model("sentiment", cell="lstm", texts=TEXTS, units=4, embedding=4, learning_rate=0.02)
    model.fit(sentences, LABELS[:2] * 24, epochs=15, verbose=0)
    good, bad = model.predict(["a good film", "a bad film"], verbose=0)[:, 0]
    assert good > 0.7 > 0.3 > bad
    (first, p), (second, q) = model.answer(["a good film", "a bad film"])
    assert (first, second) == ("positive", "negative") and p == pytest.approx(good) and q == pytest.approx(1 - bad)


def test_more_than_two_labels_have_a_probability_each():
    keras.utils.set_random_seed(0)
    model = seqzoo.create_model("sentiment", texts=TEXTS, labels=[1, 3, 5], units=4, embedding=4, learning_rate=0.05)
    stars = [5, 1, 5, 3]
    model.fit(TEXTS * 8, stars * 8, epochs=20, verbose=0)
    np.testing.assert_allclose(model.predict(TEXTS, verbose=0).sum(axis=1), 1, rtol=1e-5)
    assert [label for label, _ in model.answer(TEXTS)] == ["5", "1", "5", "3"]


@pytest.mark.parametrize("labels", [[1, 2, 1, 2], [1, 5, 1, 5], ["pos", "neg"] * 2, [1, np.nan, 0, 0], [[0, 1]] * 4])
def test_labels_that_are_none_are_refused_before_anything_is_computed(labels):
    model = task.create_model(texts=TEXTS)
    before = model.get_weights()
    with pytest.raises(ValueError, match="(?s)Expected: .*Received: .*To do: ") as refusal:
        model.fit(TEXTS, labels, verbose=0)
    assert len(str(refusal.value).splitlines()) == 3
    assert all((a == b).all() for a, b in zip(before, model.get_weights()))


def test_nothing_to_read_gives_a_probability():
    model = task.create_model(texts=TEXTS)
    alone = model.predict([""], verbose=0)
    beside = model.predict(["", "a film"], verbose=0)[:1]
    assert 0 < alone.item() < 1
    np.testing.assert_allclose(alone, beside, atol=1e-6)


def test_a_sentence_gets_the_same_answer_alone_and_beside_a_longer_one():
    model = task.create_model(texts=TEXTS)
    alone = model.predict("a good film", verbose=0)
    beside = model.predict(["a good film", "a film " * 20], verbose=0)[:1]
    np.testing.assert_allclose(alone, beside, atol=1e-6)


@pytest.fixture(scope="module")
def mini_model(mini_data_dir):
    return task.create_model(data_dir=mini_data_dir)


def test_words_are_learned_from_the_training_split_only(mini_model, mini_data_dir):
    train = data.load("mini", "train", mini_data_dir).map(lambda sentence, label: sentence)
    assert mini_model.preprocessor.words.words == text.learn_vocabulary(train)
    assert mini_model.preprocessor.stems.words == text.learn_vocabulary(train, text.stems)


def test_mini_knows_how_people_rate_words_that_no_training_sentence_holds(mini_model, mini_data_dir):
    ratings = data.word_ratings(mini_data_dir)
    assert len(ratings) > 6000 and max(map(abs, ratings.values())) <= 1
    assert ratings["wonderful"] > 0.5 and ratings["horrible"] < -0.5
    shown = mini_model.preprocessor.inputs(["Wonderful table horrible"])["ratings"]
    np.testing.assert_allclose(shown[0], [ratings["wonderful"], 0, ratings["horrible"]], atol=1e-6)
    unknown = task.create_model(data_dir=mini_data_dir, ratings={})
    assert "ratings" not in [tensor.name for tensor in unknown.network.inputs]


def test_ratings_of_your_own_are_saved_with_the_model(tmp_path):
    model = task.create_model(texts=TEXTS, ratings={"superb": 0.9, "bad": -0.5}, units=4, learning_rate=0.1)
    model.run_eagerly = True
    model.fit(TEXTS, LABELS, verbose=0)
    assert model.predict(["superb"], verbose=0) != model.predict(["unheard-of"], verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = seqzoo.load_model(tmp_path / "model.keras")
    own = ["superb film", "bad", ""]
    np.testing.assert_allclose(loaded.predict(own, verbose=0), model.predict(own, verbose=0), rtol=1e-5)


def test_unknown_words_with_a_known_stem_are_not_alike():
    model = task.create_model(texts=["boring film", "bored boring film"], units=4, embedding=4)
    unknown, known_stem = model.predict(["xyzzy", "boringly"], verbose=0)
    assert np.abs(unknown - known_stem).max() > 0


def test_averaged_weights_are_in_the_model_once_fit_ends():
    def moved(ema_momentum):
        keras.utils.set_random_seed(0)
        model = task.create_model("rnn", texts=TEXTS, ema_momentum=ema_momentum, dropout=0, learning_rate=0.05)
        start = model.get_layer("output").Wy
        model.fit(TEXTS * 8, [1, 0, 1, 0] * 8, batch_size=1, shuffle=False, verbose=0)
        return np.abs(model.get_layer("output").Wy - start).max()

    # of 32 steps the average takes over the first whole, and a hundredth of each later one
    assert 0 < moved(ema_momentum=0.99) < 0.6 * moved(ema_momentum=0.0)


@pytest.mark.parametrize("split, size", [("train", 8090), ("validation", 972), ("test", 979)])
def test_batches_hold_the_whole_split(mini_data_dir, split, size):
    batches = task.batches("mini", split, batch_size=50, data_dir=mini_data_dir)
    sentences = [s for batch, _ in batches for s in batch.numpy()]
    assert len(sentences) == size and len(set(sentences)) == size


def test_all_states_and_bigrams_learn_what_two_words_say_together():
    keras.utils.set_random_seed(0)
    sentences = ["not good", "not bad", "so good", "so bad"] * 16
    labels = ["negative", "positive", "positive", "negative"] * 16
    model = seqzoo.create_model(
        "sentiment", texts=sentences, pooling="max_mean", bigrams=True, word_dropout=0.1, units=4, learning_rate=0.02
    )
    model.fit(sentences, labels, epochs=10, verbose=0)
    assert [label for label, _ in model.answer(sentences[:4])] == labels[:4]
    alone = model.predict("not good", verbose=0)
    np.testing.assert_allclose(model.predict(["not good", "so good " * 9], verbose=0)[:1], alone, atol=1e-6)


def test_a_cut_is_told_and_keeps_the_end_that_was_asked_for(mini_data_dir):
    with pytest.warns(UserWarning, match="(?s)max_tokens=5 words.*[1-9][0-9]* of 40 in test.*keep their first words"):
        first = data.batches("mini", "test", limit=40, data_dir=mini_data_dir, max_tokens=5, keep="first")
    with pytest.warns(UserWarning, match="keep their last words"):
        last = data.batches("mini", "test", limit=40, data_dir=mini_data_dir, max_tokens=5)
    whole = {
        len(words): words
        for words in text.split(texts_of(data.batches("mini", "test", limit=40, data_dir=mini_data_dir)))
    }
    longest = whole[max(whole)]
    assert longest[:5] in text.split(texts_of(first)) and longest[-5:] in text.split(texts_of(last))
    with pytest.raises(seqzoo.door.Refused, match="max_tokens of 1 or more"):
        data.batches("mini", "test", data_dir=mini_data_dir, max_tokens=0)


def texts_of(batches):
    return [sentence.decode() for sentences, _ in batches for sentence in sentences.numpy()]


def test_training_batches_are_shuffled_by_the_seed_and_limited(mini_data_dir):
    def first(seed):
        batches = task.batches("mini", "train", 20, seed, limit=100, data_dir=mini_data_dir)
        return [s for batch, _ in batches for s in batch.numpy()]

    one, again, two = first(1), first(1), first(2)
    assert one == again != two
    assert sorted(one) == sorted(two) and len(one) == 100


def test_each_dataset_has_a_reference():
    assert data.SOURCES["full"] is data.SOURCES["glue/sst2"] and set(data.SOURCES) <= {"mini", *task.references}


def test_mistakes_are_answered_with_what_there_is():
    with pytest.raises(ValueError, match="(?s)'rnn', 'gru', 'lstm'.*'ltsm'"):
        task.create_model(cell="ltsm", texts=TEXTS)
    with pytest.raises(ValueError, match="(?s)'mini'.*'imdb'.*'imdb_reviews'"):
        task.create_model(dataset="imdb")


def test_a_sentence_with_rated_words_gets_the_same_answer_alone_and_beside_longer_ones():
    texts = ["good", "a good film", "so good a film and so very good an old film"]
    model = task.create_model(texts=texts, ratings={"good": 0.5}, units=8)
    together = model.predict(texts, verbose=0)
    alone = [model.predict(text, verbose=0)[0] for text in texts]
    np.testing.assert_allclose(alone, together, rtol=1e-5)
