"""Notebooks run with parameters, each run in a folder of its own.

`run_notebook` is what `seqzoo run` does. Everything that can be wrong with a request (the
notebook's name, a parameter's name, its type) is refused before anything runs or is written.
"""

import asyncio
import itertools
import json
import math
import os
import platform
import re
import shutil
import sys
import time
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib import metadata, resources
from pathlib import Path

from seqzoo.extras import import_extra
from seqzoo.registry import MODEL_FILE
from seqzoo.runs.held import KERNEL_LOG, hold
from seqzoo.runs.notebook import BACKUP_DIR, METRICS_FILE, find_notebook, heading
from seqzoo.runs.parameters import ParameterError
from seqzoo.runs.recipes import defaults, recipe_values
from seqzoo.runs.record import RECORD, read_metrics, read_record
from seqzoo.runs.resume import BACKUP, cut_off, seconds_done
from seqzoo.still import STILL
from seqzoo.wording import shorten


class RunError(RuntimeError):
    """A run that did not reach its end; `run` is what there is of it (None: it never began)."""

    def __init__(self, message: str, run: "Run | None" = None):
        super().__init__(message)
        self.run = run


@dataclass(frozen=True)
class Run:
    """What is left of one run.

    Attributes:
        name: the notebook's name.
        folder: the run's own folder, with the files of the run in it.
        notebook: the executed notebook, saved after every cell.
        parameters: all of them, those left at their defaults included.
        metrics: what the notebook wrote to `metrics.json`; empty unless it reached its end.
        status: `"ok"`, `"failed"`, `"timeout"` or `"interrupted"`.
        seconds: how long it took, the start of the kernel and the time before a cut included.
        model: the file of the trained model, which `seqzoo.load_model(run)` loads; None where the
            notebook keeps none.
        resumed: whether it went on after a cut.
    """

    name: str
    folder: Path
    notebook: Path
    parameters: dict
    metrics: dict
    status: str
    seconds: float
    model: Path | None = None
    resumed: bool = False


def run_notebook(
    name: str | Path,
    parameters: Mapping | None = None,
    out: str | Path = "runs",
    *,
    timeout: float = 3600,
    progress: bool = False,
    log_output: bool = False,
    resume: bool = True,
) -> Run:
    """Run a notebook in a new folder under `out`, or go on with a run that was cut off.

    The folder gets the executed notebook, `metrics.json` when the notebook has a parameter
    `metrics_file` (which is set to that file's absolute path), the trained model as `model.keras`
    where the notebook keeps one, and `run.json`: parameters, status, seconds, device, model and
    versions. While the run goes on its status there is `"running"`. A run that does not reach its
    end leaves `kernel.log` too, for when a library crashes.

    Where the task has a recipe for the parameter `dataset`, what is not given is as that recipe says.

    Where the notebook has a parameter `backup_dir`, its training is backed up after each epoch, in
    the folder's `backup`, until the run reaches its end. The same call after a cut of any kind (a
    kill, Ctrl-C, the time limit, an error in a later cell) then goes on in the same folder from the
    last epoch: where notebook, parameters and versions are the same and nobody is at work in it.

    The notebook runs with the interpreter that runs this, and in the current directory, so
    a relative path in a parameter means what it means in your shell.

    Args:
        name: a name out of `list_notebooks()`, or the path of an `.ipynb` file.
        parameters: values for variables of the notebook's cell tagged `parameters`.
        out: where runs are kept. No run overwrites another.
        timeout: seconds for the whole run; then the cell under way is interrupted, and the
            kernel ended: at once if the cell gives in, within 10 seconds if not.
        progress: show a progress bar on stderr.
        log_output: copy to stdout what the notebook prints, as it prints it.
        resume: whether to go on with a run that was cut off, if there is one; else all begins anew.

    Raises:
        NotebookError, ParameterError: before anything runs or is written.
        MissingExtraError: `seqzoo[notebooks]` is not installed.
        RunError: a cell failed, or time was up. Its `run` has the folder and the status.

    Example:

    >>> run = run_notebook("sentiment", {"cell": "lstm", "epochs": 3})  # doctest: +SKIP
    >>> run.metrics["accuracy"]  # doctest: +SKIP
    """
    notebook = find_notebook(name)
    given = notebook.check(parameters or {})
    recipe = recipe_values(notebook.name, notebook.parameters, given)
    left = defaults(notebook.name, notebook.parameters, given)
    if not 0 < timeout < math.inf:
        raise ParameterError(f"Expected a timeout of more than 0 seconds, and an end, received {timeout!r}.")
    import_extra("papermill")
    import_extra("ipykernel")
    record = _Record(notebook.name, left | given, digest=notebook.digest)
    folder, log = (resume and cut_off(Path(out), asdict(record))) or _new_folder(
        Path(out), _label(notebook.name, given)
    )
    record.go_on(folder)
    record.save(folder)
    metrics_file = folder / "metrics.json"
    own = {METRICS_FILE: metrics_file, BACKUP_DIR: folder / BACKUP}
    injected = recipe | given | {name: str(own[name].absolute()) for name in notebook.wants}

    executed, metrics, trouble = folder / f"{notebook.name}.ipynb", {}, None
    clock, watch = _Clock(timeout), _Watch(len(notebook.cells), progress)
    try:
        _execute(notebook, executed, injected, clock, watch, log_output, log)
        metrics = read_metrics(folder / RECORD)
        record.device = metrics.get("device")
        record.model = MODEL_FILE if (folder / MODEL_FILE).exists() else None
        record.status = "ok"
    except KeyboardInterrupt as error:
        record.status, record.error, trouble = "interrupted", "It was interrupted.", error
    except Exception as error:  # papermill, nbclient and jupyter_client each raise their own
        trouble = error
        if clock.left() > 0:
            record.status, record.error = "failed", _one_line(error)
        else:
            record.status, record.error = "timeout", f"The limit for the whole run, {timeout:g} seconds, was reached."
    finally:
        watch.close()
        record.seconds = round((record.seconds or 0) + clock.passed(), 3)
        with log:  # what cannot be written any more, the status of a full disk, reads as "killed" once it is closed
            record.save(folder)
        if record.status == "ok":
            (folder / KERNEL_LOG).unlink()
            shutil.rmtree(folder / BACKUP, ignore_errors=True)

    model = folder / record.model if record.model else None
    run = Run(notebook.name, folder, executed, record.parameters, metrics, record.status, record.seconds, model,
              record.resumed is not None)  # fmt: skip
    if not trouble:
        return run
    verb = "failed" if run.status == "failed" else "was stopped"
    story = f"{run.name} {verb} {watch.place()}\n{record.error}\nThe notebook as far as it came: {executed}"
    if run.status == "interrupted":
        raise KeyboardInterrupt(story) from None
    raise RunError(story, run) from trouble


def _execute(notebook, executed, parameters, clock, watch, log_output, log):
    import papermill

    with (
        resources.as_file(notebook.file) as source,
        _without_noise(),
        _kernels(watch, log) as kernels,
    ):
        papermill.execute_notebook(
            _as_template(source.absolute()),
            _as_template(executed.absolute()),
            parameters=parameters,
            language="python",
            kernel_name="python3",
            kernel_manager_class=kernels,
            progress_bar=False,
            on_cell_start=watch.cell_start,
            on_cell_executed=watch.cell_executed,
            stdout_file=_Terminal() if log_output else watch,
            start_timeout=math.ceil(min(60, clock.left())),
            # Each cell gets what is left of the whole. nbclient takes 0 for "no limit".
            timeout_func=lambda cell: max(clock.left(), 0) + 0.01,
            # Interrupted first, the cell shows in its traceback where it was.
            interrupt_on_timeout=True,
            coalesce_streams=True,  # a progress bar is then one line of the notebook
            error_on_timeout={"ename": "TimeoutError", "evalue": "time is up", "traceback": []},
            iopub_timeout=10,
        )


def _as_template(path):
    """papermill fills in braces in paths: these stand for themselves."""
    return str(path).replace("{", "{{").replace("}", "}}")


@contextmanager
def _kernels(watch, log):
    """A class that starts kernels with this very interpreter, whatever kernels are registered.

    What libraries below Python print goes to `log`: it is long, and looks like errors.
    Those still alive on leaving are ended: nbclient leaves one, with a client that would wait
    for it for ever, when Ctrl-C falls into its start.
    """
    from ipykernel.kernelspec import get_kernel_dict
    from jupyter_client import AsyncKernelManager
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_core.utils import run_sync

    started, clients = [], []

    class ThisInterpreter(AsyncKernelManager):
        kernel_spec = KernelSpec(**get_kernel_dict(["--IPKernelApp.capture_fd_output=False"]))

        def __init__(self, **settings):
            super().__init__(**settings)
            started.append(self)

        def client(self, **settings):
            clients.append(super().client(**settings))
            return clients[-1]

        async def start_kernel(self, **settings):
            env = {**(settings.pop("env", None) or os.environ), STILL: "1"}  # nobody is there to move a slider
            await super().start_kernel(stdout=log, stderr=log, env=env, **settings)

        async def shutdown_kernel(self, now=False, restart=False):
            await super().shutdown_kernel(now or watch.busy, restart)  # busy, it would not listen

    try:
        yield ThisInterpreter
    finally:
        for client in clients:
            client.stop_channels()
        for kernel in started:
            if kernel.has_kernel:
                run_sync(kernel.shutdown_kernel)(now=True)


@contextmanager
def _without_noise():
    """Without the log lines in which papermill and nbclient repeat what we checked or report."""
    import logging

    noise = (
        "Passed unknown parameter",  # papermill reads parameters by regular expression; we parse
        "Unable to parse line",
        "Timeout waiting for execute reply",
        "Interrupting kernel",
        "Kernel died while waiting",
    )

    def wanted(record):
        return not record.getMessage().startswith(noise)

    loggers = [logging.getLogger(name) for name in ("papermill", "papermill.translators")]
    for logger in loggers:
        logger.addFilter(wanted)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(wanted)


class _Clock:
    """Counts from its making to a limit."""

    def __init__(self, seconds):
        self.start, self.seconds = time.monotonic(), seconds

    def passed(self):
        return time.monotonic() - self.start

    def left(self):
        return self.seconds - self.passed()


class _Terminal:
    """The standard output, for as long as somebody reads it: a run goes on behind a pipe that is closed."""

    closed = False

    def write(self, text):
        self._try(sys.stdout.write, text)

    def flush(self):
        self._try(sys.stdout.flush)

    def _try(self, call, *arguments):
        if not self.closed:
            try:
                call(*arguments)
            except BrokenPipeError:
                self.closed = True


class _Watch:
    """Knows the cell under way, and shows it in a progress bar. A file to write output to."""

    def __init__(self, cells, progress):
        self.heading, self.line, self.executed, self.busy = "", "", 0, False
        self.bar = None
        if progress:
            from tqdm import tqdm

            self.bar = tqdm(total=cells, unit="cell", leave=False)

    def cell_start(self, cell, cell_index):
        # Ctrl-C leaves this task behind; asyncio is not to report how the kernel ended it.
        asyncio.current_task().add_done_callback(lambda task: task.cancelled() or task.exception())
        if cell.cell_type == "markdown":
            self.heading = heading(cell.source) or self.heading
        elif cell.cell_type == "code" and cell.source.strip():
            lines = cell.source.strip().splitlines()
            self.line = next((line for line in lines if line.strip() and line[0] != "#"), lines[0])
            self.executed += 1
            self.busy = True
        if self.bar is not None:
            self.bar.n = min(cell_index, self.bar.total)
            self.bar.set_description(shorten(self.heading, 40))

    def cell_executed(self, cell, cell_index, execute_reply):
        self.busy = False

    def write(self, text):
        if self.bar is not None:
            self.bar.refresh()

    def flush(self):
        pass

    def close(self):
        if self.bar is not None:
            self.bar.close()

    def place(self):
        if not self.executed:
            return "before its first cell"
        under = f', under "{self.heading}"' if self.heading else ""
        return f"in cell [{self.executed}]{under}: {shorten(self.line, 80)}"


def _versions():
    found = {"python": platform.python_version()}
    for package in ("seqzoo", "keras", "tensorflow"):
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = None
    return found


@dataclass
class _Record:
    """What `run.json` says."""

    notebook: str
    parameters: dict
    status: str = "running"
    error: str | None = None
    seconds: float | None = None
    device: str | None = None
    model: str | None = None
    digest: str | None = None
    resumed: str | None = None
    started: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    versions: dict = field(default_factory=_versions)

    def go_on(self, folder):
        """Takes over when a run that was cut off began, and how long it took till then."""
        if (folder / RECORD).exists():
            before = read_record(folder / RECORD)
            self.resumed, self.started = self.started, before["started"]
            self.seconds = seconds_done(folder, before)
            for left in (folder / "metrics.json", folder / MODEL_FILE):
                left.unlink(missing_ok=True)

    def save(self, folder):
        written = folder / f"{RECORD}.part"
        try:
            written.write_text(json.dumps(asdict(self), indent=2, default=repr) + "\n", encoding="utf-8")
            os.replace(written, folder / RECORD)
        except OSError as error:
            received = ". ".join(filter(None, (error.strerror, self.error)))
            raise RunError(
                f"Expected to write {folder / RECORD}.\nReceived: {received}.\n"
                "To do: make room or give leave there, and run the same command once more."
            ) from error


def _label(name, parameters):
    """A folder's name: safe on every file system, and short."""
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    values = [f"{key}={_safe(str(value))[:20]}" for key, value in parameters.items()]
    return "-".join([_safe(name)[:40], moment, *values])[:120].rstrip("._")


def _safe(text):
    return re.sub(r"[^A-Za-z0-9._=+-]+", "_", text).strip("_")


def _new_folder(out, label):
    """A folder that did not exist before, so that no two runs share one, and its log, held."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        for number in itertools.count(1):
            folder = out / (label if number == 1 else f"{label}-{number}")
            try:
                folder.mkdir()
            except FileExistsError:
                continue
            return folder, hold(folder) or (folder / KERNEL_LOG).open("ab")
    except OSError as error:
        raise RunError(f"Expected a folder to write runs to, received {out}: {error.strerror}.") from error


def _one_line(error):
    name = getattr(error, "ename", type(error).__name__)
    return shorten(f"{name}: {getattr(error, 'evalue', error)}", 300).rstrip(": ")
