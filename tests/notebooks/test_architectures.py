"""Each of the five architectures learns the small task that the notebook gives it."""

import nbformat

from seqzoo.runs.runner import run_notebook


def test_notebook(tmp_path):
    run = run_notebook("architectures", {"examples": 1000, "units": 16}, tmp_path, timeout=600)
    assert len(run.metrics["chance"]) == 5
    for name, chance in run.metrics["chance"].items():
        assert run.metrics[name] > chance + 0.2, name
    notebook = nbformat.read(run.notebook, as_version=4)
    outputs = [o for c in notebook.cells for o in c.get("outputs", ())]
    pictures = [o for o in outputs if "image/png" in o.get("data", ())]
    assert len(pictures) == 11 and all(len(o.metadata["image/png"]["alt"]) > 40 for o in pictures)
    assert not [o for o in outputs if o.output_type == "error"]
