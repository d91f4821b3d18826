import nbformat

import seqzoo
from seqzoo.runs.runner import run_notebook


def test_notebook(mini_data_dir, tmp_path):
    small = dict(cell="gru", units=24, epochs=8, ema_momentum=0.0, data_dir=str(mini_data_dir))
    run = run_notebook("video", small, tmp_path, timeout=600)
    assert seqzoo.load_model(run.folder).count_params() == run.metrics["parameters"]
    # 60 films of 15 movements: by chance 7 %, ten standard deviations are 33 % more
    assert run.metrics["accuracy"] > 0.4
    notebook = nbformat.read(run.notebook, as_version=4)
    outputs = [o for c in notebook.cells for o in c.get("outputs", ())]
    assert len([o for o in outputs if "image/png" in o.get("data", ())]) == 6
    assert not [o for o in outputs if o.output_type == "error"]
