"""The notebook runs through papermill, from the parameters to the figure."""

import json
from pathlib import Path

import nbformat
import papermill
import pytest
import tensorflow as tf

import seqzoo
from seqzoo.runs.runner import run_notebook

SMALL = dict(cell="lstm", units=16, embedding=32, learning_rate=0.005, epochs=2, limit=2000, seed=5)


@pytest.fixture(scope="module")
def run(mini_data_dir, tmp_path_factory):
    parameters = {"data_dir": str(mini_data_dir), "tensorboard": True, **SMALL}
    return run_notebook("sentiment", parameters, tmp_path_factory.mktemp("runs"), timeout=600)


def test_notebook(run):
    assert seqzoo.load_model(run.folder).count_params() == run.metrics["parameters"]
    assert run.metrics["cell"] == "lstm" and 1 <= run.metrics["epochs_done"] <= 2
    # 979 test sentences, of which 51 % have the commoner label: four standard deviations above it
    assert run.metrics["accuracy"] > 0.58
    notebook = nbformat.read(run.notebook, as_version=4)
    pictures = [o for c in notebook.cells for o in c.get("outputs", ()) if "image/png" in o.get("data", ())]
    assert len(pictures) == 7
    assert not [o for c in notebook.cells for o in c.get("outputs", ()) if o.output_type == "error"]
    assert scalars(run.folder / "tensorboard") == {"epoch_loss", "epoch_accuracy"}


def scalars(folder):
    """The names of what TensorBoard would draw."""
    events = [e for file in folder.rglob("events*") for e in tf.compat.v1.train.summary_iterator(str(file))]
    return {v.tag for e in events for v in e.summary.value if v.tag in ("epoch_loss", "epoch_accuracy")}


def test_plain_papermill_gives_with_the_same_seed_the_same_figures(run, mini_data_dir, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    notebook = Path(__file__).parents[2] / "notebooks" / "sentiment.ipynb"
    parameters = {"data_dir": str(mini_data_dir), **SMALL}
    papermill.execute_notebook(notebook, "out.ipynb", parameters, progress_bar=False)
    plain = json.loads((tmp_path / "metrics.json").read_text())
    assert plain["cell"] == "lstm" and plain["device"]
    for figure in ("accuracy", "validation_accuracy"):
        assert plain[figure] == run.metrics[figure]
