"""The notes' equations equal the layers, and the gated cells remember what the plain one forgets."""

import io

import nbformat
import pandas as pd

from seqzoo.runs.runner import run_notebook


def test_notebook(tmp_path):
    run = run_notebook("notes", {"units": 4, "time": 7, "examples": 1000}, tmp_path, timeout=600)
    assert run.metrics["largest_difference"] < 1e-5
    gated = max(run.metrics["gru_accuracy_far"], run.metrics["lstm_accuracy_far"])
    assert gated > run.metrics["rnn_accuracy_far"] + 0.2
    notebook = nbformat.read(run.notebook, as_version=4)
    outputs = [o for c in notebook.cells for o in c.get("outputs", ())]
    assert len([o for o in outputs if "image/png" in o.get("data", ())]) == 19
    assert not [o for o in outputs if o.output_type == "error"]

    factors = table(notebook, "memory-factors").set_index("Unnamed: 0")["left at each step back"]
    # what the text above them says of 50 steps and 24 units
    assert 0.55 < factors["gru"] < 0.7 < 0.8 < factors["lstm"] < 0.9 and 0.8 < factors["rnn"] < 0.92
    steps_ago = table(notebook, "memory-training").iloc[:, 0].tolist()[-5:]
    assert steps_ago == ["0–9", "10–19", "20–29", "30–39", "40–49"]


def table(notebook, name):
    (cell,) = [cell for cell in notebook.cells if cell.id == name]
    (html,) = [o["data"]["text/html"] for o in cell.outputs if "text/html" in o.get("data", ())]
    return pd.read_html(io.StringIO(html))[0]
