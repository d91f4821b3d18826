import json

import numpy as np
import pytest

from seqzoo.door import Refused
from seqzoo.tasks.speech.log_mel import LogMel
from seqzoo.tasks.speech.preprocessor import PADDING, SpeechPreprocessor

SOUNDS = [np.random.default_rng(i).uniform(-0.5, 0.5, 500 + 300 * i) for i in range(4)]
FRAMES = [np.random.default_rng(i).normal(3, 2, (5 + i, 3)) for i in range(4)]


def rows_and_targets(preprocessor, x, y):
    rows = preprocessor.rows(x)
    return rows, preprocessor.target_rows(y, rows)


@pytest.mark.parametrize("x, rate", [(SOUNDS, 8000), (FRAMES, None)])
def test_training_frames_have_mean_0_and_variance_1_and_the_rest_is_padding(x, rate):
    preprocessor = SpeechPreprocessor.learn(x, ["a", "b"], rate)
    padded = preprocessor.inputs(preprocessor.rows(x))["frames"]
    real = (padded != PADDING).all(axis=-1)
    expected = [len(sound) if rate is None else -(-len(sound) // 80) for sound in x]
    assert real.sum(axis=1).tolist() == expected and (padded[~real] == PADDING).all()
    np.testing.assert_allclose(padded[real].mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(padded[real].std(axis=0), 1, atol=1e-4)


def test_a_sound_has_the_same_frames_alone_and_beside_longer_ones():
    preprocessor = SpeechPreprocessor.learn(SOUNDS, ["a"], 8000)
    together = preprocessor.inputs(preprocessor.rows(SOUNDS))["frames"]
    for sound, frames in zip(SOUNDS, together):
        alone = preprocessor.inputs(preprocessor.rows(sound))["frames"][0]
        np.testing.assert_allclose(alone, frames[: len(alone)], atol=1e-4)
        assert (frames[len(alone) :] == PADDING).all()


def test_a_frame_of_zeros_within_a_sound_is_not_padding():
    preprocessor = SpeechPreprocessor(["a"], mean=[0.0], variance=[1.0])
    frames = preprocessor.inputs(preprocessor.rows([[[0.0], [1.0]], [[1.0], [0.0], [2.0]]]))["frames"]
    assert frames[..., 0].tolist() == [[0, 1, PADDING], [1, 0, 2]]


def test_a_feature_that_never_changes_is_left_alone():
    preprocessor = SpeechPreprocessor.learn([np.full((4, 1), 7.0)], ["a"])
    assert preprocessor.inputs(preprocessor.rows([[[8.0]]]))["frames"].tolist() == [[[1.0]]]


def test_silence_and_no_sound_give_a_step_of_padding():
    for preprocessor, nothing in (
        (SpeechPreprocessor.learn(SOUNDS, ["a"], 8000), [np.zeros(0), np.zeros(300)]),
        (SpeechPreprocessor.learn(FRAMES, ["a"]), [np.zeros((0, 3)), np.zeros((4, 3))]),
    ):
        frames = preprocessor.inputs(preprocessor.rows(nothing))["frames"]
        assert frames.shape[:2] == (2, 1) and (frames == PADDING).all()


def test_symbols_of_ctc_are_places_from_1():
    preprocessor = SpeechPreprocessor.learn(FRAMES, ["yes", "no"])
    rows, targets = rows_and_targets(preprocessor, FRAMES[:3], ["yes no", "no", ""])
    _, symbols = preprocessor.training(rows, targets)
    assert symbols.tolist() == [[1, 2], [2, 0], [0, 0]]
    assert preprocessor.transcripts([[1, 2], [2], []]).tolist() == ["yes no", "no", ""]


def test_with_attention_the_end_follows_the_last_word_and_stands_before_the_first():
    preprocessor = SpeechPreprocessor.learn(FRAMES, ["yes", "no"], decoder="attention")
    rows, targets = rows_and_targets(preprocessor, FRAMES[:3], ["yes no", "no", ""])
    inputs, symbols = preprocessor.training(rows, targets)
    assert symbols.tolist() == [[1, 2, 3], [2, 3, 0], [3, 0, 0]]
    assert inputs["before"].tolist() == [[3, 1, 2], [3, 2, 0], [3, 0, 0]]


@pytest.mark.parametrize("rate", [8000, None])
def test_its_config_is_json_and_gives_the_same(rate):
    x = SOUNDS if rate else FRAMES
    preprocessor = SpeechPreprocessor.learn(x, ["a", "b"], rate, "attention")
    again = SpeechPreprocessor.from_config(json.loads(json.dumps(preprocessor.get_config())))
    inputs, same = (p.inputs(p.rows(x))["frames"] for p in (preprocessor, again))
    np.testing.assert_array_equal(inputs, same)
    assert (again.labels, again.decoder, again.rate) == (("a", "b"), "attention", rate)


def test_rows_and_targets_that_were_checked_stay_as_they_are():
    for x, rate in ((SOUNDS, 8000), (FRAMES, None)):
        preprocessor = SpeechPreprocessor.learn(x, 3, rate)
        rows, targets = rows_and_targets(preprocessor, x, ["0 1", "2", "", "1 0"])
        again, same = rows_and_targets(preprocessor, rows, targets)
        assert all(np.array_equal(a, b) for a, b in zip(rows, again)) and same == targets


def test_a_rate_may_come_with_the_sounds():
    assert SpeechPreprocessor.learn([(8000, sound) for sound in SOUNDS], ["a"]).rate == 8000


@pytest.mark.parametrize("labels, names", [(["yes"], ("yes",)), (np.int64(2), ("0", "1")), ([4, 7], ("4", "7"))])
def test_labels_are_names(labels, names):
    assert SpeechPreprocessor.learn(FRAMES, labels).labels == names


@pytest.mark.parametrize(
    "options, message",
    [
        (dict(labels=[]), "(?s)one name or more.*none"),
        (dict(labels=["a", "a"]), "each once"),
        (dict(labels=["turn left"]), "(?s)without spaces.*'turn left'"),
        (dict(labels=["a"], rate=16), "(?s)from 1000.*16"),
        (dict(labels=["a"], rate="8 kHz"), "(?s)samples in a second.*'8 kHz'"),
        (dict(labels=["a"], rate=8000, x=[]), "0 sounds"),
        (dict(labels=["a"], x=[np.zeros((3, 2))]), "1 sounds without any"),
        (dict(labels=["a"], x=SOUNDS), "(?s)shape.*rate=8000"),
    ],
)
def test_wrong_requests_are_refused(options, message):
    with pytest.raises(Refused, match=message):
        SpeechPreprocessor.learn(**{"x": FRAMES, **options})


def test_unknown_words_are_named_with_their_row():
    preprocessor = SpeechPreprocessor.learn(FRAMES, ["low", "middle", "high"])
    with pytest.raises(Refused, match=r"(?s)'low', 'middle', 'high'.*'lows' in row 1, 'low lows'.*mean 'low'"):
        rows_and_targets(preprocessor, FRAMES[:2], ["low", "low lows"])
    with pytest.raises(Refused, match="2 sounds, 1 transcripts"):
        rows_and_targets(preprocessor, FRAMES[:2], ["low"])


def test_what_ctc_cannot_spell_is_refused_with_its_row():
    """n words take n frames, and one more between two that are the same."""
    preprocessor = SpeechPreprocessor.learn(FRAMES, ["a", "b"])
    rows_and_targets(preprocessor, [FRAMES[0], FRAMES[0]], ["a b a b a", "a a b a"])
    for transcript, needed in (("a b a b a b", 6), ("a a b b", 6), ("a a a a", 7)):
        with pytest.raises(Refused, match=f"(?s){needed} frames in row 1.*5 frames.*attention"):
            rows_and_targets(preprocessor, [FRAMES[3], FRAMES[0]], ["a", transcript])
    attention = SpeechPreprocessor.learn(FRAMES, ["a", "b"], decoder="attention")
    rows_and_targets(attention, FRAMES[:1], ["a a a a a a"])
    preprocessor = SpeechPreprocessor.learn(SOUNDS, ["a", "b"], 8000)
    with pytest.raises(Refused, match="2 frames for 3 words"):
        rows_and_targets(preprocessor, [SOUNDS[0][:160]], ["a b a"])


def test_frames_are_log_mel_bands():
    preprocessor = SpeechPreprocessor.learn(SOUNDS, ["a"], 8000)
    found = preprocessor.inputs(preprocessor.rows(SOUNDS[0]))["frames"][0]
    expected = LogMel(8000)([SOUNDS[0].astype("float32")])[0]
    np.testing.assert_allclose(found * np.sqrt(preprocessor.variance) + preprocessor.mean, expected, atol=1e-4)
