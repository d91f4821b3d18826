import nbformat

import seqzoo
from seqzoo.runs.runner import run_notebook


def test_notebook(mini_data_dir, tmp_path):
    small = dict(units=24, epochs=5, data_dir=str(mini_data_dir))
    run = run_notebook("dna", small, tmp_path, timeout=600)
    assert seqzoo.load_model(run.folder).count_params() == run.metrics["parameters"]
    # 302 stretches, of which 58 % are of the commonest kind: ten standard deviations above it
    assert run.metrics["accuracy"] > 0.86
    notebook = nbformat.read(run.notebook, as_version=4)
    outputs = [o for c in notebook.cells for o in c.get("outputs", ())]
    assert len([o for o in outputs if "image/png" in o.get("data", ())]) == 8
    assert not [o for o in outputs if o.output_type == "error"]
