import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds
from keras import ops

import seqzoo
from made import performances
from seqzoo.datasets import sources
from seqzoo.decoding import greedy
from seqzoo.door import Refused
from seqzoo.tasks.music import METRIC, batches, create_model, dataset

RHYTHMS = ["reel", "jig"]
TUNES = ["M:C|\nGABd|", "M:6/8\nGED|"]
whatever_ends = pytest.mark.filterwarnings("ignore:Expected. whole tunes:UserWarning")


def build(cell="gru", **options):
    keras.utils.set_random_seed(0)
    return create_model(cell, texts=TUNES, rhythms=RHYTHMS, units=24, embedding=8, dropout=0.0, **options)


@pytest.fixture(scope="module")
def trained():
    model = build(learning_rate=0.03)
    model.fit(RHYTHMS * 8, TUNES * 8, epochs=30, batch_size=4, verbose=0)
    return model


@pytest.fixture(scope="module")
def untrained():
    return build()


@whatever_ends
def test_saved_and_loaded_it_gives_the_same(tmp_path):
    model = build("lstm")
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(loaded.logits(RHYTHMS, TUNES), model.logits(RHYTHMS, TUNES))
    assert loaded.evaluate(RHYTHMS, TUNES, verbose=0) == model.evaluate(RHYTHMS, TUNES, verbose=0)
    options = dict(seed=1, max_length=20, tries=1)
    assert loaded.answer(["jig"] * 3, **options) == model.answer(["jig"] * 3, **options)


def test_it_learns_which_tune_belongs_to_which_rhythm(trained):
    assert trained.answer([*RHYTHMS, "jig"], temperature=0) == [*TUNES, TUNES[1]]
    assert trained.predict(RHYTHMS).tolist() == TUNES


def test_nats_per_character_is_counted_over_all_characters_and_ends(untrained):
    """−ln P of every character and of one end symbol a tune, in float64, from the logits."""
    tunes = ["GABd|", "G", "GED|GAB dd|"]
    nats = characters = 0
    for tune in tunes:
        logits = untrained.logits("jig", tune)[0].astype("float64")
        known = untrained.characters
        symbols = [*(3 + known.index(c) if c in known else 1 for c in tune), 2]
        assert len(logits) == len(symbols)
        log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        nats -= log_p[np.arange(len(symbols)), symbols].sum()
        characters += len(tune) + 1
    pairs = tf.data.Dataset.from_tensor_slices((["jig"] * 3, tunes)).batch(2)
    score = seqzoo.get_task("music").score(untrained, pairs)
    assert score == {METRIC: pytest.approx(nats / characters, rel=1e-5)}


def test_averaged_weights_and_schedules_are_taken():
    schedule = keras.optimizers.schedules.CosineDecay(0.01, 10)
    model = build(ema_momentum=0.9, learning_rate=schedule)
    model.run_eagerly = True
    model.fit(RHYTHMS, TUNES, verbose=0)
    assert model.optimizer.use_ema


@whatever_ends
def test_the_same_seed_writes_the_same_tunes(trained):
    def write(seed):
        return trained.answer(["reel"] * 8, temperature=3.0, seed=seed, max_length=60, tries=1)

    first = write(1)
    assert first == write(1) != write(2) and len(set(first)) > 1


@whatever_ends
def test_padding_and_unknown_characters_are_never_written(untrained):
    a, b = untrained.characters[:2]
    never = lambda logits: ops.where(ops.isfinite(ops.max(logits[:, :2], axis=1)), 3, 4)
    assert untrained.answer("jig", sampler=never, max_length=3, tries=1) == [b * 3]
    wild = "".join(untrained.answer(["jig"] * 50, temperature=50.0, seed=0, max_length=20, tries=1))
    assert {a, b} < set(wild) <= set(untrained.characters)


def test_what_is_not_accepted_is_drawn_again_and_what_never_ends_is_cut(trained):
    wanted = TUNES[0]
    found = trained.answer("reel", temperature=1.0, seed=0, accept=lambda tune: tune == wanted)
    assert found == [wanted]
    endless = lambda logits: greedy(logits[:, 3:-1]) + 3
    with pytest.warns(UserWarning, match="(?s)at most max_length=30 characters.*Received: 0 of 1"):
        (tune,) = trained.answer("reel", max_length=30, sampler=endless)
    assert 0 < len(tune) <= 30
    with pytest.warns(UserWarning, match="(?s)within max_length=3 tokens.*2 of 2"):
        assert trained.predict(RHYTHMS, max_length=3).tolist() == [tune[:3] for tune in TUNES]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert trained.predict("reel", max_length=len(TUNES[0])).tolist() == TUNES[:1]


def test_no_rhythm_no_tune(trained):
    assert trained.answer([]) == [] and trained.predict([]).shape == (0,)


def test_a_stream_of_rhythms_is_answered_in_its_order(trained):
    stream = tf.data.Dataset.from_tensor_slices((["jig", "reel", "jig"], ["", "", ""])).batch(2)
    assert trained.answer(stream, temperature=0) == [TUNES[1], TUNES[0], TUNES[1]]


def test_an_opening_is_the_beginning_of_what_answer_writes(trained):
    (tune,) = trained.answer("reel", temperature=0)
    assert trained.opening("reel", characters=6, temperature=0) == tune[:6]
    assert trained.opening("reel", characters=100, temperature=0) == tune
    wild = lambda seed: trained.opening("jig", characters=40, temperature=3.0, seed=seed)
    assert wild(1) == wild(1) != wild(2)


@pytest.mark.parametrize("split, size", [("train", 1584), ("validation", 217), ("test", 207)])
def test_batches_hold_the_whole_split(mini_data_dir, split, size):
    found = batches("mini", split, batch_size=16, data_dir=mini_data_dir)
    tunes = [t for rhythms, batch in found for t in batch.numpy()]
    assert len(tunes) == len(set(tunes)) == size
    assert len(list(found)) == len(found)


def test_training_batches_are_shuffled_by_the_seed_and_limited(mini_data_dir):
    def first(seed):
        found = batches("mini", "train", 10, seed, limit=60, data_dir=mini_data_dir)
        return [t for _, batch in found for t in batch.numpy()]

    one, again, two = first(1), first(1), first(2)
    assert one == again != two
    assert sorted(one) == sorted(two) and len(one) == 60


def test_characters_and_rhythms_are_those_of_the_training_split_only(mini_data_dir):
    model = create_model("rnn", units=2, embedding=2, data_dir=mini_data_dir)
    pairs = list(dataset.load("mini", "train", mini_data_dir).as_numpy_iterator())
    assert model.characters == sorted({c for _, tune in pairs for c in tune.decode()})
    assert model.rhythms == sorted({rhythm.decode() for rhythm, _ in pairs})


def test_drums_go_through_the_same_pipeline(tmp_path, monkeypatch, name="full"):
    monkeypatch.setattr(sources, "unreachable", lambda url: None)

    def of_the_builders_kinds(self, **kwargs):
        spec = self.info.features
        assert spec["style"]["primary"].names == list(dataset.STYLES)
        assert [12, 16, 20, 10, 12] == [
            16 * int(n.split("-")[0]) // int(n.split("-")[1]) for n in spec["time_signature"].names
        ]
        return performances(self)

    with tfds.testing.mock_data(num_examples=6, as_dataset_fn=of_the_builders_kinds):
        rhythms, tunes = next(iter(batches(name, "train", 4, data_dir=tmp_path)))
    assert rhythms.numpy().tolist() == [b"jazz"] * 4
    assert tunes[0].numpy().decode().split() == ["kh", ".", "h", *"." * 13, "sh", ".", "h", "ko", *"." * 12]
    assert {name, "groove/full-midionly"} <= set(seqzoo.get_task("music").datasets)
    assert dataset.SOURCES[name] is dataset.SOURCES["groove/full-midionly"]


@pytest.mark.parametrize("ask", ["predict", "answer", "opening"])
def test_a_rhythm_that_was_not_learned_is_refused(ask, untrained):
    with pytest.raises(Refused, match="(?s)'jig', 'reel'.*'real'.*Did you mean 'reel'") as refused:
        getattr(untrained, ask)("real")
    assert str(refused.value).count("\n") == 2


def test_mistakes_are_answered_with_what_there_is(untrained):
    with pytest.raises(Refused, match="(?s)'mini'.*'maxi'"):
        create_model(dataset="maxi")
    with pytest.raises(Refused, match="(?s)the rhythm in row 1.*Received: 'real'"):
        untrained.fit(["reel", "real"], TUNES, verbose=0)
    with pytest.raises(Refused, match="None .NoneType. in row 0"):
        untrained.fit(RHYTHMS, [None, "G"], verbose=0)
    with pytest.raises(Refused, match="2 rhythms, 1 tunes"):
        untrained.evaluate(RHYTHMS, TUNES[:1], verbose=0)
    with pytest.raises(Refused, match="max_length of 1 or more"):
        untrained.answer("reel", max_length=0)
    for texts, rhythms in ([], None), ([""], None), (["G"], []):
        with pytest.raises(Refused, match="tunes to learn characters from"):
            create_model(texts=texts, rhythms=rhythms)


def test_an_empty_tune_is_only_its_end(untrained):
    assert untrained.logits("reel", "").shape[1] == 1
    assert np.isfinite(untrained.evaluate(RHYTHMS, ["", "G"], verbose=0)[0])


def test_tunes_without_rhythms_have_one():
    model = seqzoo.create_model("music", cell="rnn", units=2, embedding=2, texts=["a a"])
    assert model.compiled and model.rhythms == ["tune"]
