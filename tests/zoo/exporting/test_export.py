"""`seqzoo.export` and `seqzoo export`: what they leave, and what they refuse."""

import json

import keras
import numpy as np
import pytest
from click.testing import CliRunner

import seqzoo
from asked import LARGEST, difference, keras_answer, network, questions, with_random_weights
from seqzoo.cli import main
from seqzoo.door import Refused
from small import small_model

onnxruntime = pytest.importorskip("onnxruntime")
on_tensorflow = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="TensorFlow's own format")


def files(folder):
    return sorted(file.name for file in folder.iterdir())


def test_onnx_of_what_writes(tmp_path):
    folder = seqzoo.export(small_model("translation"), tmp_path)
    beside = ["answer.py", "preprocessor.json", "read.js", "read.py"]
    assert files(folder) == sorted(["model.onnx", "start.onnx", "step.onnx", *beside])


def test_the_model_stays_as_it_is(tmp_path):
    model = small_model("music")
    before = model.predict(["reel"], max_length=5)
    seqzoo.export(model, tmp_path)
    assert model.network.get_layer("symbol_vectors").output.shape == (None, None, 4)
    assert (model.predict(["reel"], max_length=5) == before).all()


def test_a_model_without_a_task(tmp_path):
    model = with_random_weights(keras.Sequential([keras.Input((None, 3)), keras.layers.GRU(4), keras.layers.Dense(2)]))
    assert files(seqzoo.export(model, tmp_path / "new" / "folder")) == ["model.onnx"]
    x = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")
    session = onnxruntime.InferenceSession(tmp_path / "new" / "folder" / "model.onnx")
    (given,) = session.get_inputs()
    assert difference(session.run(["output"], {given.name: x}), keras_answer(model, [x])) <= LARGEST


@on_tensorflow
@pytest.mark.parametrize("architecture, cell", [("many_to_one", "gru"), ("encoder_decoder", "lstm")])
def test_a_savedmodel(architecture, cell, tmp_path):
    import tensorflow as tf

    model = network(architecture, cell, layers=1)
    served = tf.saved_model.load(seqzoo.export(model, tmp_path, "savedmodel"))
    for batch, time in ((1, 4), (3, 7)):
        asked = questions(architecture, batch, time)
        assert difference(served.model(*asked)["output"], keras_answer(model, asked)) <= LARGEST
    assert hasattr(served, "step") == (architecture == "encoder_decoder")


STRINGS = {
    "sentiment": ["A good film!", "No  such word", ""],
    "ner": ["12 Elm St", "(No. 35th St., & U.S.)", "a"],
    "dna": ["ACGT", "ac gun"],
    "translation": ["red hand", "Super-old  foot!", ""],
    "music": ["reel", "jig"],
}


MORE = {"sentiment": {"ratings": {"good": 0.5}, "bigrams": True, "min_count": 1}, "ner": {"letter_units": 4}}


@on_tensorflow
@pytest.mark.parametrize("name", STRINGS)
def test_strings_are_read_alike_in_a_graph(name):
    import tensorflow as tf

    preprocessor = small_model(name, **MORE.get(name, {})).preprocessor
    expected = preprocessor.inputs(preprocessor.rows(STRINGS[name]))
    found = tf.function(preprocessor.in_graph())(tf.constant(STRINGS[name]))
    for key, value in (expected if isinstance(expected, dict) else {"letters": expected}).items():
        np.testing.assert_array_equal(found[key], value, err_msg=key)


@on_tensorflow
def test_a_savedmodel_takes_strings(tmp_path):
    import tensorflow as tf

    model = small_model("sentiment")
    served = tf.saved_model.load(seqzoo.export(model, tmp_path, "savedmodel"))
    found = served.raw(tf.constant(STRINGS["sentiment"]))["output"]
    np.testing.assert_allclose(found, model.predict(STRINGS["sentiment"], verbose=0), atol=LARGEST)


@on_tensorflow
def test_litert_names_its_programs(tmp_path):
    folder = seqzoo.export(network("many_to_one", "rnn", layers=1, bidirectional=False), tmp_path, "litert")
    assert files(folder) == ["model.tflite", "programs.json", "stream.tflite"]
    assert json.loads((folder / "programs.json").read_text())["stream"] == {
        "inputs": ["ids", "state_0"],
        "outputs": ["output", "after_0"],
    }


def test_what_cannot_be_exported_is_refused(tmp_path):
    class Hidden(keras.Model):
        def call(self, x):
            return x

    with pytest.raises(Refused, match="(?s)functional or Sequential.*Hidden.*keras.Model"):
        seqzoo.export(Hidden(), tmp_path)
    with pytest.raises(Refused, match="onnx.*litert.*savedmodel"):
        seqzoo.export(network("one_to_one", "rnn"), tmp_path, format="onxx")


def test_the_command(tmp_path):
    model = small_model("dna")
    model.save(tmp_path / "model.keras")
    for given in ("model.keras", "."):  # a file, or the folder of a run that keeps it
        run = CliRunner().invoke(main, ["export", str(tmp_path / given), "--out", str(tmp_path / "out")])
        assert run.exit_code == 0, run.output
        assert "model.onnx" in files(tmp_path / "out")


def test_the_command_says_what_it_takes(tmp_path):
    run = CliRunner().invoke(main, ["export", str(tmp_path / "nothing")])
    assert run.exit_code == 2
    assert "Expected" in run.output and "nothing" in run.output


def test_what_failed_leaves_nothing(tmp_path):
    network = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, activation="gelu")])
    with pytest.raises(Refused, match="the activation gelu"):
        seqzoo.export(network, tmp_path / "new")
    assert files(tmp_path / "new") == []


def test_a_network_that_joins_its_steps_is_not_streamed(tmp_path):
    x = keras.Input((None, 3))
    for axis, found in ((1, ["model.onnx"]), (-1, ["model.onnx", "stream.onnx"])):
        joined = keras.layers.Concatenate(axis=axis)([x, x])
        network = keras.Model(x, seqzoo.layers.RNN(seqzoo.layers.GRUCell(2))(joined))
        assert files(seqzoo.export(network, tmp_path / str(axis))) == found


@on_tensorflow
@pytest.mark.parametrize("name, text", [("ner", "12{}Elm St’s"), ("dna", "ACGT{}ACGT")])
def test_a_saved_model_knows_the_white_space_that_predict_knows(name, text, tmp_path):
    import tensorflow as tf

    model = small_model(name)
    saved = tf.saved_model.load(seqzoo.export(model, tmp_path, format="savedmodel"))
    for space in "\t\v\f\x1c\x85\xa0\u2003\u2028\u202f\u3000 \u200b":
        given = [text.format(space)] if name == "ner" or space.isspace() else [text.format("")]
        np.testing.assert_allclose(saved.raw(tf.constant(given))["output"], model.predict(given, verbose=0), atol=1e-6)


@on_tensorflow
def test_keras_exports_the_network(tmp_path):
    model = small_model("dna")
    model.export(tmp_path / "served", verbose=False)
    assert (tmp_path / "served" / "saved_model.pb").exists()
