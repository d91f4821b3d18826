import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

import seqzoo
from seqzoo.datasets import sources
from seqzoo.tasks import translation
from seqzoo.tasks.pieces import learn_pieces

ADJECTIVES = {"red": "rouge", "small": "petit", "old": "vieux"}
NOUNS = {"cat": "chat", "dog": "chien", "bird": "oiseau", "fish": "poisson"}
PAIRS = [(f"{a} {n}", f"{NOUNS[n]} {ADJECTIVES[a]}") for a in ADJECTIVES for n in NOUNS]
ENGLISH, FRENCH = map(list, zip(*PAIRS))


def test_a_keras_project_can_fit_it_on_its_own_sentences(tmp_path):
    keras.utils.set_random_seed(0)
    model = seqzoo.create_model(
        "translation", pairs=PAIRS, units=16, embedding=16, dropout=0, learning_rate=0.01
    )
    history = model.fit(
        ENGLISH, FRENCH, validation_data=(ENGLISH[:4], FRENCH[:4]), batch_size=2, epochs=40, verbose=0
    ).history
    assert history["val_accuracy"][-1] > 0.9  # of the pieces
    assert np.mean(model.predict(ENGLISH, verbose=0) == FRENCH) > 0.8
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    own = ["RED dog!", "", "zebra", "old fish bird"]
    np.testing.assert_array_equal(loaded.predict(own, verbose=0), model.predict(own, verbose=0))


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_saved_and_loaded_every_cell_gives_the_same_numbers(cell, tmp_path):
    model = translation.create_model(cell, pairs=PAIRS, units=4, embedding=4)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    pairs = [tf.constant(["RED dog!", "", "zebra"]), tf.constant(["chien", "oh", ""])]
    np.testing.assert_array_equal(loaded(pairs), model(pairs))


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(1)
    return translation.create_model(pairs=PAIRS, units=8, embedding=8)


def test_a_sentence_gets_the_same_answer_alone_and_beside_a_longer_one(model):
    alone = model([tf.constant(["red cat"]), tf.constant(["chat"])])
    both = [tf.constant(["red cat", "red cat " * 9]), tf.constant(["chat", "chat " * 9])]
    np.testing.assert_allclose(model(both)[:1, :2], alone, atol=1e-6)
    found = model.search(tf.constant(["red cat", "red cat " * 9]), width=3, max_length=6)
    np.testing.assert_array_equal(found[:1], model.search(tf.constant(["red cat"]), width=3, max_length=6))


def test_padding_has_no_part_in_the_loss(model):
    loss = lambda *rows: np.array(model.evaluate(*map(list, zip(*rows)), batch_size=len(rows), verbose=0)[0])
    short, long = ("red cat", "chat"), ("red cat", "chat rouge " * 4)
    pieces = np.array([2, 9])  # with their ends
    together = (pieces * [loss(short), loss(long)]).sum() / pieces.sum()
    np.testing.assert_allclose(loss(short, long), together, rtol=1e-5)


def test_beam_search_of_width_one_is_what_predict_writes(model):
    assert translation.translate(model, ENGLISH, width=1) == model.predict(ENGLISH, verbose=0).tolist()
    assert len(translation.translate(model, ENGLISH, width=2, batch_size=5)) == len(ENGLISH)


def test_an_alignment_has_a_row_for_each_piece_written_and_a_column_for_each_read(model):
    α, read, written = model.alignment("red cat", "chat rouge")
    assert read == ["▁red", "▁cat", "end"] and written == ["▁chat", "▁rouge", "end"]
    np.testing.assert_allclose(α.sum(axis=1), 1, atol=1e-6)
    *_, own = model.alignment("red cat")
    assert own[-1] == "end"
    blind = translation.create_model(pairs=PAIRS, units=4, attention=False)
    with pytest.raises(ValueError, match="attention=True"):
        blind.alignment("red cat", "chat")


def test_words_are_learned_from_the_training_split_only(mini_data_dir):
    model = translation.create_model(units=4, embedding=4, data_dir=mini_data_dir)
    pairs = list(translation.data.load("mini", "train", mini_data_dir).as_numpy_iterator())
    english, french = zip(*pairs)
    assert model.encoder.get_layer("source_pieces").vocabulary == learn_pieces(english, lower_case=True)
    assert model.get_layer("target_pieces").vocabulary == learn_pieces(french)


@pytest.mark.parametrize("split, size", [("train", 1631), ("validation", 190), ("test", 219)])
def test_batches_hold_the_whole_split(mini_data_dir, split, size):
    batches = translation.batches("mini", split, batch_size=50, data_dir=mini_data_dir)
    pairs = [pair for s, t in batches.as_numpy_iterator() for pair in zip(s, t)]
    assert len(pairs) == size and len(set(pairs)) == size


def test_training_batches_are_shuffled_by_the_seed_and_limited(mini_data_dir):
    def first(seed):
        batches = translation.batches("mini", "train", 20, seed, limit=100, data_dir=mini_data_dir)
        return [s for batch, _ in batches for s in batch.numpy()]

    assert first(1) == first(1) != first(2)
    assert sorted(first(1)) == sorted(first(2)) and len(first(1)) == 100


@pytest.mark.parametrize("dataset", ["full", "tatoeba/tatoeba_fr"])
def test_full_datasets_go_through_the_same_pipeline(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "unreachable", lambda url: None)
    with tfds.testing.mock_data(num_examples=10):
        model = translation.create_model(dataset=dataset, units=4, embedding=4, data_dir=tmp_path)
        for split in ("train", "validation", "test"):
            source, target = next(iter(translation.batches(dataset, split, 8, data_dir=tmp_path)))
            assert model([source, target]).shape[0] == len(source) > 0
        assert np.isfinite(model.train_on_batch(source, target)[0])
    assert translation.data.SOURCES["full"] is translation.data.SOURCES["ted_hrlr_translate/pt_to_en"]


def test_mistakes_are_answered_with_what_there_is():
    with pytest.raises(ValueError, match="'rnn', 'gru', 'lstm'.*Received: cell='ltsm'"):
        translation.create_model(cell="ltsm", pairs=PAIRS)
    with pytest.raises(ValueError, match="(?s)'mini'.*'mini/names'.*'tatoeba'.*'tatoeba/tatoeba_fr'"):
        translation.create_model(dataset="tatoeba")
    with pytest.raises(ValueError, match="pairs"):
        translation.create_model(pairs=["red cat", "chat rouge"])


def test_scores_are_counted_to_the_letter_and_by_their_parts():
    right = ["une main rouge", "un grand chien noir"]
    assert translation.score(right, right) == pytest.approx({"exact": 1, "bleu": 100, "chrf": 100})
    half = translation.score(["une main rouge", "un petit chien noir"], right)
    assert half["exact"] == 0.5 and 30 < half["bleu"] < 100 and 50 < half["chrf"] < 100
    with pytest.raises(ValueError, match="1 translations and 2 targets"):
        translation.score(["une main"], right)


def test_the_most_similar_sentence_is_found_whatever_the_order():
    known = [("red cat", "chat rouge"), ("old cat", "vieux chat"), ("old dog", "vieux chien")]
    for pairs in (known, known[::-1]):
        assert translation.most_similar(["old bird dog", "cat"], *zip(*pairs)) == [
            "vieux chien",
            "vieux chat",
        ]


def test_batches_come_back_as_sentences(mini_data_dir):
    english, french = translation.sentences(translation.batches("mini", "test", data_dir=mini_data_dir))
    assert len(english) == len(french) == 219
    assert dict(zip(english, french))[english[0]] == french[0] and "peau" in french[0]
