"""Runs that were cut off: which go on, and which are left alone."""

import json
import signal
import subprocess
import sys
import time

import pytest

from seqzoo.runs.record import read_run
from seqzoo.runs.resume import cut_off
from seqzoo.runs.runner import RunError, run_notebook

PARAMETERS = 'cell = "gru"\nmetrics_file = ""\nbackup_dir = ""\n'
TRAIN = """
import pathlib, time
backup = pathlib.Path(backup_dir)
first = not backup.exists()
backup.mkdir(exist_ok=True)
(backup / "000001.state").write_text("an epoch")
if first:
    {}
"""
METRICS = "import json; json.dump({'again': not first}, open(metrics_file, 'w'))"
RUN = """
import sys
from seqzoo.runs.runner import run_notebook
run_notebook(sys.argv[1], {"cell": "lstm"}, sys.argv[2])
"""


@pytest.fixture
def notebook(write_notebook):
    return lambda cut: write_notebook(TRAIN.format(cut), METRICS, parameters=PARAMETERS)


@pytest.fixture
def at_work(notebook, tmp_path):
    """A run in a process of its own, in the middle of its training."""
    file = notebook("time.sleep(60)")
    process = subprocess.Popen([sys.executable, "-c", RUN, file, tmp_path / "runs"])
    for _ in range(600):
        if found := list((tmp_path / "runs").glob("*/backup/*.state")):
            break
        time.sleep(0.1)
    yield process, file, found[0].parents[1]
    process.kill()
    process.wait()


def again(file, tmp_path, parameters=None, **options):
    return run_notebook(file, parameters or {"cell": "lstm"}, tmp_path / "runs", **options)


def test_a_killed_run_is_told_from_one_at_work_and_goes_on(at_work, tmp_path):
    process, file, folder = at_work
    assert read_run(folder / "run.json")["status"] == "running"
    process.send_signal(signal.SIGKILL)
    process.wait()
    for _ in range(100):  # its kernel sees that it is alone
        if read_run(folder / "run.json")["status"] != "running":
            break
        time.sleep(0.1)
    assert read_run(folder / "run.json")["status"] == "killed"
    run = again(file, tmp_path)
    assert run.folder == folder and run.resumed and run.metrics == {"again": True}
    assert {file.name for file in folder.iterdir()} == {"tiny.ipynb", "metrics.json", "run.json"}
    record = json.loads((folder / "run.json").read_text())
    assert record["status"] == "ok" and record["started"] <= record["resumed"]
    assert cut_off(tmp_path / "runs", record) is None  # it has ended


def test_two_runs_at_work_never_share_a_folder(at_work, tmp_path, notebook):
    _, file, folder = at_work
    with pytest.raises(RunError) as stop:
        again(file, tmp_path, timeout=12)
    assert stop.value.run.folder != folder


@pytest.mark.parametrize("cut", ["raise ValueError", "import os; os.abort()"])
def test_what_failed_goes_on_where_all_is_the_same(notebook, tmp_path, cut):
    file = notebook(cut)
    with pytest.raises(RunError) as failure:
        again(file, tmp_path)
    cut_off = failure.value.run.folder
    for options in ({"resume": False}, {"parameters": {"cell": "rnn"}}):
        with pytest.raises(RunError) as failure:
            again(file, tmp_path, **options)
        assert failure.value.run.folder != cut_off
    seconds = json.loads((cut_off / "run.json").read_text())["seconds"]
    (tmp_path / "runs" / "empty").mkdir()
    (tmp_path / "runs" / "empty" / "run.json").write_text("")
    run = again(file, tmp_path)
    assert run.resumed and run.metrics == {"again": True} and run.seconds > seconds
    with pytest.raises(RunError) as failure:  # other cells are another notebook
        again(notebook(f"pass; {cut}"), tmp_path)
    assert not failure.value.run.resumed
