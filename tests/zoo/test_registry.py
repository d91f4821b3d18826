import subprocess
import sys

import numpy as np
import pytest

import seqzoo

TINY = {
    "translation": {"pairs": [("a a", "b b")], "embedding": 2},
    "speech": {"sounds": [[[0.0, 1.0]]], "labels": ["yes"]},
    "dna": {"labels": 2},
    "video": {"shape": (None, 2), "labels": 2},
    "one_to_one": {"columns": {"size": [1.0, 2.0]}, "labels": 2},
}


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("name", seqzoo.list_models())
def test_every_listed_model_builds_at_a_tiny_size(name, cell):
    model = seqzoo.create_model(name, cell=cell, units=2, **TINY.get(name, {"texts": ["a a"], "embedding": 2}))
    assert model.compiled and model.optimizer is not None


def test_an_unknown_name_lists_what_there_is():
    with pytest.raises(ValueError, match="'sentiment'.*Received: 'sentimnet'. Did you mean 'sentiment'?"):
        seqzoo.create_model("sentimnet")


def test_an_unknown_option_is_refused():
    with pytest.raises(TypeError, match="cel"):
        seqzoo.create_model("sentiment", cel="lstm")


def test_a_saved_model_loads_in_a_fresh_process(tmp_path):
    model = seqzoo.create_model("sentiment", texts=["good film", "a good film"], units=3, embedding=3)
    model.save(tmp_path / "model.keras")
    expected = model.predict(["a good film"], verbose=0).item()
    code = (
        "import sys, seqzoo; assert 'keras' not in sys.modules\n"
        f"model = seqzoo.load_model({str(tmp_path / 'model.keras')!r})\n"
        "print(float(model.predict(['a good film'], verbose=0)[0, 0]))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    np.testing.assert_allclose(float(run.stdout.split()[-1]), expected, atol=1e-6)
