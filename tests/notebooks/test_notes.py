"""The notes' equations equal the layers, and the gated cells remember what the plain one forgets."""

import io
from pathlib import Path

import nbformat
import pandas as pd

from seqzoo.runs.runner import run_notebook

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "notes.ipynb"
FIRST_EXERCISE = """
from seqzoo.layers import to_keras

Wr, br = gru.cell.symbols["Wr"], gru.cell.symbols["br"]
assert np.abs(Wr).max() > 0 and np.abs(br).max() < 10
kernel, recurrent_kernel, bias = to_keras(gru).get_weights()
(zx, rx, hx), (zb, rb, hb) = np.split(x[0] @ kernel, 3, axis=1), np.split(bias, 3)
Uz, Ur, Uh = np.split(recurrent_kernel, 3, axis=1)
h, states = np.zeros(units), []
for t in range(time):
    z, r = σ(zx[t] + h @ Uz + zb), σ(rx[t] + h @ Ur + rb)
    h = z * h + (1 - z) * np.tanh(hx[t] + (r * h) @ Uh + hb)
    states.append(h)
equal("exercise 1", states, gru(x)[0])
"""


def test_notebook(tmp_path):
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    places = [cell.id for cell in notebook.cells]
    notebook.cells.insert(places.index("metrics"), nbformat.v4.new_code_cell(FIRST_EXERCISE))
    nbformat.write(notebook, tmp_path / "notes.ipynb")
    run = run_notebook(tmp_path / "notes.ipynb", {"units": 4, "time": 7, "examples": 1500}, tmp_path, timeout=600)
    assert run.metrics["largest_difference"] < 1e-5
    gated = max(run.metrics["gru_accuracy_far"], run.metrics["lstm_accuracy_far"])
    assert gated > run.metrics["rnn_accuracy_far"] + 0.2
    notebook = nbformat.read(run.notebook, as_version=4)
    outputs = [o for c in notebook.cells for o in c.get("outputs", ())]
    assert len([o for o in outputs if "image/png" in o.get("data", ())]) == 9
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
