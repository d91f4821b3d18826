"""The notebook runs from the parameters to the figure."""

import nbformat

import seqzoo
from seqzoo.runs.runner import run_notebook

SMALL = dict(cell="gru", units=16, embedding=16, learning_rate=0.01, ema_momentum=0.9, epochs=2)


def test_notebook(mini_data_dir, tmp_path):
    run = run_notebook("ner", {"data_dir": str(mini_data_dir), **SMALL}, tmp_path, timeout=600)
    assert seqzoo.load_model(run.folder).count_params() == run.metrics["parameters"]
    assert run.metrics["cell"] == "gru" and 1 <= run.metrics["epochs_done"] <= 2
    # 989 test tokens, 18 % of them with the commonest label; the commonest label of each word gets 60 %
    assert run.metrics["token_accuracy"] > 0.75 and run.metrics["span_f1"] > 0.6
    notebook = nbformat.read(run.notebook, as_version=4)
    pictures = [o for c in notebook.cells for o in c.get("outputs", ()) if "image/png" in o.get("data", ())]
    assert len(pictures) == 9
    assert not [o for c in notebook.cells for o in c.get("outputs", ()) if o.output_type == "error"]
