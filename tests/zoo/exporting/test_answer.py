"""An exported folder answers as the model does, without Keras and TensorFlow."""

import subprocess
import sys

import numpy as np
import pytest

import seqzoo
from asked import with_random_weights
from small import small_model

pytest.importorskip("onnxruntime")
import answer  # noqa: E402


def answered(folder, examples, **settings):
    return answer.Model(folder).answer(examples, **settings)


def exported(folder, name, **options):
    model = small_model(name, **options)
    with_random_weights(model.network)
    return model, seqzoo.export(model, folder / "model")


EXAMPLES = {
    "sentiment": ["A good film!", "bad, bad", "", "no word known"],
    "ner": ["12 Elm St", "9007 Main St Apt 4", "(Unknown)"],
    "dna": ["ATGGCGTGCAAC", "acgun"],
    "video": [[[0.1, 0.5], [0.2, 0.5], [0.9, 0.5]], [[0.5, 0.1]] * 5],
    "one_to_one": [{"island": "Dream", "body_mass_g": 3700.0}, {"island": "?", "body_mass_g": None}],
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_labels(name, tmp_path):
    model, folder = exported(tmp_path, name)
    expected = model.answer(EXAMPLES[name])
    found = answered(folder, EXAMPLES[name])
    if name == "ner":
        assert [[tuple(pair) for pair in row] for row in found] == expected
        return
    assert [label for label, _ in found] == [label for label, _ in expected]
    np.testing.assert_allclose([p for _, p in found], [p for _, p in expected], atol=1e-5)


def test_labels_that_a_crf_finds_together(tmp_path):
    model, folder = exported(tmp_path, "ner", crf=True, letter_units=4)
    sentences = [*EXAMPLES["ner"], "", "Elm " * 7]
    assert [[tuple(pair) for pair in row] for row in answered(folder, sentences)] == model.answer(sentences)


@pytest.mark.parametrize("width, options", [(1, {}), (3, {}), (3, dict(input_feeding=True))])
def test_translations(width, options, tmp_path):
    model, folder = exported(tmp_path, "translation", **options)
    sources = ["red hand", "old foot!", "foot"]
    expected = model.answer(sources, beam_width=width, max_length=8, length_penalty=0.6)
    assert answered(folder, sources, beam_width=width, max_length=8, length_penalty=0.6) == expected


def test_tunes(tmp_path):
    model, folder = exported(tmp_path, "music")
    likeliest = model.predict(["reel", "jig"], max_length=20).tolist()
    assert answered(folder, ["reel", "jig"], max_length=20, temperature=0) == likeliest
    drawn = answered(folder, ["reel"] * 40, max_length=20, temperature=1.0, seed=1)
    assert drawn == answered(folder, ["reel"] * 40, max_length=20, temperature=1.0, seed=1)
    assert len(set(drawn)) > 10


@pytest.mark.parametrize("decoder", ["ctc", "attention"])
def test_transcripts(decoder, tmp_path):
    frames = [*np.random.default_rng(0).normal(size=(3, 12, 4)), np.zeros((5, 4))]  # the last one is silent
    model, folder = exported(tmp_path, "speech", sounds=frames[:3], rate=None, decoder=decoder)
    few = {"max_length": 5} if decoder == "attention" else {}
    for width in (1, 3):
        expected = model.answer(frames, beam_width=width, **few)
        assert answered(folder, frames, beam_width=width, **few) == expected
    assert expected[-1] == ""


@pytest.mark.parametrize("width", [1, 2, 5])
def test_ctc_spells_what_the_zoo_spells(width):
    """Steps with a few symbols above the others, where prefixes meet and part."""
    logits = np.random.default_rng(width).normal(size=(20, 9, 4)).astype("float32")
    tokens, lengths, _ = seqzoo.decoding.ctc_decode(logits, width)
    log_p = logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)
    for row, ids, length in zip(log_p, np.asarray(tokens), np.asarray(lengths)):
        assert answer.Model.spelled(row, width) == ids[:length].tolist()


def test_what_is_usual_is_what_the_model_does(tmp_path):
    model, folder = exported(tmp_path, "translation")
    sources = ["red hand", "foot"]
    assert answered(folder, sources, max_length=5) == model.answer(sources, max_length=5)


def test_no_more_is_needed_than_numpy_and_onnxruntime(tmp_path):
    model, folder = exported(tmp_path, "sentiment")
    ask = (
        "import sys, answer; print(answer.Model('.').answer(['A good film!'])[0][0]);"
        "assert not {'tensorflow', 'keras', 'seqzoo', 'onnx'} & set(sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", ask], cwd=folder, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == model.answer("A good film!")[0][0]


@pytest.mark.parametrize("name, given", [("dna", "ACGT"), ("one_to_one", '{"island": "Dream", "body_mass_g": 3700}')])
def test_from_the_shell(name, given, tmp_path):
    model, folder = exported(tmp_path, name)
    run = subprocess.run([sys.executable, folder / "answer.py", given], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    example = given if name == "dna" else {"island": ["Dream"], "body_mass_g": [3700.0]}
    assert run.stdout.startswith(f"{given} → ('{model.answer(example)[0][0]}', 0.")


@pytest.mark.parametrize("name, example", [("sentiment", "A bore."), ("dna", "CCAGCT"), ("ner", "12 Elm St"), ("translation", "red hand")])  # fmt: skip
def test_a_single_text_is_one_example_and_none_are_no_answers(name, example, tmp_path):
    _, folder = exported(tmp_path, name)
    assert answered(folder, example) == answered(folder, [example])
    assert answered(folder, []) == []


def test_from_the_shell_without_an_example(tmp_path):
    _, folder = exported(tmp_path, "dna")
    ended = subprocess.run([sys.executable, folder / "answer.py"], capture_output=True, text=True)
    assert ended.returncode == 1 and ended.stderr == "usage: python answer.py EXAMPLE ...\n"
