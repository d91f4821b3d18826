import gzip

import keras
import numpy as np
import pytest

import seqzoo
from seqzoo.door import Refused
from seqzoo.preprocessing.word_vectors import read_vectors

VECTORS = {"good": [0.5, -1.0, 2e-3], "Film": [1.0, 2.0, 3.0], "film": [4.0, 5.0, 6.0], "a": [7.0, 8.0, 9.0]}
LINES = [f"{word} {' '.join(map(str, vector))}" for word, vector in VECTORS.items()]
MADE = {
    "sentiment": dict(texts=["a good film", "a good film"], embedding=5, units=4),
    "ner": dict(texts=["a good film", "a good film"], labels=["x", "y"], embedding=5, units=4),
    "translation": dict(pairs=[("a good film", "un bon film")] * 2, embedding=5, units=4),
}
LAYER = {"sentiment": "words_vectors", "ner": "word_vectors", "translation": "source_vectors"}


def written(folder, lines=LINES, end="\n"):
    file = folder / "vectors.txt"
    file.write_bytes(end.join([*lines, ""]).encode())
    return file


def vectors_of(name, model):
    return (model.network.encoder if name == "translation" else model).get_layer(LAYER[name])


def words_of(name, model):
    preprocessor = model.preprocessor
    if name == "translation":
        return [*[""] * 4, *(token.removeprefix("▁") for token in preprocessor.source.tokens)]
    return ["", "", *(preprocessor.words if name == "sentiment" else preprocessor.vocabularies["word"]).words]


def test_glove_word2vec_and_gzip_are_read_alike(tmp_path):
    plain = list(read_vectors(written(tmp_path)))
    assert {word: vector.tolist() for word, vector in plain} == {
        word: np.float32(vector).tolist() for word, vector in VECTORS.items()
    }
    forms = [written(tmp_path, ["4 3", *LINES]), written(tmp_path, [f"{line} " for line in LINES], "\r\n")]
    forms.append(tmp_path / "vectors.txt.gz")
    forms[-1].write_bytes(gzip.compress("\n".join(LINES).encode()))
    for form in forms:
        assert [(word, vector.tolist()) for word, vector in read_vectors(form)] == [
            (word, vector.tolist()) for word, vector in plain
        ]


def test_words_of_published_files_that_hold_spaces_and_ends_of_lines(tmp_path):
    lines = ["the 1 2", "at name@domain.com 3 4", ". . . 5 6", "\x85 7 8", "\u2028 9 1", "12 3 4", "\u00a0 5 6"]
    assert [word for word, _ in read_vectors(written(tmp_path, lines))] == [line[:-4] for line in lines]


@pytest.mark.parametrize(
    "line, words, said",
    [
        (2, "good 1 2", "3 numbers.*2 numbers"),
        (3, "good 1 2 3 4", "3 numbers.*4 numbers"),
        (2, "good 1 two 3", "numbers.*'two'"),
        (4, "good 1 nan 3", "finite.*'nan'"),
        (4, "good 1 2 -inf", "finite.*'-inf'"),
        (3, "a 1 2 3", "once.*'a'"),
        (2, "", "3 numbers.*0 numbers"),
        (2, "alone", "3 numbers.*0 numbers"),
        (1, "5 3", "words.*4.*5"),
        (1, "0 3", "how many"),
    ],
)
def test_a_bad_line_is_told_by_its_number(tmp_path, line, words, said):
    lines = ["a 1 2 3", "b 1 2 3", "c 1 2 3", "d 1 2 3"]
    lines.insert(line - 1, words)
    with pytest.raises(Refused, match=f"(?s){said}") as refusal:
        list(read_vectors(written(tmp_path, lines)))
    assert f"line {line} of vectors.txt" in str(refusal.value) and len(str(refusal.value).splitlines()) == 3


def test_a_line_that_differs_from_the_header_is_told(tmp_path):
    with pytest.raises(Refused, match="(?s)2 numbers in line 2.*3 numbers"):
        list(read_vectors(written(tmp_path, ["4 2", *LINES])))


def test_files_that_are_none_are_refused(tmp_path):
    file = tmp_path / "vectors.bin"
    file.write_bytes(b"2 2\nthe \xff\xfe\x00\x01\n")
    for broken, said in [(tmp_path / "none.txt", "which is none"), (file, "UTF-8 in line 2")]:
        with pytest.raises(Refused, match=said):
            list(read_vectors(broken))
    cut = tmp_path / "cut.gz"
    cut.write_bytes(gzip.compress("\n".join(LINES).encode())[:-12])
    with pytest.raises(Refused, match="whole gzip"):
        list(read_vectors(cut))


@pytest.mark.parametrize(
    "name, freeze", [("sentiment", True), ("ner", True), ("translation", True), ("sentiment", False)]
)
def test_words_begin_as_the_file_has_them(name, freeze, tmp_path, capsys):
    """A word as it is written goes before one in capitals; the size is the file's; saved and loaded without it."""
    file = written(tmp_path)
    model = seqzoo.create_model(name, vectors=file, freeze_vectors=freeze, **MADE[name])
    words = words_of(name, model)
    assert capsys.readouterr().out.startswith(f"3 of {len(set(words) - {''})} words")
    expected = np.float32([VECTORS.get(word, [0, 0, 0]) for word in words])
    np.testing.assert_array_equal(vectors_of(name, model).get_weights()[0], expected)
    targets = {"sentiment": ["positive"], "ner": [["x", "y", "x"]], "translation": ["un bon film"]}[name]
    model.run_eagerly = True  # nothing to compile
    model.fit(["a good film"], targets, verbose=0)
    after = vectors_of(name, model).get_weights()[0]
    assert np.array_equal(after, expected) == freeze
    file.unlink()
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(vectors_of(name, again).get_weights()[0], after)
    assert vectors_of(name, again).trainable != freeze


@pytest.mark.parametrize("name", MADE)
def test_what_cannot_work_is_refused(name, tmp_path):
    with pytest.raises(Refused, match="vectors to freeze"):
        seqzoo.create_model(name, freeze_vectors=True, **MADE[name])
    with pytest.raises(Refused, match="none of its"):
        seqzoo.create_model(name, vectors=written(tmp_path, ["xyz 1 2"]), **MADE[name])
    if name == "translation":
        with pytest.raises(Refused, match="subwords"):
            seqzoo.create_model(name, vectors=written(tmp_path), tokenizer="subwords", **MADE[name])
