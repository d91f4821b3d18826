"""Kills commands at random moments, gives the same command again, and holds what comes out against a run undisturbed.

    python benchmarks/kills.py --kills 60 --out results/kills.md

Each command and all its children get SIGKILL at a moment drawn from the time that it takes
undisturbed. What it then leaves is asked for what it holds: nothing that is half-written may be
taken for whole. The data are those of one_to_one, fetched once before.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import click

SEQZOO = [sys.executable, "-c", "from seqzoo.cli import main; main()"]
PREPARE = "import sys, seqzoo; list(seqzoo.get_task('one_to_one').batches('mini', 'test', data_dir=sys.argv[1]))"
SAVE = (
    "import sys, seqzoo; m = seqzoo.from_preset('one_to_one_rnn'); [m.save_to_preset(sys.argv[1]) for _ in range(40)]"
)


@dataclass
class Job:
    """A command, and what it is asked for afterwards.

    Args:
        command: its words, the folder that it writes to left out.
        found: of that folder, what there is of whole things, in JSON's kinds.
    """

    command: list[str]
    found: callable


def figures(folder):
    from seqzoo.registry import load_model
    from seqzoo.runs.record import read_metrics, read_records, read_run

    whole = [file for file, _ in read_records(folder) if read_run(file)["status"] == "ok"]
    return sorted([read_metrics(f)["accuracy"], load_model(f.parent).network.count_params()] for f in whole)


def examples(folder):
    """Of a copy, because the asking itself prepares what is missing; none where there is nothing to be read."""
    import tensorflow_datasets as tfds

    try:
        builder = tfds.builder("palmer_penguins", data_dir=folder)
        return {name: split.num_examples for name, split in builder.info.splits.items()} or None
    except Exception:  # an unreadable note: `prepare` sets it aside
        return None


def preset(folder):
    from seqzoo.presets import PresetError, from_preset

    try:
        return [from_preset(folder).network.count_params()]
    except PresetError:
        return None


def card(folder):
    return [preset(folder), (folder / "README.md").exists()] if preset(folder) else None


def exported(folder):
    import onnxruntime

    files = list(folder.glob("*.onnx"))
    session = [onnxruntime.InferenceSession(file).get_inputs()[0].name for file in files]
    return [session, sorted(file.name for file in folder.iterdir())] if files else None


def jobs(run):
    few = ["-p", "epochs=12"]
    two = ["-p", "cell=rnn,gru", "--workers", "1", "--no-compare"]
    return {
        "run": Job([*SEQZOO, "run", "one_to_one", *few, "--out"], figures),
        "sweep": Job([*SEQZOO, "sweep", "one_to_one", *few, *two, "--out"], figures),
        "prepare": Job([sys.executable, "-c", PREPARE], examples),
        "save": Job([sys.executable, "-c", SAVE], preset),
        "make-preset": Job([*SEQZOO, "make-preset", str(run)], card),
        "export": Job([*SEQZOO, "export", "one_to_one_rnn", "--out"], exported),
    }


def begun(command, folder, log):
    return subprocess.Popen([*command, folder], start_new_session=True, stdout=log, stderr=log)


def finished(command, folder, log):
    begin = time.monotonic()
    with begun(command, folder, log) as process:
        return process.wait(), time.monotonic() - begin


def killed(command, folder, log, moment):
    """Whether it was still at work then."""
    with begun(command, folder, log) as process:
        try:
            process.wait(moment)
            return False
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return True


def disturbed(job, expected, folder, log, moment):
    """One kill, and the same command again."""
    at_work = killed(job.command, folder, log, moment)
    left = (job.found(folder) if folder.exists() else None) or []
    code = finished(job.command, folder, log)[0] if at_work else 0
    return {
        "killed at work": at_work,
        "left what is whole, or nothing": left == expected or all(part in expected for part in left),
        "ends well": code == 0,
        "the same": job.found(folder) == expected,
    }


@click.command()
@click.option("--kills", default=60, show_default=True)
@click.option("--out", type=click.Path(path_type=Path))
@click.option("--data-dir", help="Where TFDS keeps its data.")
@click.option("--only", help="One command.")
def main(kills, out, data_dir, only):
    if data_dir:
        os.environ["TFDS_DATA_DIR"] = data_dir
    scratch, draw = Path(tempfile.mkdtemp()), random.Random(0)
    with (scratch / "log").open("ab") as log:
        finished([*SEQZOO, "run", "one_to_one", "-p", "epochs=2", "--out"], scratch / "first", log)
        (run,) = (file.parent for file in (scratch / "first").glob("*/run.json"))
        all_jobs = {name: job for name, job in jobs(run).items() if only in (None, name)}
        rows = []
        for name, job in all_jobs.items():
            whole = scratch / name / "undisturbed"
            whole.parent.mkdir()
            code, seconds = finished(job.command, whole, log)
            expected = job.found(whole)
            assert code == 0 and expected, (name, code, expected, scratch)
            results = []
            for n in range(-(-kills // len(all_jobs))):
                folder = scratch / name / str(n)
                results.append(disturbed(job, expected, folder, log, draw.uniform(0, seconds)))
                click.echo(f"{name} {json.dumps(results[-1])}")
                shutil.rmtree(folder, ignore_errors=True)
            rows.append(
                [name, f"{seconds:.0f}", str(len(results)), *(str(sum(r[key] for r in results)) for key in results[0])]
            )
    titles = ["command", "seconds", "times", *results[0]]
    table = "\n".join(f"| {' | '.join(row)} |" for row in [titles, ["---"] * len(titles), *rows]) + "\n"
    click.echo(table)
    if out:
        out.write_text(table)


if __name__ == "__main__":
    main()
