"""The notebook runs through papermill, from the parameters to the files it leaves."""

import io

import mido
import nbformat
import pandas as pd

import seqzoo
from seqzoo.runs.runner import run_notebook

SMALL = dict(units=64, learning_rate=0.01, epochs=2, batch_size=8, limit=400, max_length=300)


def tables(outputs):
    html = [o["data"]["text/html"] for o in outputs if "<table" in o.get("data", {}).get("text/html", "")]
    return [pd.read_html(io.StringIO(table))[0] for table in html]


def test_notebook(mini_data_dir, tmp_path):
    run = run_notebook("music", {"data_dir": str(mini_data_dir), "rhythm": "jig", **SMALL}, tmp_path, timeout=600)
    assert seqzoo.load_model(run.folder).count_params() == run.metrics["parameters"]
    assert 1 <= run.metrics["epochs_done"] <= 2
    # the characters' frequencies alone give 3.1
    assert run.metrics["nats_per_character"] < 2.3
    notebook = nbformat.read(run.notebook, as_version=4)
    outputs = [o for c in notebook.cells for o in c.get("outputs", ())]
    assert len([o for o in outputs if "image/png" in o.get("data", ())]) == 6
    assert not [o for o in outputs if o.output_type == "error"]
    (written,) = [table for table in tables(outputs) if "it writes" in table]
    assert written["epochs"].tolist() == list(range(run.metrics["epochs_done"] + 1))  # one before training too
    assert written["it writes"].iloc[-1] != written["it writes"].iloc[0]
    assert (run.folder / "tune.abc").read_text().startswith("X:1\nT:")
    if (run.folder / "tune.mid").exists():  # so short a training may write what is no ABC
        assert mido.MidiFile(run.folder / "tune.mid").length > 0
