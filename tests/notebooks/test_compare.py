import json

import nbformat
import pytest

from seqzoo.runs.runner import RunError, run_notebook


def test_notebook(tmp_path):
    for k, cell in enumerate(("rnn", "gru", "gru")):
        folder = tmp_path / "runs" / str(k)
        folder.mkdir(parents=True)
        parameters = dict(cell=cell, seed=k, units=8 * (k + 1), dataset="mini")
        run = dict(notebook="ner", parameters=parameters, status="ok", seconds=9.0, started=f"{k}")
        (folder / "run.json").write_text(json.dumps(run))
        (folder / "metrics.json").write_text(json.dumps({"task": "ner", "span_f1": 0.5 + k / 10}))
    run = run_notebook("compare", {"runs": str(tmp_path / "runs")}, tmp_path / "out", timeout=300)
    assert {"runs": 3, "ok": 3, "notebooks": ["ner"]}.items() <= run.metrics.items()
    outputs = [o for c in nbformat.read(run.notebook, 4).cells for o in c.get("outputs", ())]
    assert len([o for o in outputs if "image/png" in o.get("data", ())]) == 3
    assert any("span_f1" in o["data"].get("text/html", "") for o in outputs if "data" in o)


def test_an_empty_folder_is_refused_in_words(tmp_path):
    with pytest.raises(RunError, match="Expected a folder of runs"):
        run_notebook("compare", {"runs": str(tmp_path)}, tmp_path / "out", timeout=300)
