"""Runs of notebooks: what is refused, what is kept, what is ended."""

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import nbformat
import pytest

import seqzoo
from seqzoo.runs import runner
from seqzoo.runs.notebook import NotebookError
from seqzoo.runs.parameters import ParameterError
from seqzoo.runs.record import read_run, run_files
from seqzoo.runs.runner import RunError, run_notebook

METRICS = "import json; json.dump({'accuracy': 0.75, 'cell': cell}, open(metrics_file, 'w'))"


def record(run):
    return json.loads((run.folder / "run.json").read_text())


def tracebacks(run):
    cells = nbformat.read(run.notebook, as_version=4).cells
    return [o.ename for c in cells for o in c.get("outputs", []) if o.output_type == "error"]


def outputs(run):
    """What the cells printed, a text for each stream."""
    cells = nbformat.read(run.notebook, as_version=4).cells
    return [o.text for c in cells for o in c.get("outputs", []) if o.output_type == "stream"]


def assert_gone(pid_file):
    pid = int(pid_file.read_text())
    for _ in range(50):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail(f"the kernel, process {pid}, still runs")


def test_a_run_keeps_notebook_metrics_and_record_in_a_folder_of_its_own(write_notebook, tmp_path, monkeypatch):
    other = tmp_path / "kernels" / "python3"  # a kernel of that name in another environment
    other.mkdir(parents=True)
    (other / "kernel.json").write_text('{"argv": ["false"], "display_name": "x", "language": "python"}')
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    notebook = write_notebook("import os, sys; print(sys.executable, os.getcwd())", METRICS)
    run = run_notebook(notebook, {"cell": "lstm", "rate": 1}, tmp_path / "{runs}")

    assert run.status == "ok" and run.metrics == {"accuracy": 0.75, "cell": "lstm"}
    assert run.folder.parent == tmp_path / "{runs}" and run.folder.name.endswith("-cell=lstm-rate=1")
    assert {file.name for file in run.folder.iterdir()} == {"tiny.ipynb", "metrics.json", "run.json"}
    assert f"{sys.executable} {os.getcwd()}" in run.notebook.read_text()
    kept = record(run)
    assert kept["status"] == "ok" and kept["seconds"] == run.seconds > 0
    assert kept["parameters"] == run.parameters == {
        "cell": "lstm", "epochs": 3, "rate": 1, "sizes": [32, 16], "shuffle": True,
        "limit": None, "home": "'a' + 'b'",
    }  # fmt: skip
    assert set(kept["versions"]) == {"python", "seqzoo", "keras", "tensorflow"}


def test_a_dataset_with_a_recipe_of_its_own_brings_its_settings(write_notebook, tmp_path):
    notebook = write_notebook(
        "import json; json.dump({'said': [dataset, crf, batch_size, other]}, open(metrics_file, 'w'))",
        parameters='dataset = "mini"\ncrf = False\nbatch_size = 16\nother = 1\nmetrics_file = ""',
        name="ner",
    )
    recipe = seqzoo.get_task("ner").recipe_of("conll2003")
    run = run_notebook(notebook, {"dataset": "conll2003", "batch_size": 3}, tmp_path / "runs")
    assert run.metrics["said"] == ["conll2003", True, 3, 1]
    assert run.parameters == {"dataset": "conll2003", "crf": recipe.model["crf"], "batch_size": 3, "other": 1}


def test_a_failing_cell_is_named_and_the_notebook_is_kept(write_notebook, tmp_path):
    cell = "# a comment\nraise ValueError('expected this\\nreceived that')"
    notebook = write_notebook("print('so far')", cell, METRICS)
    with pytest.raises(RunError) as failure:
        run_notebook(notebook, out=tmp_path / "runs")
    run = failure.value.run
    assert str(failure.value).splitlines() == [
        "tiny failed in cell [4], under \"Training\": raise ValueError('expected this\\nreceived that')",
        "ValueError: expected this received that",
        f"The notebook as far as it came: {run.notebook}",
    ]
    assert run.status == record(run)["status"] == "failed" and run.metrics == {}
    assert tracebacks(run) == ["ValueError"] and "so far" in run.notebook.read_text()


def test_a_kernel_that_dies_is_a_failed_run(write_notebook, tmp_path):
    notebook = write_notebook("import os, time; os.write(2, b'no memory'); time.sleep(1); os.abort()")
    with pytest.raises(RunError, match="Kernel died") as failure:
        run_notebook(notebook, out=tmp_path / "runs")
    assert record(failure.value.run)["status"] == "failed"
    assert "no memory" in (failure.value.run.folder / "kernel.log").read_text()


def test_what_is_printed_below_python_stays_out_of_the_terminal_and_the_notebook(write_notebook, tmp_path, capfd):
    deep = "import os, time; os.write(2, b'deep'); time.sleep(1); print('said')"
    run = run_notebook(write_notebook(deep), out=tmp_path / "runs")
    assert capfd.readouterr() == ("", "")
    assert outputs(run) == ["said\n"]


def test_a_progress_bar_is_one_line_of_the_notebook(write_notebook, tmp_path):
    bar = "import time\nfor i in range(3):\n    print(f'\\rstep {i}', end='', flush=True); time.sleep(0.3)"
    assert outputs(run_notebook(write_notebook(bar), out=tmp_path / "runs")) == ["step 2"]


def test_the_time_limit_is_for_all_cells_together_and_ends_the_kernel(write_notebook, tmp_path):
    pid = tmp_path / "pid"
    first = f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid()))"
    notebook = write_notebook(first, *["time.sleep(12)"] * 3)
    with pytest.raises(RunError, match="The limit for the whole run, 20 seconds, was reached") as stop:
        run_notebook(notebook, out=tmp_path / "runs", timeout=20)
    run = stop.value.run
    assert run.status == record(run)["status"] == "timeout"
    assert tracebacks(run) == ["KeyboardInterrupt"]
    assert_gone(pid)


def test_metrics_that_are_not_names_and_values_fail_the_run(write_notebook, tmp_path):
    with pytest.raises(RunError, match="Expected names and values in metrics.json, received a list"):
        run_notebook(write_notebook("open(metrics_file, 'w').write('[1]')"), out=tmp_path / "runs")


def test_runs_begun_at_the_same_moment_share_no_folder(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        folders = list(pool.map(lambda _: runner._new_folder(tmp_path / "runs", "same")[0], range(24)))
    assert len(set(folders)) == 24


@pytest.mark.parametrize(
    "parameters, message",
    [
        ({"cel": "lstm"}, "Expected a parameter of tiny, received 'cel'. Did you mean 'cell'?"),
        ({"epochs": "three"}, "Expected epochs to be of type int, received 'three' (str)."),
        ({"epochs": True}, "Expected epochs to be of type int, received True (bool)."),
        ({"epochs": 2.5}, "Expected epochs to be of type int, received 2.5 (float)."),
        ({"shuffle": 1}, "Expected shuffle to be of type bool, received 1 (int)."),
        ({"cell": "ltsm"}, "Expected cell to be one of rnn, gru, lstm, received 'ltsm' (str). Did you mean 'lstm'?"),
        ({"metrics_file": "x"}, "metrics_file cannot be set"),
    ],
)
def test_a_wrong_parameter_is_refused_before_anything_is_written(write_notebook, tmp_path, parameters, message):
    with pytest.raises(ParameterError) as refusal:
        run_notebook(write_notebook(), parameters, tmp_path / "runs")
    assert str(refusal.value).startswith(message)
    assert not (tmp_path / "runs").exists()


def test_files_that_are_no_notebooks_are_refused(tmp_path, write_notebook):
    (tmp_path / "broken.ipynb").write_text("{")
    with pytest.raises(NotebookError, match="Expected a Jupyter notebook"):
        run_notebook(tmp_path / "broken.ipynb", out=tmp_path / "runs")
    with pytest.raises(NotebookError, match="Expected plain Python in the cell of tiny that is tagged"):
        run_notebook(write_notebook(parameters="cell = = 3"), out=tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


def test_a_folder_that_cannot_be_made_is_an_error_in_words(tmp_path, write_notebook):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="Expected a folder to write runs to, received .*file"):
        run_notebook(write_notebook(), out=tmp_path / "file")


def test_a_record_that_cannot_be_written_is_told_and_the_run_is_not_taken_for_one_at_work(write_notebook, tmp_path):
    block = "import pathlib\npathlib.Path(metrics_file).with_name('run.json.part').mkdir()"
    with pytest.raises(RunError, match="(?s)Expected to write.*run.json.*directory.*To do: make room"):
        run_notebook(write_notebook(block), out=tmp_path / "runs")
    (file,) = run_files(tmp_path / "runs")
    assert read_run(file)["status"] == "killed"
