"""What reads raw examples without TensorFlow gives what the preprocessor gives."""

import json
import shutil
import subprocess
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import read
import seqzoo
from seqzoo.exporting.preprocessor_file import described
from seqzoo.preprocessing import text
from seqzoo.tasks.ner.letter_groups import group_ids
from seqzoo.tasks.ner.word_features import PARTS
from seqzoo.tasks.translation.tokenizer import split_words
from small import small_model

TASKS = seqzoo.list_tasks()
ABOUT = {"speech": 1e-4}  # logarithms of sound; all else is the same, bit for bit


def by_name(model, inputs):
    return inputs if isinstance(inputs, dict) else {model.network.inputs[0].name: inputs}


def assert_reads_alike(model, examples, reader=read.inputs, about=0):
    expected = by_name(model, model.preprocessor.inputs(model.preprocessor.rows(examples)))
    found = reader(described(model), examples)
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        np.testing.assert_allclose(found[name], array, rtol=0, atol=about, err_msg=name)
        assert found[name].dtype == array.dtype


@pytest.mark.parametrize("name", TASKS)
def test_own_data_reads_alike(name):
    assert_reads_alike(small_model(name), seqzoo.get_task(name).own_data().x, about=ABOUT.get(name, 0))


OTHER_KINDS = {
    "ratings": ("sentiment", {"ratings": {"good": 0.5, "bad": -0.25}}, ["A good film!", "", "bad; bad"]),
    "bigrams": ("sentiment", {"bigrams": True, "min_count": 1}, ["A good film!", "", "not good"]),
    "subwords": ("translation", {"tokenizer": "subwords"}, ["A red hand", "", "oh  nö\u2581x"]),
    "frames": ("video", {"shape": (None, 8, 8, 1)}, [np.full((t, 8, 8, 1), 255) for t in (2, 4)]),
    "sounds": (
        "speech",
        {"sounds": [np.eye(4)] * 2, "rate": None},
        [np.eye(4), np.zeros((2, 4)), np.eye(4)[[1, 0, 0], ::-1] * [[3], [7], [0]]],
    ),
    "rows": ("one_to_one", {}, [{"island": "Dream", "body_mass_g": None}, {"island": "", "body_mass_g": 3000}]),
    "tokens": ("ner", {}, [["(No.", "35th"], []]),
    "letters": ("ner", {"letter_units": 4}, ["(No. e\u0301a", "", "St" * 30]),
}


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_other_forms_read_alike(kind):
    name, options, examples = OTHER_KINDS[kind]
    assert_reads_alike(small_model(name, **options), examples)


@pytest.mark.parametrize("rate", [8000, 22050])  # windows of even and of odd length
@pytest.mark.parametrize("reader", ["python", "javascript"])
def test_any_sound_reads_alike(reader, rate):
    if reader == "javascript" and shutil.which("node") is None:
        pytest.skip("needs node")
    rng = np.random.default_rng(0)
    sounds = [np.append(rng.normal(0, 0.2, 1500), [0.0] * 99), np.sin(np.arange(700) / 5), np.zeros(300), [0.5]]
    model = small_model("speech", sounds=sounds, rate=rate)
    reads = read.inputs if reader == "python" else javascript_inputs
    assert_reads_alike(model, [np.asarray(sound).tolist() for sound in sounds], reads, about=1e-3)


def test_integers_of_a_recording_are_scaled():
    sound = np.random.default_rng(0).integers(-9000, 9000, 500).astype("int16")
    assert_reads_alike(small_model("speech"), [sound], about=1e-4)


# Up to where Unicode gained capitals that TensorFlow's tables do not know yet; beyond it, some by name.
TEXTS = st.text(
    st.characters(max_codepoint=0x2BFF, exclude_categories=["Cs", "Cn", "Co"], exclude_characters="\0"), max_size=12
) | st.text(st.sampled_from("aB9éÉ́ßẞİıΣσς'’-!?.  \t\n\x0b\u00a0\u200d\u200c\u00ad\ufe0fक्षि中😀<br/>ǅ½٣"), max_size=20)


JAVASCRIPT = """
const read = require(process.argv[1]);
const {learned, examples, texts} = JSON.parse(require("fs").readFileSync(0));
const plain = ({type, dims, data}) => ({type, dims, data: [...data]});
const inputs = learned && Object.fromEntries(Object.entries(read.inputs(learned, examples)).map(([k, t]) => [k, plain(t)]));
const looks = (text) => read.tokensOf(text).map((token) => [read.looks(token), read.groupsOf(read.looks(token)[0])]);
const said = (text) => [read.wordsOf(text), read.stemsOf(read.wordsOf(text)), read.splitWords(text), looks(text)];
console.log(JSON.stringify({inputs, said: (texts || []).map(said)}));
"""


def ask_javascript(**given):
    file = str(Path(read.__file__).with_name("read.js"))
    run = subprocess.run(["node", "-e", JAVASCRIPT, file], input=json.dumps(given), capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def javascript_inputs(learned, examples):
    found = ask_javascript(learned=learned, examples=examples)["inputs"]
    return {name: np.array(t["data"], t["type"]).reshape(t["dims"]) for name, t in found.items()}


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
@pytest.mark.parametrize("name", TASKS)
def test_javascript_reads_alike(name):
    examples = seqzoo.get_task(name).own_data().x
    if name == "one_to_one":
        examples = [{"island": "Dream", "body_mass_g": None}, {"island": "", "body_mass_g": 3000}]
    if name in ("video", "speech"):
        examples = [each.tolist() for each in examples]
    more = {"sentiment": {"ratings": {"good": 0.5}, "bigrams": True, "min_count": 1}, "ner": {"letter_units": 4}}
    model = small_model(name, **more.get(name, {}))
    if name in ("music", "one_to_one"):  # rows of one vector: no time
        flat = lambda *args: {key: array.reshape(len(examples), -1) for key, array in javascript_inputs(*args).items()}
        return assert_reads_alike(model, examples, flat)
    assert_reads_alike(model, examples, javascript_inputs, about=ABOUT.get(name, 0))


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
@pytest.mark.parametrize("kind", ["frames", "sounds"])
def test_javascript_reads_frames_alike(kind):
    name, options, examples = OTHER_KINDS[kind]
    assert_reads_alike(
        small_model(name, **options), [np.asarray(each).tolist() for each in examples], javascript_inputs
    )


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
@settings(deadline=None, max_examples=5)
@given(st.lists(TEXTS, min_size=50, max_size=50))
def test_javascript_reads_any_text_alike(texts):
    for sentence, found in zip(texts, ask_javascript(texts=texts)["said"]):
        looks = [[read.looks(token), read.groups_of(read.looks(token)[0])] for token in sentence.split()]
        words = read.words_of(sentence)
        assert found == [words, read.stems_of(words), read.split_words(sentence), looks]


@settings(deadline=None, max_examples=100)
@given(TEXTS)
def test_any_text_has_the_same_words(sentence):
    (words,) = text.split([sentence])
    assert read.words_of(sentence) == words
    assert [read.stems_of(words)] == text.stems_of([words])
    assert [read.split_words(sentence)] == split_words([sentence], lower_case=True)


@settings(deadline=None, max_examples=100)
@given(TEXTS)
def test_any_token_looks_alike(sentence):
    for token in sentence.split():
        normal = unicodedata.normalize("NFC", token)
        looks = [function([normal]).numpy()[0].decode() for function in PARTS.values()]
        assert read.looks(token) == looks
        assert read.groups_of(looks[0]) == group_ids(looks[:1])[0].tolist()
