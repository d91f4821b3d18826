import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from seqzoo.runs.parameters import ParameterError
from seqzoo.runs.record import read_run
from seqzoo.runs.runner import RunError
from seqzoo.runs.sweep import combinations, sweep

PARAMETERS = """\
cell = "gru"  # one of: rnn, gru, lstm
units = 8  # size
text = ""  # words
seed = 0  # of the weights
marks = ""  # a folder that knows who ran
metrics_file = "metrics.json"  # where the figures go"""
BODY = """\
import json, os, pathlib, signal, time
assert (cell, units) != ("lstm", 9), "nine is too many"
if marks:
    mark = pathlib.Path(marks) / f"{cell}-{units}-{seed}"
    first = not mark.exists()
    mark.write_text(str(int(mark.read_text() or 0) + 1) if mark.exists() else "1")
    time.sleep(1.0 if seed else 0.2)
    if text == "kill" and first and seed == 1:
        os.kill(os.getppid(), signal.SIGKILL)  # the worker, whose kernel this is
        time.sleep(5)
pathlib.Path(metrics_file).write_text(json.dumps({"accuracy": units / 10, "cell": cell, "seed": seed}))"""


def finished(out):
    """The folders of the runs that reached their end."""
    return {str(f.parent) for f in out.glob("*/*/run.json") if json.loads(f.read_text())["status"] == "ok"}


@pytest.fixture
def notebook(tmp_path):
    parameters = new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})
    path = tmp_path / "small.ipynb"
    nbformat.write(new_notebook(cells=[parameters, new_code_cell(BODY)]), path)
    return path


def test_every_combination_is_there_once(notebook):
    plan = combinations(notebook, ["cell=rnn,gru,rnn", "units=8,16"], seeds=2)
    assert len(plan) == 8
    assert plan[:3] == [
        {"cell": "rnn", "units": 8, "seed": 0},
        {"cell": "rnn", "units": 8, "seed": 1},
        {"cell": "rnn", "units": 16, "seed": 0},
    ]
    assert combinations(notebook, ["text=['a, b', 'c']"]) == [{"text": "a, b"}, {"text": "c"}]
    assert combinations(notebook) == [{}]


@pytest.mark.parametrize(
    "assignments, seeds, words",
    [
        (["cel=rnn"], None, "Expected a parameter of small, received 'cel'"),
        (["cell=rnn,grru"], None, "Expected cell to be one of rnn, gru, lstm, received 'grru'"),
        (["units=8,three"], None, "Expected units to be of type int"),
        (["units=8", "units=16"], None, "Expected each parameter once, received units twice"),
        (["seed=3"], 2, "not both"),
        (["units"], None, "Expected name=value"),
    ],
)
def test_wrong_requests_are_refused_before_anything_is_written(notebook, assignments, seeds, words, tmp_path):
    with pytest.raises(ParameterError, match=words):
        sweep(notebook, assignments, seeds, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_failed_run_does_not_stop_the_others_and_done_runs_are_not_done_again(notebook, tmp_path):
    marks = tmp_path / "marks"
    marks.mkdir()
    request = ["cell=gru,lstm", "units=8,9", f"marks={marks}"]
    done = sweep(notebook, request, out=tmp_path / "out", compare=False, workers=2)
    assert [run["status"] for run in done.runs] == ["ok", "ok", "ok", "failed"]
    (failed,) = done.failed
    assert (failed["cell"], failed["units"]) == ("lstm", 9) and "nine is too many" in failed["error"]
    assert nbformat.read(next(iter((tmp_path / "out").glob("*lstm-units=9-*/*/small.ipynb"))), 4)
    table = pd.read_csv(done.table)
    assert table["accuracy"].tolist()[:3] == [0.8, 0.9, 0.8] and table["folder"].nunique() == 4
    again = sweep(notebook, [*request[:2], request[2]], seeds=None, out=tmp_path / "out", compare=False)
    assert [run["folder"] for run in again.runs[:3]] == [run["folder"] for run in done.runs[:3]]
    assert {mark.read_text() for mark in marks.iterdir()} == {"1"}
    assert len(list((tmp_path / "out").glob("*lstm-units=9-*/*/run.json"))) == 2  # only the failed one was tried again


def test_killed_half_way_it_goes_on_where_it_was(notebook, tmp_path):
    marks, out = tmp_path / "marks", tmp_path / "out"
    marks.mkdir()
    code = "from seqzoo.runs.sweep import sweep; import sys\n"
    code += "if __name__ == '__main__': sweep(sys.argv[1], [f'marks={sys.argv[2]}'], 4, sys.argv[3], compare=False, workers=1)"
    (tmp_path / "go.py").write_text(code)
    command = [sys.executable, tmp_path / "go.py", notebook, marks, out]
    with subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL) as process:
        until = time.monotonic() + 120
        while len(finished(out)) < 2 and time.monotonic() < until:
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)
    before = finished(out)
    assert 2 <= len(before) < 4
    done = sweep(notebook, [f"marks={marks}"], 4, out, compare=False)
    assert not done.failed and len(done.runs) == 4
    assert before <= {run["folder"] for run in done.runs}


TRAINED = """\
import json, pathlib, random, time
backup, marks = pathlib.Path(backup_dir), pathlib.Path(marks)
backup.mkdir(exist_ok=True)
states = sorted(backup.glob("*.state"))
epoch, loss = json.loads(states[-1].read_text()) if states else (0, 1.0)
while epoch < 4:
    with (marks / "epochs").open("a") as epochs:
        epochs.write(f"{seed}{epoch} ")
    if (seed, epoch) == (1, 2) and not (marks / "cut").exists():
        (marks / "cut").touch()
        time.sleep(60)
    epoch, loss = epoch + 1, loss * random.Random(f"{seed} {epoch}").random()
    (backup / f"{epoch:06}.state").write_text(json.dumps([epoch, loss]))
pathlib.Path(metrics_file).write_text(json.dumps({"loss": loss}))"""


def test_killed_within_an_epoch_the_same_command_ends_with_the_figures_of_an_uncut_sweep(tmp_path):
    parameters = 'seed = 0  # of the weights\nmarks = ""  # a folder\nbackup_dir = ""\nmetrics_file = "metrics.json"'
    notebook = tmp_path / "trained.ipynb"
    first = new_code_cell(parameters, metadata={"tags": ["parameters"]})
    nbformat.write(new_notebook(cells=[first, new_code_cell(TRAINED)]), notebook)
    command = [shutil.which("seqzoo", path=Path(sys.executable).parent), "sweep", notebook, "--seeds", "3"]

    def start(name):
        marks = tmp_path / f"marks of {name}"
        marks.mkdir(exist_ok=True)
        more = ["-p", f"marks={marks}", "--workers", "1", "--no-compare", "--out", tmp_path / name]
        return marks, subprocess.Popen([*command, *more], start_new_session=True, stderr=subprocess.DEVNULL)

    marks, sweep = start("cut")
    with sweep:
        until = time.monotonic() + 120
        while not (marks / "cut").exists() and time.monotonic() < until:
            time.sleep(0.05)
        os.killpg(sweep.pid, signal.SIGKILL)
    (left,) = (tmp_path / "cut").glob("*seed=1*/*/run.json")
    until = time.monotonic() + 60
    while read_run(left)["status"] != "killed" and time.monotonic() < until:  # its kernel sees that it is alone
        time.sleep(0.05)
    (tmp_path / "marks of uncut").mkdir()
    (tmp_path / "marks of uncut" / "cut").touch()
    tables = []
    for name in ("cut", "uncut"):
        _, sweep = start(name)
        assert sweep.wait(timeout=180) == 0
        tables.append(pd.read_csv(tmp_path / name / "runs.csv"))
    assert tables[0]["loss"].tolist() == tables[1]["loss"].tolist() and tables[0]["loss"].nunique() == 3
    assert (marks / "epochs").read_text().split() == "00 01 02 03 10 11 12 12 13 20 21 22 23".split()


def test_ctrl_c_says_what_is_done(notebook, tmp_path):
    marks, out = tmp_path / "marks", tmp_path / "out"
    marks.mkdir()
    command = [shutil.which("seqzoo", path=Path(sys.executable).parent), "sweep", notebook, "-p", f"marks={marks}"]
    command += ["--seeds", "6", "--workers", "1", "--no-compare", "--out", out]
    # What is started in the background ignores Ctrl-C, and its children do: not this one.
    heed = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(
        command, start_new_session=True, stderr=subprocess.PIPE, text=True, preexec_fn=heed
    ) as process:
        until = time.monotonic() + 120
        while not finished(out) and time.monotonic() < until:
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: the workers get it too
        said = process.communicate(timeout=180)[1]
    assert process.returncode == 130
    told = r"The sweep was stopped with [1-5] of 6 runs done, in .*out\.\nThe same command does the rest\.\s*$"
    assert re.search(told, said), said


def test_a_run_whose_worker_dies_is_done_by_another(notebook, tmp_path):
    marks = tmp_path / "marks"
    marks.mkdir()
    done = sweep(notebook, [f"marks={marks}", "text=kill"], 2, tmp_path / "out", compare=False, workers=1)
    assert [run["status"] for run in done.runs] == ["ok", "ok"]
    tries = [json.loads(file.read_text())["status"] for file in (tmp_path / "out").glob("*seed=1*/*/run.json")]
    assert sorted(tries) == ["ok", "running"]


def test_no_scheduler_is_said_in_words(notebook, tmp_path):
    with pytest.raises(RunError, match="Expected a Dask scheduler at tcp://127.0.0.1:9"):
        sweep(notebook, out=tmp_path, scheduler="tcp://127.0.0.1:9", compare=False)


def test_a_script_that_its_workers_cannot_import_is_told_the_missing_line(notebook, tmp_path):
    call = f"sweep({str(notebook)!r}, ['marks='], 1, {str(tmp_path / 'out')!r}, compare=False)"
    (tmp_path / "go.py").write_text(f"from seqzoo.runs.sweep import sweep\n\ndef go():\n    {call}\n\ngo()\n")
    script = subprocess.run([sys.executable, tmp_path / "go.py"], capture_output=True, text=True, timeout=120)
    *_, expected, received, to_do = script.stderr.strip().splitlines()
    assert 'Expected if __name__ == "__main__": above the call' in expected
    assert "go.py, line 6" in received and 'write if __name__ == "__main__":' in to_do
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("scheduler", ["nonsense", "foo://127.0.0.1:9"])
def test_no_address_is_said_in_words(notebook, tmp_path, scheduler):
    with pytest.raises(RunError, match=f"Expected a Dask scheduler at {scheduler}"):
        sweep(notebook, out=tmp_path, scheduler=scheduler, compare=False)


def test_what_cannot_be_compared_is_named_with_the_table_of_its_runs(notebook, tmp_path, monkeypatch):
    def fail(*arguments, **options):
        raise RunError("compare failed")

    sweep(notebook, out=tmp_path / "out", compare=False)
    monkeypatch.setattr("seqzoo.runs.sweep.run_notebook", fail)
    with pytest.raises(RunError, match=r"(?s)1 runs are in .*runs\.csv.*compare failed"):
        sweep(notebook, out=tmp_path / "out")


@pytest.mark.parametrize("text", ["[rnn,lstm]", "['rnn', 'lstm']", "rnn,lstm"])
def test_lists_of_texts_need_no_quotes(text):
    assert combinations("dna", [f"cell={text}"]) == [{"cell": "rnn"}, {"cell": "lstm"}]


def test_half_a_list_is_a_value_like_others():
    with pytest.raises(ParameterError, match=r"cell to be one of rnn, gru, lstm, received '\[rnn'"):
        combinations("dna", ["cell=[rnn"])
