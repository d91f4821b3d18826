"""The notebook runs through papermill, from the parameters to the files it leaves."""

import nbformat
import pytest

import seqzoo
from seqzoo.runs.runner import run_notebook


@pytest.mark.parametrize("cell, decoder", [("gru", "ctc")])
def test_notebook(cell, decoder, mini_data_dir, tmp_path):
    small = dict(units=32, epochs=4, learning_rate=0.01, ema_momentum=0.0, dropout=0.1, noise=0.1)
    parameters = dict(cell=cell, decoder=decoder, data_dir=str(mini_data_dir), **small)
    run = run_notebook("speech", parameters, tmp_path, timeout=600)
    assert seqzoo.load_model(run.folder).count_params() == run.metrics["parameters"]
    # three words of ten on average: a string is right by chance once in some thousand times
    assert run.metrics["exact"] > 0.5
    assert run.metrics["word_error_rate"] < 0.3
    notebook = nbformat.read(run.notebook, as_version=4)
    outputs = [o for c in notebook.cells for o in c.get("outputs", ())]
    assert len([o for o in outputs if "image/png" in o.get("data", ())]) == 10
    assert not [o for o in outputs if o.output_type == "error"]
