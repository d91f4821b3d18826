import json

import keras
import pytest

import seqzoo
from seqzoo.door import Refused
from seqzoo.runs.metrics import write_metrics


def test_an_earlier_file_is_never_overwritten(tmp_path):
    paths = [write_metrics(tmp_path / "runs" / "m.json", {"figure": n}) for n in range(3)]
    assert [path.name for path in paths] == ["m.json", "m-2.json", "m-3.json"]
    assert [json.loads(path.read_text())["figure"] for path in paths] == [0, 1, 2]


def test_the_model_stands_beside_its_figures_and_over_nobody_elses(tmp_path):
    models = [keras.Sequential([keras.Input((size,)), keras.layers.Dense(1)]) for size in (2, 3)]
    (tmp_path / "model.keras").write_text("somebody's own")
    paths = [write_metrics(tmp_path / "metrics.json", {}, model) for model in models]
    assert [path.name for path in paths] == ["metrics-2.json", "metrics-3.json"]
    assert [seqzoo.load_model(tmp_path / f"model-{n}.keras").input_shape for n in (2, 3)] == [(None, 2), (None, 3)]
    assert (tmp_path / "model.keras").read_text() == "somebody's own"


def test_a_save_that_is_cut_off_leaves_no_model(tmp_path, monkeypatch):
    def cut(file):
        file.write_text("half")
        raise KeyboardInterrupt

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    monkeypatch.setattr(model, "save", cut)
    with pytest.raises(KeyboardInterrupt):
        write_metrics(tmp_path / "metrics.json", {}, model)
    with pytest.raises(Refused, match=r"Received: .*model\.keras, which is not there"):
        seqzoo.load_model(tmp_path)
