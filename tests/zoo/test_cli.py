"""The command `seqzoo`, as typed."""

import json
import os
import signal
import subprocess
import sys
import time
import zipfile

import nbformat
import pytest
from click.testing import CliRunner
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from seqzoo.cli import main

COMMAND = [sys.executable, "-c", "from seqzoo.cli import main; main()"]


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Writes a notebook, and ships it with seqzoo for the length of a test."""

    def write(source, name="tiny"):
        parameters = 'cell = "gru"  # one of: rnn, gru, lstm\nepochs = 3  # passes\nmetrics_file = ""'
        cells = [
            new_markdown_cell("# A tiny notebook"),
            new_code_cell(parameters, metadata={"tags": ["parameters"]}),
            new_code_cell(source),
        ]
        path = tmp_path / f"{name}.ipynb"
        nbformat.write(new_notebook(cells=cells), path)
        monkeypatch.setattr("seqzoo.runs.notebook._shipped", lambda: {name: path})
        return path

    monkeypatch.chdir(tmp_path)
    return write


def seqzoo(*arguments):
    return CliRunner().invoke(main, list(map(str, arguments)))


def test_run_prints_the_metrics_and_the_folder(write, tmp_path):
    write("import json; json.dump({'accuracy': 2 / 3, 'losses': [1, 2]}, open(metrics_file, 'w'))")
    result = seqzoo("run", "tiny", "-p", "cell=lstm", "-p", "epochs=1")
    assert result.exit_code == 0, result.output
    (folder,) = (tmp_path / "runs").iterdir()
    assert result.stdout.startswith(f"accuracy  0.6667\nruns/{folder.name} (")
    assert result.stderr == ""
    assert json.loads((folder / "run.json").read_text())["parameters"] == {"cell": "lstm", "epochs": 1}


def test_a_failing_run_in_a_process_of_its_own_exits_with_1_and_three_lines(write, tmp_path):
    notebook = write("print('so far'); 1 / 0")
    done = subprocess.run(
        [*COMMAND, "run", notebook, "--out", "kept", "--log-output"], capture_output=True, text=True
    )  # fmt: skip
    (kept,) = (tmp_path / "kept").glob("*/tiny.ipynb")
    assert done.returncode == 1
    assert done.stdout == "so far\n"
    assert done.stderr.endswith(
        "Error: tiny failed in cell [3], under \"A tiny notebook\": print('so far'); 1 / 0\n"
        "ZeroDivisionError: division by zero\n"
        f"The notebook as far as it came: {kept.relative_to(tmp_path)}\n"
    )
    assert "Traceback" not in done.stderr


def test_a_run_that_is_ended_keeps_its_notebook(write, tmp_path):
    notebook = write("import os, time\nopen('begun', 'w').write(str(os.getpid()))\ntime.sleep(600)")
    process = subprocess.Popen([*COMMAND, "run", notebook], stderr=subprocess.PIPE, text=True)
    for _ in range(1800):
        if (tmp_path / "begun").exists() and (tmp_path / "begun").read_text():
            break
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    _, printed = process.communicate(timeout=180)
    assert process.returncode == 130
    assert "It was interrupted.\nThe notebook as far as it came: runs/tiny-" in printed
    assert "Traceback" not in printed
    (record,) = (tmp_path / "runs").glob("*/run.json")
    assert json.loads(record.read_text())["status"] == "interrupted"
    assert record.with_name("tiny.ipynb").exists()
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "begun").read_text()), 0)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["tiny", "-p", "cel=lstm"], "Error: Expected a parameter of tiny, received 'cel'. Did you mean 'cell'?"),
        (["tiny", "-p", "epochs=three"], "Error: Expected epochs to be of type int, received 'three' (str)."),
        (["tiny", "-p", "cell=foo"], "Error: Expected cell to be one of rnn, gru, lstm, received 'foo' (str)."),
        (["tiny", "-p", "epochs"], "Error: Expected name=value, received 'epochs'."),
        (["tyni"], "Error: Expected the name of a notebook, or the path of an .ipynb file, received 'tyni'."),
    ],
)
def test_what_cannot_be_run_is_refused_with_2_and_leaves_nothing(write, tmp_path, arguments, message):
    write("1")
    result = seqzoo("run", *arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith(message)
    assert not (tmp_path / "runs").exists()


def test_without_the_extra_it_says_what_to_install(write, tmp_path, monkeypatch):
    write("1")
    monkeypatch.setitem(sys.modules, "papermill", None)
    result = seqzoo("run", "tiny", "-p", "cell=lstm")
    assert result.exit_code == 2
    assert 'pip install "seqzoo[notebooks]"' in result.stderr
    assert not (tmp_path / "runs").exists()


def test_list_and_parameters_show_what_there_is(write):
    write("1")
    assert seqzoo("list").stdout == "tiny  A tiny notebook\n"
    assert seqzoo("parameters", "tiny").stdout == (
        "Parameters of tiny (name, type, default):\n"
        "  cell    str  'gru'  one of: rnn, gru, lstm\n"
        "  epochs  int  3      passes\n"
    )


def test_presets_lists_the_trained_models():
    (line,) = (line for line in seqzoo("presets").stdout.splitlines() if line.startswith("sentiment_gru "))
    assert line.split()[1:4] == ["sentiment", "imdb_reviews", "accuracy"] and line.endswith(" MB")


def test_version():
    assert seqzoo("--version").stdout.startswith("seqzoo, version ")


def test_the_command_itself_loads_no_kernel_packages():
    """Typing errors are answered at once: the heavy packages wait until something is run."""
    code = "import sys, seqzoo.cli; print(not {'keras', 'papermill', 'tensorflow'}.isdisjoint(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["run", "tiny", "--timeout", "nan"], "a timeout of more than 0 seconds"),
        (["sweep", "tiny", "--out", "file"], "file: File exists"),
        (["export", "file"], "file, which is no .keras file"),
        (["export", "other.zip"], "other.zip, which is no .keras file"),
        (["export", "dna_gru", "--out", "file/new"], "Not a directory"),
        (["make-preset", "empty", "new"], "the folder of a run, which holds run.json"),
        (["table", "empty", "--page", "file", "--short", "file"], "the lines <!-- results -->"),
    ],
)
def test_mistakes_end_with_2_and_a_sentence(write, tmp_path, arguments, said):
    write("1")
    (tmp_path / "file").write_text("no model, no page")
    (tmp_path / "empty").mkdir()
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
        other.writestr("a", "b")
    result = seqzoo(*arguments)
    assert isinstance(result.exception, SystemExit) and result.exit_code == 2
    assert said in result.stderr


def test_letters_that_a_terminal_lacks_are_replaced(write):
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    shown = subprocess.run([*COMMAND, "parameters", "dna"], env=environment, capture_output=True)
    assert shown.returncode == 0 and b"a?t?" in shown.stdout


def test_a_run_goes_on_behind_a_pipe_that_is_closed(write, tmp_path):
    path = write("for n in range(2000):\n    print('a line', n, flush=True)")
    command = f"{' '.join(map(repr, COMMAND))} run {path} --log-output --out out | head -1"
    subprocess.run(["bash", "-c", command], capture_output=True, cwd=tmp_path)
    (record,) = (tmp_path / "out").glob("*/run.json")
    assert json.loads(record.read_text())["status"] == "ok"
