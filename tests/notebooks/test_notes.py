"""The notes' equations equal the layers, and the gated cells remember what the plain one forgets."""

import nbformat

from seqzoo.runs.runner import run_notebook


def test_notebook(tmp_path):
    run = run_notebook("notes", {"units": 4, "time": 7, "examples": 1500}, tmp_path, timeout=600)
    assert run.metrics["largest_difference"] < 1e-5
    gated = max(run.metrics["gru_accuracy_far"], run.metrics["lstm_accuracy_far"])
    assert gated > run.metrics["rnn_accuracy_far"] + 0.2
    notebook = nbformat.read(run.notebook, as_version=4)
    outputs = [o for c in notebook.cells for o in c.get("outputs", ())]
    assert len([o for o in outputs if "image/png" in o.get("data", ())]) == 9
    assert not [o for o in outputs if o.output_type == "error"]
