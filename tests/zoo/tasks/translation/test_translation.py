import warnings

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

import seqzoo
from seqzoo.architectures.encoder_decoder import shift
from seqzoo.door import Refused
from seqzoo.tasks.translation import batches, create_model, dataset, scores
from seqzoo.tasks.translation.tokenizer import WordOrLetterTokenizer

ADJECTIVES = {"red": "rouge", "small": "petit", "old": "vieux"}
NOUNS = {"cat": "chat", "dog": "chien", "bird": "oiseau", "fish": "poisson"}
PAIRS = [(f"{a} {n}", f"{NOUNS[n]} {ADJECTIVES[a]}") for a in ADJECTIVES for n in NOUNS]
ENGLISH, FRENCH = map(list, zip(*PAIRS))


@pytest.fixture(scope="module")
def model():
    """Trained until it can translate what it was trained on."""
    keras.utils.set_random_seed(0)
    model = create_model(pairs=PAIRS, units=16, embedding=16, dropout=0, learning_rate=0.01)
    model.fit(ENGLISH, FRENCH, validation_data=(ENGLISH[:4], FRENCH[:4]), batch_size=2, epochs=40, verbose=0)
    return model


@pytest.fixture(scope="module")
def untrained():
    keras.utils.set_random_seed(1)
    return create_model(pairs=PAIRS, units=8, embedding=8)


def test_a_keras_project_can_fit_it_on_its_own_sentences(model, tmp_path):
    assert model.history.history["val_accuracy"][-1] > 0.9  # of the tokens
    assert np.mean(model.predict(ENGLISH, verbose=0) == FRENCH) > 0.8
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    own = ["RED dog!", "", "zebra", "old fish bird", "犬 😀"]
    written = model.answer(own)
    assert loaded.answer(own) == written and len(written) == 5
    assert not {"�", "▁"} & set("".join(written))


def test_saved_and_loaded_it_gives_the_same_numbers(tmp_path):
    model = create_model("lstm", pairs=PAIRS, units=4, embedding=4)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    pairs = ["RED dog!", "", "zebra"], ["chien", "oh", ""]
    np.testing.assert_array_equal(loaded.logits(*pairs), model.logits(*pairs))


def test_a_sentence_gets_the_same_answer_alone_and_beside_a_longer_one(untrained):
    alone = untrained.logits("red cat", "chat")
    both = untrained.logits(["red cat", "red cat " * 9], ["chat", "chat " * 9])
    np.testing.assert_allclose(both[:1, :2], alone, atol=1e-6)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        options = dict(beam_width=3, max_length=6)
        found = untrained.search(["red cat", "red cat " * 9], **options)
        np.testing.assert_array_equal(found[:1], untrained.search("red cat", **options))


def test_padding_has_no_part_in_the_loss_and_the_accuracy(untrained):
    def figures(*rows):
        return np.array(untrained.evaluate(*map(list, zip(*rows)), batch_size=len(rows), verbose=0))

    short, long = ("red cat", "chat"), ("red cat", "chat rouge " * 4)
    tokens = np.array([[2], [9]])  # with their ends
    together = (tokens * [figures(short), figures(long)]).sum(axis=0) / tokens.sum()
    np.testing.assert_allclose(figures(short, long), together, rtol=1e-5)


def test_the_weight_of_an_example_weighs_every_token_of_it(untrained):
    """As many examples as tokens, where weights of the examples could pass for weights of the steps."""
    english, french = ["red cat", "dog", "bird"], ["chat rouge", "chien", "oiseau"]
    single = np.array([untrained.evaluate([s], [t], verbose=0)[0] for s, t in zip(english, french)])
    weights, tokens = np.array([0.0, 2.0, 1.0]), np.array([3, 2, 2])
    loss = untrained.evaluate(english, french, sample_weight=weights, verbose=0)[0]
    np.testing.assert_allclose(loss, (single * tokens * weights).sum() / tokens.sum(), rtol=1e-5)


def test_the_decoder_is_given_what_comes_before_each_token(untrained):
    inputs, targets = untrained.preprocessor.training(np.array(["red", ""]), np.array(["chat rouge", "oh"]))
    np.testing.assert_array_equal(inputs["before"], shift(targets, start=2))


def test_predict_writes_what_a_search_with_one_beam_finds(model):
    assert model.answer(ENGLISH, beam_width=1) == model.predict(ENGLISH, verbose=0).tolist()
    assert model.answer(ENGLISH, beam_width=2, batch_size=5) == model.answer(ENGLISH, beam_width=2)


def test_the_answer_is_the_best_of_all_beams(model):
    beams = model.search(ENGLISH, beam_width=3)
    assert beams.shape == (12, 3) and beams[:, 0].tolist() == model.answer(ENGLISH, beam_width=3)


def test_nothing_to_translate_gives_nothing(model):
    assert model.answer([]) == [] and model.predict([]).shape == (0,) and model.search([]).shape == (0, 4)


def test_a_limit_that_cuts_is_told(model):
    with pytest.warns(UserWarning, match="(?s)max_length=1 tokens.*2 of 2 that do not"):
        assert model.answer(["red cat", "old dog"], max_length=1) == ["chat", "chien"]
    with pytest.warns(UserWarning, match="(?s)max_length=1 tokens.*1 of 1 that do not"):
        assert model.predict("red cat", max_length=1).tolist() == ["chat"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert model.answer("red cat", max_length=2) == ["chat rouge"]
    with pytest.raises(Refused, match="max_length of 1 or more"):
        model.answer("red cat", max_length=0)


def test_no_target_is_cut_in_training(untrained):
    _, targets = untrained.preprocessor.training(np.array(["red cat"]), np.array(["chat " * 300]))
    assert untrained.preprocessor.texts(targets)[0] == ("chat " * 300).strip()


def test_pairs_come_as_pairs_or_as_two_lists():
    def tokens(pairs):
        preprocessor = create_model(pairs=pairs, units=2, embedding=2).preprocessor
        return preprocessor.source.tokens, preprocessor.target.tokens

    known = tokens(PAIRS)
    for pairs in [tuple(PAIRS), (ENGLISH, FRENCH), (pd.Series(ENGLISH), np.array(FRENCH)), zip(ENGLISH, FRENCH)]:
        assert tokens(pairs) == known


@pytest.mark.parametrize(
    "pairs, message",
    [
        (["red cat", "chat rouge"], "'red cat' in row 0"),
        ([("red", "rouge"), ("cat",)], "row 1"),
        ([("red", None)], "None .NoneType. in row 0"),
        ((["red", "cat"], ["rouge"]), "2 sources, 1 targets"),
        ([], "none with a word in it"),
    ],
)
def test_what_is_no_pair_is_refused(pairs, message):
    with pytest.raises(Refused, match=message) as refused:
        create_model(pairs=pairs)
    assert str(refused.value).count("\n") == 2


def test_an_alignment_has_a_row_for_each_token_written_and_a_column_for_each_read(model):
    α, read, written = model.alignment("red cat", "chat rouge")
    assert read == ["▁red", "▁cat", "end"] and written == ["▁chat", "▁rouge", "end"]
    np.testing.assert_allclose(α.sum(axis=1), 1, atol=1e-6)
    *_, own = model.alignment("red cat")
    assert own == ["▁chat", "▁rouge", "end"]
    blind = create_model(pairs=PAIRS, units=4, attention=False)
    with pytest.raises(ValueError, match="attention=True"):
        blind.alignment("red cat", "chat")


def test_words_are_learned_from_the_training_split_only(mini_data_dir):
    model = create_model(units=4, embedding=4, data_dir=mini_data_dir)
    english, french = zip(*dataset.load("mini", "train", mini_data_dir).as_numpy_iterator())
    assert model.preprocessor.source.tokens == WordOrLetterTokenizer.learn(english, lower_case=True).tokens
    assert model.preprocessor.target.tokens == WordOrLetterTokenizer.learn(french).tokens


@pytest.mark.parametrize("split, size", [("train", 3183), ("validation", 379), ("test", 401)])
def test_batches_hold_the_whole_split(mini_data_dir, split, size):
    found = batches("mini", split, batch_size=50, data_dir=mini_data_dir)
    pairs = [pair for s, t in found.as_numpy_iterator() for pair in zip(s, t)]
    assert len(pairs) == size and len(set(pairs)) == size


def test_its_accuracy_counts_the_tokens_and_no_padding():
    sources, targets = ["a", "b", "a b a b a b"], ["x", "y", "x y x y x y"]
    model = seqzoo.create_model("translation", pairs=(sources, targets), units=4)
    model.run_eagerly = True
    rows = model.preprocessor.rows(sources)
    _, truth = model.preprocessor.training(rows, model.preprocessor.target_rows(targets, rows))
    right = model.logits(sources, targets).argmax(axis=-1)[:, : truth.shape[1]] == truth
    counted = model.evaluate(sources, targets, verbose=0, return_dict=True)["accuracy"]
    np.testing.assert_allclose(counted, right[truth > 0].mean(), atol=1e-6)
    together = [model.evaluate([x], [y], verbose=0, return_dict=True)["accuracy"] for x, y in zip(sources, targets)]
    np.testing.assert_allclose(counted, np.average(together, weights=(truth > 0).sum(axis=1)), atol=1e-6)


def test_training_batches_are_shuffled_by_the_seed_and_limited(mini_data_dir):
    def first(seed):
        found = batches("mini", "train", 20, seed, limit=100, data_dir=mini_data_dir)
        return [s for batch, _ in found for s in batch.numpy()]

    one, again, two = first(1), first(1), first(2)
    assert one == again != two
    assert sorted(one) == sorted(two) and len(one) == 100


def test_mistakes_are_answered_with_what_there_is():
    with pytest.raises(ValueError, match="'rnn', 'gru', 'lstm'"):
        create_model(cell="ltsm", pairs=PAIRS)
    with pytest.raises(Refused, match="(?s)'mini'.*'mini/phrases'.*'tatoeba'.*'tatoeba/tatoeba_fr'"):
        create_model(dataset="tatoeba")


def test_figures_are_counted_to_the_letter_and_by_their_parts():
    right = ["une main rouge", "un grand chien noir"]
    assert scores.figures(right, right) == pytest.approx({"exact": 1, "bleu": 100, "chrf": 100})
    half = scores.figures(["une main rouge", "un petit chien noir"], right)
    assert half["exact"] == 0.5 and 30 < half["bleu"] < 100 and 50 < half["chrf"] < 100
    with pytest.raises(Refused, match="1 translations, 2 targets"):
        scores.figures(["une main"], right)
    with pytest.raises(Refused, match="none"):
        scores.figures([], [])


def test_the_score_pairs_sources_and_targets_of_batches_that_are_shuffled_each_time(model):
    pairs = tf.data.Dataset.from_tensor_slices((ENGLISH, FRENCH)).shuffle(12).batch(5)
    score = seqzoo.get_task("translation").score(model, pairs, beam_width=2)
    assert score == scores.figures(model.answer(ENGLISH, beam_width=2), FRENCH)


def test_the_most_similar_sentence_is_found_whatever_the_order():
    known = [("red cat", "chat rouge"), ("old cat", "vieux chat"), ("old dog", "vieux chien")]
    for pairs in (known, known[::-1]):
        assert scores.most_similar(["old bird dog", "cat"], *zip(*pairs)) == ["vieux chien", "vieux chat"]
    assert scores.most_similar([""], [""], ["rien"]) == ["rien"]


def test_batches_come_back_as_sentences(mini_data_dir):
    english, french = scores.sentences(batches("mini", "test", data_dir=mini_data_dir))
    assert len(english) == len(french) == 401
    assert dict(zip(english, french))["ear dark skin tone"] == "oreille peau foncée"
