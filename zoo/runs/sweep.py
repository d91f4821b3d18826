"""Many runs of a notebook, one for each combination of parameters, side by side on Dask.

`sweep` is what `seqzoo sweep` does. What is done already is not done again.
"""

import hashlib
import itertools
import json
import logging
import os
import signal
import threading
from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from seqzoo.extras import import_extra
from seqzoo.runs.notebook import find_notebook
from seqzoo.runs.parameters import ParameterError, literal
from seqzoo.runs.record import as_run, read_records, read_run
from seqzoo.runs.runner import RunError, run_notebook
from seqzoo.runs.script import require_guarded_script

TABLE = "runs.csv"


@dataclass(frozen=True)
class Sweep:
    """What came of a sweep.

    Attributes:
        folder: where it is.
        runs: a dictionary for each run, in the order of the combinations: `notebook`, its
            parameters, its metrics, `status`, `seconds`, `folder` and, unless it is "ok",
            `error`.
        table: the same as a CSV file.
    """

    folder: Path
    runs: list[dict]
    table: Path

    @property
    def failed(self):
        return [run for run in self.runs if run["status"] != "ok"]


def combinations(name, assignments: Iterable[str] = (), seeds: int | None = None) -> list[dict]:
    """The parameters of every run of a sweep, checked.

    Args:
        name: of the notebook, or its path.
        assignments: texts such as `"cell=rnn,gru"`: a parameter's values between commas. A
            value with a comma in it goes into a list: `"text=['a, b', 'c']"`. A parameter that is
            itself a list has one value.
        seeds: how many; then every combination runs with the seeds 0, 1, …

    Returns:
        List of dictionaries; the last parameter changes fastest, and the seed faster still.

    Raises:
        ParameterError: as for a single run; or seeds are given twice.

    Example:

    >>> combinations("sentiment", ["cell=rnn,gru"], seeds=2)
    [{'cell': 'rnn', 'seed': 0}, {'cell': 'rnn', 'seed': 1}, {'cell': 'gru', 'seed': 0}, {'cell': 'gru', 'seed': 1}]
    """
    notebook = find_notebook(name)
    values = {}
    for assignment in assignments:
        parameter, _, text = assignment.partition("=")
        each = [notebook.parse([f"{parameter}={part}"]) for part in _parts(notebook, assignment)]
        if parameter in values:
            raise ParameterError(f"Expected each parameter once, received {parameter} twice. Put commas between.")
        values[parameter] = list({repr(one): one for one in each}.values())
    if seeds is not None:
        if "seed" in values or seeds < 1:
            raise ParameterError("Expected --seeds of at least 1, or -p seed=…, not both.")
        values["seed"] = [notebook.check({"seed": seed}) for seed in range(seeds)]
    return [{k: v for one in each for k, v in one.items()} for each in itertools.product(*values.values())]


def sweep(
    name,
    assignments: Iterable[str] = (),
    seeds: int | None = None,
    out: str | Path | None = None,
    *,
    scheduler: str | None = None,
    workers: int | None = None,
    timeout: float = 3600,
    progress: bool = False,
    compare: bool = True,
) -> Sweep:
    """Runs a notebook with every combination of parameters, several at a time.

    Each run has a folder of its own below `out`. A run that fails does not stop the others. A
    sweep that was stopped, however, and is started again with the same `out` does only what is
    missing or failed, and a run that was cut off goes on from its last epoch. A run whose worker
    dies goes to another one, three times at most. Workers on this machine import the script that
    calls: there the call stands under `if __name__ == "__main__":`.

    Args:
        name: of the notebook, or its path.
        assignments, seeds: see `combinations`.
        out: the sweep's folder, which all workers must see; by default `sweeps/` and the notebook's
            name.
        scheduler: address of a running Dask scheduler, such as `tcp://10.0.0.5:8786`; by default
            a cluster on this machine, for as long as the sweep takes.
        workers: how many runs at a time on this machine; by default one for every two cores.
        timeout: seconds for each run.
        progress: show a progress bar on stderr.
        compare: run the notebook `compare` on what came out.

    Returns:
        `Sweep`.

    Raises:
        NotebookError, ParameterError: before anything runs or is written.
        MissingExtraError: `seqzoo[notebooks]` is not installed.
        RunError: the scheduler does not answer, or a script calls without `if __name__ == "__main__":`.
        KeyboardInterrupt: it was stopped; says how many runs are done.

    Example:

    >>> done = sweep("sentiment", ["cell=rnn,gru,lstm"], seeds=3)  # doctest: +SKIP
    >>> len(done.runs), len(done.failed)  # doctest: +SKIP
    (9, 0)
    """
    plan = combinations(name, assignments, seeds)
    notebook = find_notebook(name)
    pandas = import_extra("pandas")
    import_extra("distributed")
    if scheduler is None:
        require_guarded_script()
    out = Path(out or Path("sweeps") / notebook.name).absolute()
    out.mkdir(parents=True, exist_ok=True)
    name = str(Path(name).absolute()) if Path(name).suffix == ".ipynb" else name
    folders = [out / _label(given) for given in plan]
    runs = {i: _done(folder, given) for i, (folder, given) in enumerate(zip(folders, plan))}
    missing = [i for i, run in runs.items() if run is None]
    if missing:
        with _client(scheduler, workers, len(missing)) as (client, threads):
            futures = {client.submit(_run, name, plan[i], folders[i], timeout, threads, pure=False): i for i in missing}
            try:
                for future in _as_completed(futures, len(plan), progress):
                    i = futures[future]
                    trouble = future.exception()  # only when workers died
                    runs[i] = _failed(plan[i], folders[i], repr(trouble)) if trouble else future.result()
            except KeyboardInterrupt:
                made = sum(_done(folder, given) is not None for folder, given in zip(folders, plan))
                raise KeyboardInterrupt(
                    f"The sweep was stopped with {made} of {len(plan)} runs done, in {out}.\n"
                    "The same command does the rest."
                ) from None
    rows = [{"notebook": notebook.name, **runs[i]} for i in range(len(plan))]
    table = out / TABLE
    pandas.DataFrame(rows).to_csv(table.with_suffix(".part"), index=False)
    os.replace(table.with_suffix(".part"), table)
    if compare:
        try:
            run_notebook("compare", {"runs": str(out)}, out / "compare", timeout=timeout)
        except RunError as error:
            done = f"The {len(rows)} runs are in {table}, but could not be compared.\n"
            raise RunError(f"{done}{error}", error.run) from error
    return Sweep(out, rows, table)


def _run(name, given, folder, timeout, threads):
    """One run, on a worker; a result that died with its worker is read again, not made again."""
    if done := _done(folder, given):
        return done
    if threads:  # so that runs side by side do not fight for the cores; kernels inherit it
        os.environ |= dict.fromkeys(
            ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"), str(threads)
        )
    try:
        return read_run(run_notebook(name, given, folder, timeout=timeout).folder / "run.json")
    except RunError as error:
        if error.run is None:
            return _failed(given, folder, str(error))
        return read_run(error.run.folder / "run.json")


def _failed(given, folder, error):
    return {**given, "status": "failed", "seconds": None, "folder": str(folder), "error": error}


def _done(folder, given):
    """The latest run in a folder that reached its end."""
    for file, run, metrics in reversed(read_records(folder)):
        if run["status"] == "ok" and given.items() <= run["parameters"].items():
            return as_run(file, run, metrics)
    return None


def _label(given):
    """A folder's name for a combination: readable, and no other combination's."""
    digest = hashlib.sha256(json.dumps(given, sort_keys=True, default=repr).encode()).hexdigest()[:8]
    text = "-".join(f"{key}={str(value)[:20]}" for key, value in given.items()) or "defaults"
    return "".join(c if c.isalnum() or c in "-=._+" else "_" for c in text)[:80] + f"-{digest}"


def _parts(notebook, assignment):
    """The texts of a parameter's values."""
    name, equals, text = assignment.partition("=")
    parameter = notebook.parameters.get(name)
    if not equals or parameter is None or parameter.type in (list, dict):
        return [text] if equals else notebook.parse([assignment])
    values = literal(text) if text.startswith("[") else text.split(",")
    return [str(value) for value in values] if isinstance(values, list) else [text]


class _client:
    """A client of a Dask scheduler, its own or another's, and how many threads a run gets."""

    def __init__(self, scheduler, workers, most):
        from distributed import Client, LocalCluster
        from distributed.comm import get_address_host_port

        self.cluster, threads = None, None
        try:
            if scheduler is not None:
                get_address_host_port(scheduler)  # a client of no address is half made, and may block what comes after
            else:
                cores = os.cpu_count() or 1
                workers = min(workers or max(1, cores // 2), most)
                threads = max(1, cores // workers)
                with _started_without_ctrl_c():
                    self.cluster = LocalCluster(
                        n_workers=workers,
                        threads_per_worker=1,
                        dashboard_address="127.0.0.1:0",  # None would take port 8787, and warn where it is taken
                        memory_limit=0,
                        silence_logs=logging.CRITICAL,  # a run that a dying worker leaves is reported as failed
                    )
            self.client = Client(self.cluster or scheduler, timeout=10)
        except (OSError, ValueError) as error:
            raise RunError(
                f"Expected a Dask scheduler at {scheduler}.\nReceived: {error}\n"
                "To do: start one with 'dask scheduler', or leave --scheduler out."
            ) from error
        self.threads = threads

    def __enter__(self):
        return self.client, self.threads

    def __exit__(self, *_):
        self.client.close()
        if self.cluster:
            self.cluster.close()


@contextmanager
def _started_without_ctrl_c():
    """Processes that start here ignore Ctrl-C, which a terminal sends to all of them; we end them."""
    if threading.current_thread() is not threading.main_thread():  # where signals cannot be set
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _as_completed(futures, total, progress):
    from distributed import as_completed
    from tqdm import tqdm

    failed = 0
    with tqdm(total=total, initial=total - len(futures), unit="run", disable=not progress) as bar:
        for future in as_completed(futures):
            failed += future.status == "error" or future.result()["status"] != "ok"
            bar.set_postfix(failed=failed)
            bar.update()
            yield future
