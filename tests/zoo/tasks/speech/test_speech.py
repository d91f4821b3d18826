import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

import seqzoo
from made import recordings
from seqzoo.datasets import sources
from seqzoo.door import Refused
from seqzoo.tasks.speech import dataset as data
from seqzoo.tasks.speech.blank_padding import BlankPadding
from seqzoo.tasks.speech.preprocessor import DECODERS

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


@pytest.fixture(scope="module")
def trained():
    """A model of each decoder that has learned the six sounds."""
    cells = {"ctc": "gru", "attention": "lstm"}
    models = {decoder: build(cells[decoder], decoder) for decoder in DECODERS}
    for decoder, model in models.items():
        model.fit(SOUNDS, TRUTH, epochs=70 if decoder == "attention" else 40, verbose=0)
    return models


@pytest.mark.parametrize("decoder", DECODERS)
def test_it_learns_what_is_said_and_stays_the_same_when_it_is_saved(decoder, trained, tmp_path):
    model = trained[decoder]
    written = model.predict(SOUNDS)
    assert written.shape == (6,) and np.mean(written == TRUTH) >= 0.8
    assert seqzoo.get_task("speech").score(model, [(SOUNDS, TRUTH)], beam_width=1)["exact"] == np.mean(written == TRUTH)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    assert loaded.predict(SOUNDS).tolist() == written.tolist()
    assert loaded.answer(SOUNDS, beam_width=3) == model.answer(SOUNDS, beam_width=3)
    assert loaded.evaluate(SOUNDS, TRUTH, verbose=0) == pytest.approx(model.evaluate(SOUNDS, TRUTH, verbose=0))


@pytest.mark.parametrize("decoder", DECODERS)
def test_a_sound_gets_the_same_alone_beside_a_longer_one_and_padded(decoder, trained):
    model = trained[decoder]
    alone = [model.evaluate([sound], [words], verbose=0) for sound, words in zip(SOUNDS, TRUTH)]
    together = model.evaluate(SOUNDS, TRUTH, verbose=0)
    if decoder == "attention":  # a mean over words, the end among them
        together *= sum(len(words.split()) + 1 for words in TRUTH) / len(TRUTH)
        alone = [loss * (len(words.split()) + 1) for loss, words in zip(alone, TRUTH)]
    np.testing.assert_allclose(together, np.mean(alone), rtol=1e-4, atol=1e-6)
    written = model.predict(SOUNDS).tolist()
    assert written == [model.predict(sound)[0] for sound in SOUNDS]
    longest = max(map(len, SOUNDS))
    padded = np.stack([np.pad(sound, (0, longest - len(sound))) for sound in SOUNDS])
    stream = tf.data.Dataset.from_tensor_slices((padded, TRUTH)).batch(4)
    assert model.predict(padded).tolist() == model.predict(stream).tolist() == written
    if decoder == "ctc":  # the mean of batches of 4 and 2 sounds
        parts = [model.evaluate(SOUNDS[i : i + 4], TRUTH[i : i + 4], verbose=0) for i in (0, 4)]
        expected = np.average(parts, weights=[4, 2])
        np.testing.assert_allclose(model.evaluate(stream, verbose=0), expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("decoder", DECODERS)
def test_sounds_as_they_were_recorded_are_heard_alike(decoder, trained):
    model = trained[decoder]
    written = model.predict(SOUNDS).tolist()
    recorded = [(8000, (np.clip(sound, -1, 1) * 32767).astype("int16")) for sound in SOUNDS]
    assert model.predict(recorded).tolist() == written
    assert model.predict([np.stack([sound, sound], axis=1) for sound in SOUNDS]).tolist() == written
    with pytest.raises(Refused, match="(?s)8000 samples in a second.*44100 in row 0"):
        model.predict((44100, SOUNDS[0]))


@pytest.mark.parametrize("decoder", DECODERS)
def test_of_silence_nothing_is_written(decoder, trained):
    written = trained[decoder].predict([np.zeros(900), SOUNDS[1], np.zeros(0)])
    assert written.tolist() == ["", trained[decoder].predict(SOUNDS[1])[0], ""]
    assert len(trained[decoder].predict([np.full(3, 0.1)])) == 1


@pytest.mark.parametrize("decoder", DECODERS)
def test_transcripts_are_cut_aloud(decoder, trained):
    model = trained[decoder]
    whole = [line.split() for line in model.predict(SOUNDS)]
    with pytest.warns(UserWarning, match=rf"(?s)max_length=1 words.*{sum(len(w) > 1 for w in whole)} of 6"):
        assert [line.split() for line in model.predict(SOUNDS, max_length=1)] == [words[:1] for words in whole]
    longest = max(map(len, whole))
    assert [line.split() for line in model.predict(SOUNDS, max_length=longest)] == whole
    for wrong in (dict(max_length=0), dict(beam_width=0)):
        with pytest.raises(Refused, match="of 1 or more"):
            model.predict(SOUNDS, **wrong)


@pytest.mark.parametrize("decoder", DECODERS)
def test_frames_of_ones_own(decoder):
    frames = [np.random.default_rng(i).normal(size=(5 + i, 3)) for i in range(4)]
    model = seqzoo.create_model("speech", sounds=frames, labels=["a"], units=4, decoder=decoder)
    model.run_eagerly = True
    model.fit(frames, ["a", "a a", "", ["a"]], validation_data=(frames[:2], ["a", ""]), verbose=0)
    assert set(" ".join(model.predict(frames)).split()) <= {"a"}


def test_the_map_says_where_the_decoder_listens(trained):
    model = trained["attention"]
    α, words = model.alignment(SOUNDS[0], "low high")
    assert words == ["low", "high", "end"] and α.shape == (3, -(-len(SOUNDS[0]) // 80))
    np.testing.assert_allclose(α.sum(axis=1), 1, rtol=1e-5)
    assert model.alignment(SOUNDS[0])[1] == [*model.predict(SOUNDS[0])[0].split(), "end"]


def test_padding_is_a_blank_for_certain():
    logits = np.random.default_rng(0).normal(size=(1, 3, 4)).astype("float32")
    out = BlankPadding()(logits, mask=np.array([[True, True, False]]))
    np.testing.assert_array_equal(out[:, :2], logits[:, :2])
    np.testing.assert_array_equal(keras.ops.softmax(out[0, 2]), [1, 0, 0, 0])
    assert getattr(out, "_keras_mask", None) is None


def test_wrong_requests_are_refused():
    with pytest.raises(Refused, match="(?s)decoder to be one of 'ctc', 'attention'.*'ctx'"):
        build(decoder="ctx")
    with pytest.raises(Refused, match="(?s)dataset to be one of 'mini'.*'minni'"):
        seqzoo.create_model("speech", dataset="minni")
    with pytest.raises(Refused, match="sounds without labels"):
        seqzoo.create_model("speech", sounds=SOUNDS)
    with pytest.raises(Refused, match="labels without sounds"):
        seqzoo.create_model("speech", labels=["yes", "no"])


@pytest.mark.parametrize("dataset, words", [("mini", {2, 3, 4}), ("mini/digits", {1})])
def test_batches(dataset, words, mini_data_dir):
    sizes = {"train": 2400, "validation": 300, "test": 300}
    for split, size in sizes.items():
        found = 0
        for sounds, lines in data.batches(dataset, split, 64, data_dir=mini_data_dir):
            said = [line.decode().split() for line in lines.numpy()]
            assert sounds.shape[2] == 13 and set().union(*said) <= set(data.LABELS[dataset])
            assert set(map(len, said)) <= words
            found += len(sounds)
        assert found == size


def test_each_pass_joins_other_strings_and_the_test_split_stays(mini_data_dir):
    train, test = (data.batches("mini", split, 64, 3, 128, mini_data_dir) for split in ("train", "test"))
    passes = [np.concatenate([y.numpy() for _, y in batches]).tolist() for batches in (train, train)]
    assert passes[0] != passes[1]
    first, second = (np.concatenate([y.numpy() for _, y in test]) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    again = data.batches("mini", "train", 64, 3, 128, mini_data_dir)
    assert np.concatenate([y.numpy() for _, y in again]).tolist() == passes[0]


def test_what_is_judged_does_not_depend_on_the_seed_of_a_run(mini_data_dir):
    judged = []
    for seed in (0, 7):
        keras.utils.set_random_seed(seed)
        batches = data.batches("mini", "test", 300, seed, data_dir=mini_data_dir)
        judged.append([(x.numpy().tolist(), y.numpy().tolist()) for x, y in batches])
    assert judged[0] == judged[1]


@pytest.mark.parametrize("join", [data.join_anew, data.join_once])
def test_joined_sounds_are_those_of_their_words(join):
    rows = tf.ragged.constant([[1.0], [2.0, 2.0], [3.0, 3.0, 3.0]])
    recordings = tf.data.Dataset.from_tensor_slices((rows, [1, 2, 3])).map(lambda x, y: (tf.convert_to_tensor(x), y))
    for sound, words in join(recordings.repeat(5)):
        assert 2 <= len(words) <= 4
        np.testing.assert_array_equal(sound, np.concatenate([np.full(k, k) for k in words.numpy()]))


@pytest.mark.parametrize("dataset", ["full", "spoken_digit/strings", "speech_commands"])
def test_full_goes_through_the_same_pipeline(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "_require_reachable", lambda *_: None)
    with tfds.testing.mock_data(num_examples=15, as_dataset_fn=recordings):
        test = data.batches(dataset, "test", 4, data_dir=tmp_path, large=True)
        written = [transcript for _, transcripts in test for transcript in transcripts.numpy()]
    assert len(test) == -(-len(written) // 4)
    assert len(written) == {"speech_commands": 15}.get(dataset, 5)
