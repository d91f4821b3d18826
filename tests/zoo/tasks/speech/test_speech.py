import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds
from hypothesis import given, settings
from hypothesis import strategies as st

import seqzoo
from seqzoo.datasets import sources
from seqzoo.datasets import speech as data
from seqzoo.tasks import speech
from seqzoo.tasks.transcriber import BlankPadding, pad, with_end

TONES = {"low": 0.1, "middle": 0.4, "high": 1.2}


def say(transcript, seed=0):
    """A hundredth of a second of silence, and a twentieth of a tone, for each word."""
    noise = np.random.default_rng(seed).normal(0, 0.01, 1 + 480 * len(transcript.split())).astype("float32")
    tones = [np.pad(np.sin(TONES[word] * np.arange(400)), (80, 0)) for word in transcript.split()]
    return noise + np.append(np.concatenate(tones), 0).astype("float32")


TRUTH = ["low high", "middle", "high middle low", "low low", "middle high", "high"]
SOUNDS = [say(transcript, seed) for seed, transcript in enumerate(TRUTH)]


def build(cell="gru", decoder="ctc", **options):
    keras.utils.set_random_seed(0)
    options = dict(units=12, learning_rate=0.02, dropout=0.0) | options
    return seqzoo.create_model(
        "speech", cell=cell, sounds=SOUNDS, labels=[*TONES], rate=8000, decoder=decoder, **options
    )


@pytest.mark.parametrize("cell, decoder", [("rnn", "ctc"), ("gru", "ctc"), ("lstm", "ctc"), ("gru", "attention")])
def test_a_keras_project_can_fit_it_on_its_own_sounds(cell, decoder, tmp_path):
    model = build(cell, decoder)
    model.fit(SOUNDS, TRUTH, epochs=70 if decoder == "attention" else 40, verbose=0)
    written = model.predict(SOUNDS)
    assert np.mean(written == TRUTH) >= 0.8
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    assert loaded.predict(SOUNDS).tolist() == written.tolist()
    assert loaded.predict(SOUNDS, width=3).tolist() == model.predict(SOUNDS, width=3).tolist()
    assert loaded.evaluate(SOUNDS, TRUTH, verbose=0) == pytest.approx(model.evaluate(SOUNDS, TRUTH, verbose=0))


@pytest.mark.parametrize("decoder", speech.DECODERS)
def test_a_sound_gets_the_same_alone_and_beside_a_longer_one(decoder):
    model = build(decoder=decoder)
    alone = [model.evaluate([sound], [words], verbose=0) for sound, words in zip(SOUNDS, TRUTH)]
    together = model.evaluate(SOUNDS, TRUTH, verbose=0)
    if decoder == "attention":  # a mean over words, the end among them
        together *= sum(len(words.split()) + 1 for words in TRUTH) / len(TRUTH)
        alone = [loss * (len(words.split()) + 1) for loss, words in zip(alone, TRUTH)]
    np.testing.assert_allclose(together, np.mean(alone), rtol=1e-4)
    assert model.predict(SOUNDS).tolist() == [model.predict([sound])[0] for sound in SOUNDS]


def test_frames_of_ones_own():
    frames = [np.random.default_rng(i).normal(size=(5 + i, 3)) for i in range(4)]
    model = seqzoo.create_model("speech", sounds=frames, labels=["a", "b"], units=4)
    model.fit(frames, ["a", "b", "a b", "b a"], validation_data=(frames[:2], ["a", "b"]), verbose=0)
    assert model.predict(frames).shape == (4,)


def test_the_map_says_where_the_decoder_listens():
    model = build(decoder="attention")
    α, words = model.alignment(SOUNDS[0], "low high")
    assert words == ["low", "high", "end"] and α.shape == (3, -(-len(SOUNDS[0]) // 80))
    np.testing.assert_allclose(α.sum(axis=1), 1, rtol=1e-5)


@given(length=st.integers(1, 5), width=st.integers(0, 3))
@settings(max_examples=20, deadline=None)
def test_the_end_follows_the_last_word(length, width):
    row = np.pad(np.arange(1, length + 1), (0, width))
    expected = [*range(1, length + 1), 9, *[0] * width]
    assert np.array(with_end(row[None], 9))[0].tolist() == expected


def test_padding_is_a_blank_for_certain():
    logits = np.random.default_rng(0).normal(size=(1, 3, 4)).astype("float32")
    out = BlankPadding()(logits, mask=np.array([[True, True, False]]))
    np.testing.assert_array_equal(out[:, :2], logits[:, :2])
    np.testing.assert_array_equal(tf.nn.softmax(out[0, 2]), [1, 0, 0, 0])
    assert getattr(out, "_keras_mask", None) is None


def test_wrong_requests_are_refused():
    with pytest.raises(ValueError, match=r"decoder must be one of 'ctc', 'attention'. Received: decoder='ctx'"):
        build(decoder="ctx")
    with pytest.raises(ValueError, match=r"dataset must be one of 'mini'"):
        speech.create_model(dataset="minni")
    with pytest.raises(ValueError, match=r"sounds and labels belong together"):
        speech.create_model(sounds=SOUNDS)
    with pytest.raises(ValueError, match=r"words, 'low', 'middle', 'high'. Received: 'lows'"):
        build().fit(SOUNDS[:1], ["lows"])
    with pytest.raises(ValueError, match=r"Received: 1 transcripts and 0 truths"):
        speech.score(["a"], [])


def test_scores_are_of_whole_strings_and_of_words():
    assert speech.score(["1 2 3", "4", "5 6"], ["1 2", "4", "6 5"]) == {
        "exact": 1 / 3,
        "word_error_rate": 3 / 5,
    }


def test_pad_fills_up_with_zeros():
    assert pad([np.ones((1, 2)), np.ones((3, 2))]).tolist() == [
        [[1, 1], [0, 0], [0, 0]],
        [[1, 1], [1, 1], [1, 1]],
    ]


@pytest.mark.parametrize("dataset, words", [("mini", {2, 3, 4}), ("mini/digits", {1})])
def test_batches(dataset, words, mini_data_dir):
    sizes = {"train": 2400, "validation": 300, "test": 300}
    for split, size in sizes.items():
        found = 0
        for sounds, symbols in speech.batches(dataset, split, 64, data_dir=mini_data_dir):
            symbols = symbols.numpy()
            assert sounds.shape[2] == 13 and 0 <= symbols.min() and symbols.max() <= 10
            assert set(np.count_nonzero(symbols, axis=1)) <= words
            found += len(sounds)
        assert found == size


def test_each_pass_joins_other_strings_and_the_test_split_stays(mini_data_dir):
    train, test = (speech.batches("mini", split, 64, 3, 128, mini_data_dir) for split in ("train", "test"))
    passes = [np.concatenate([y.numpy().ravel() for _, y in batches]).tolist() for batches in (train, train)]
    assert passes[0] != passes[1]
    first, second = (np.concatenate([y.numpy().ravel() for _, y in test]) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    again = speech.batches("mini", "train", 64, 3, 128, mini_data_dir)
    assert np.concatenate([y.numpy().ravel() for _, y in again]).tolist() == passes[0]


def test_joined_sounds_are_those_of_their_symbols():
    rows = tf.ragged.constant([[1.0], [2.0, 2.0], [3.0, 3.0, 3.0]])
    recordings = tf.data.Dataset.from_tensor_slices((rows, [1, 2, 3])).map(lambda x, y: (tf.convert_to_tensor(x), y))
    for sound, symbols in data.join(recordings.repeat(5)):
        assert 2 <= len(symbols) <= 4
        np.testing.assert_array_equal(sound, np.concatenate([np.full(k, k) for k in symbols.numpy()]))


@pytest.mark.parametrize("dataset", ["full", "spoken_digit/strings", "speech_commands"])
def test_full_goes_through_the_same_pipeline(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "_require_reachable", lambda *_: None)

    def recordings(self, *args, **kwargs):
        files = [f"{k % 3}_theo_{k}.wav" for k in range(15)]
        sounds = tf.random.stateless_uniform((15, 900), (0, 0), -3000, 3000, tf.int64)
        columns = {"audio": sounds, "label": tf.range(15, dtype=tf.int64) % 3}
        columns |= {"audio/filename": files} if dataset != "speech_commands" else {}
        return tf.data.Dataset.from_tensor_slices(columns)

    with tfds.testing.mock_data(num_examples=15, as_dataset_fn=recordings):
        model = seqzoo.create_model("speech", dataset=dataset, units=2, data_dir=tmp_path, large=True)
        test = speech.batches(dataset, "test", 4, data_dir=tmp_path, large=True)
        model.fit(test, verbose=0)
        written = model.predict(test)
    assert len(written) == {"speech_commands": 15}.get(dataset, 5)
