"""The notebook runs through papermill, from the parameters to the figure."""

import nbformat

import seqzoo
from seqzoo.runs.runner import run_notebook


def test_notebook(mini_data_dir, tmp_path):
    small = dict(units=64, learning_rate=0.005, dropout=0.0, batch_size=16, epochs=14, beam_width=2)
    run = run_notebook("translation", {"data_dir": str(mini_data_dir), **small}, tmp_path, timeout=600)
    assert seqzoo.load_model(run.folder).count_params() == run.metrics["parameters"]
    assert run.metrics["cell"] == "gru" and 1 <= run.metrics["epochs_done"] <= 14
    # the most similar training name, the baseline in the notebook, has none right and BLEU 52
    assert run.metrics["exact"] > 0.3 and run.metrics["bleu"] > 70
    notebook = nbformat.read(run.notebook, as_version=4)
    pictures = [o for c in notebook.cells for o in c.get("outputs", ()) if "image/png" in o.get("data", ())]
    assert len(pictures) == 5
    assert not [o for c in notebook.cells for o in c.get("outputs", ()) if o.output_type == "error"]
