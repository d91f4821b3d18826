import contextlib
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

import seqzoo
from seqzoo.datasets import drums, sources
from seqzoo.decoding.samplers import Sampling, greedy
from seqzoo.tasks import music

RHYTHMS = ["reel", "jig"]
TUNES = ["M:C|\nGABd|", "M:6/8\nGED|"]


@contextlib.contextmanager
def _whatever_ends():
    """Without the warning that tunes did not come to an end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield


def build(cell="gru", **options):
    keras.utils.set_random_seed(0)
    return music.create_model(
        cell, texts=TUNES, rhythms=RHYTHMS, units=24, embedding=8, dropout=0.0, **options
    )


@pytest.fixture(scope="module")
def trained():
    model = build(learning_rate=0.03)
    model.fit(RHYTHMS * 8, TUNES * 8, epochs=30, batch_size=4, verbose=0)
    return model


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_saved_and_loaded_it_gives_the_same(cell, tmp_path):
    model = build(cell)
    model.fit(RHYTHMS, TUNES, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    pair = (np.array(RHYTHMS, object), np.array(TUNES, object))
    np.testing.assert_array_equal(loaded.predict(pair, verbose=0), model.predict(pair, verbose=0))
    assert loaded.evaluate(RHYTHMS, TUNES, verbose=0) == model.evaluate(RHYTHMS, TUNES, verbose=0)
    options = dict(n=3, seed=1, longest=20, tries=1)
    with _whatever_ends():
        assert music.compose(loaded, "jig", **options) == music.compose(model, "jig", **options)


def test_it_learns_which_tune_belongs_to_which_rhythm(trained):
    for rhythm, tune in zip(RHYTHMS, TUNES):
        assert music.compose(trained, rhythm, n=2, temperature=0) == [tune, tune]


def test_nats_per_character_is_counted_over_all_characters_and_ends():
    """−ln P of every character and of one end symbol a tune, in float64, from the logits."""
    model = build()
    tunes = ["GABd|", "G", "GED|GAB dd|"]
    nats = characters = 0
    for tune in tunes:
        logits = model.predict((np.array(["jig"], object), np.array([tune], object)), verbose=0)[0].astype(
            "float64"
        )
        symbols = [*(3 + model.characters.index(c) if c in model.characters else 1 for c in tune), 2]
        assert len(logits) == len(symbols)
        log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        nats -= log_p[np.arange(len(symbols)), symbols].sum()
        characters += len(tune) + 1
    batches = tf.data.Dataset.from_tensor_slices((["jig"] * 3, tunes)).batch(2)
    figure = model.evaluate(batches, verbose=0, return_dict=True)[music.METRIC]
    assert figure == pytest.approx(nats / characters, rel=1e-5)


def test_averaged_weights_and_schedules_are_taken():
    schedule = keras.optimizers.schedules.CosineDecay(0.01, 10)
    model = build(averaging=0.9, learning_rate=schedule)
    model.fit(RHYTHMS, TUNES, verbose=0)
    assert model.optimizer.use_ema


def test_the_same_seed_writes_the_same_tunes(trained):
    write = lambda seed: music.compose(trained, "reel", n=8, temperature=3.0, seed=seed, longest=60, tries=1)
    with _whatever_ends():
        assert write(1) == write(1) != write(2)


def test_padding_and_unknown_characters_are_never_written():
    model = build()
    sampler = Sampling(temperature=50.0, seed=0)
    logits, states = model.step(tf.zeros(200, tf.int32), model.start(tf.fill([200], "jig")))
    assert not {0, 1} & set(sampler(logits).numpy().tolist())
    assert not sampler.probabilities(logits).numpy()[:, :2].any()


def test_what_is_not_accepted_is_drawn_again_and_what_never_ends_is_cut(trained):
    wanted = TUNES[0]
    assert music.compose(trained, "reel", n=1, temperature=1.0, seed=0, accept=lambda t: t == wanted) == [
        wanted
    ]
    endless = lambda logits: greedy(logits[:, 3:-1]) + 3
    with pytest.warns(UserWarning, match="Expected 1 whole tunes of at most 30 characters. Received: 0 of 4"):
        (tune,) = music.compose(trained, "reel", longest=30, sampler=endless)
    assert 0 < len(tune) <= 31


def test_an_opening_is_the_beginning_of_what_compose_writes(trained):
    (tune,) = music.compose(trained, "reel", temperature=0)
    assert music.opening(trained, "reel", characters=6, temperature=0) == tune[:6]
    assert music.opening(trained, "reel", characters=100, temperature=0) == tune
    wild = lambda seed: music.opening(trained, "jig", characters=40, temperature=3.0, seed=seed)
    assert wild(1) == wild(1) != wild(2)


@pytest.mark.parametrize("split, size", [("train", 1584), ("validation", 217), ("test", 207)])
def test_batches_hold_the_whole_split(mini_data_dir, split, size):
    batches = music.batches("mini", split, batch_size=16, data_dir=mini_data_dir)
    tunes = [t for rhythms, batch in batches for t in batch.numpy()]
    assert len(tunes) == len(set(tunes)) == size
    assert len(list(batches)) == len(batches)


def test_training_batches_are_shuffled_by_the_seed_and_limited(mini_data_dir):
    def first(seed):
        batches = music.batches("mini", "train", 10, seed, limit=60, data_dir=mini_data_dir)
        return [t for _, batch in batches for t in batch.numpy()]

    assert first(1) == first(1) != first(2)
    assert sorted(first(1)) == sorted(first(2)) and len(first(1)) == 60


def test_characters_and_rhythms_are_those_of_the_training_split_only(mini_data_dir):
    model = music.create_model("rnn", units=2, embedding=2, data_dir=mini_data_dir)
    pairs = list(music.data.load("mini", "train", mini_data_dir).as_numpy_iterator())
    assert model.characters == sorted({c for _, tune in pairs for c in tune.decode()})
    assert model.rhythms == sorted({rhythm.decode() for rhythm, _ in pairs})


@pytest.mark.parametrize("dataset", ["full", "groove/full-midionly"])
def test_drums_go_through_the_same_pipeline(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "unreachable", lambda url: None)
    midi = drums.to_midi("kh . h .\nsh . h ko\n", steps=16)
    example = {
        "style": {"primary": np.int64(9), "secondary": b""},
        "time_signature": np.int64(1),
        "midi": midi,
    }

    def performances(self, **kwargs):
        # the same kinds as the builder's own, with MIDI that is MIDI
        spec = {name: self.info.features[name] for name in example}
        assert spec["style"]["primary"].names == list(music.data.STYLES)
        assert [12, 16, 20, 10, 12] == [
            16 * int(n.split("-")[0]) // int(n.split("-")[1]) for n in spec["time_signature"].names
        ]
        return tf.data.Dataset.from_tensors(example).repeat(6)

    with tfds.testing.mock_data(num_examples=6, as_dataset_fn=performances):
        train = music.batches(dataset, "train", 4, data_dir=tmp_path)
        model = music.create_model("gru", dataset, units=4, embedding=4, data_dir=tmp_path)
        model.fit(train, verbose=0)
        rhythms, tunes = next(iter(train))
    assert rhythms.numpy().tolist() == [b"jazz"] * 4
    assert tunes[0].numpy().decode().split() == ["kh", ".", "h", *"." * 13, "sh", ".", "h", "ko", *"." * 12]
    assert dataset in music.REFERENCES


def test_mistakes_are_answered_with_what_there_is():
    with pytest.raises(ValueError, match="'jig', 'reel'. Received: 'real'. Did you mean 'reel'"):
        music.compose(build(), "real")
    with pytest.raises(ValueError, match="(?s)'mini'.*'maxi'"):
        music.create_model(dataset="maxi")


def test_it_is_in_the_registry(tmp_path):
    model = seqzoo.create_model("music", cell="rnn", units=2, embedding=2, texts=["a a"])
    assert model.compiled and model.rhythms == ["tune"]
