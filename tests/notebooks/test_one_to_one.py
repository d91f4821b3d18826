import signal
import subprocess
import sys
import time

import nbformat
import pytest

import seqzoo
from seqzoo.runs.preset import make_preset
from seqzoo.runs.runner import run_notebook


@pytest.fixture(scope="module")
def given(mini_data_dir):
    return dict(epochs=10, data_dir=str(mini_data_dir))


@pytest.fixture(scope="module")
def run(given, tmp_path_factory):
    return run_notebook("one_to_one", given, tmp_path_factory.mktemp("runs"), timeout=600)


def test_notebook(run, mini_data_dir, tmp_path):
    task = seqzoo.get_task("one_to_one")
    kept = task.score(seqzoo.load_model(run), task.batches("mini", "test", data_dir=str(mini_data_dir)))
    assert kept["accuracy"] == run.metrics["accuracy"]
    preset = make_preset(run.folder, tmp_path / "birds", data_dir=str(mini_data_dir))
    card = (preset / "README.md").read_text(encoding="utf-8")
    assert "`seqzoo run one_to_one -p epochs=10 -p seed=0`" in card and "| licence of the data | CC0 |" in card
    assert seqzoo.from_preset(preset).labels == task.labels("mini")
    # 50 birds, of which 44 % are of the commonest species: six standard deviations above it
    assert run.metrics["accuracy"] > 0.86
    notebook = nbformat.read(run.notebook, as_version=4)
    outputs = [o for c in notebook.cells for o in c.get("outputs", ())]
    assert len([o for o in outputs if "image/png" in o.get("data", ())]) == 5
    assert not [o for o in outputs if o.output_type == "error"]


def test_a_run_that_is_killed_in_training_goes_on_to_the_same_figures(run, given, tmp_path):
    command = [sys.executable, "-c", "from seqzoo.cli import main; main()", "run", "one_to_one", "--out", tmp_path]
    process = subprocess.Popen([*command, *(part for name in given for part in ("-p", f"{name}={given[name]}"))])
    while process.poll() is None and not list(tmp_path.glob("*/backup/000003.state")):
        time.sleep(0.02)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    time.sleep(3)  # its kernel sees that it is alone, and ends
    resumed = run_notebook("one_to_one", given, tmp_path, timeout=600)
    assert resumed.resumed and not run.resumed
    figures = lambda run: {name: value for name, value in run.metrics.items() if name != "seconds"}
    assert figures(resumed) == figures(run)
