"""The command `seqzoo`: lists the notebooks and runs them."""

import signal
import sys
from contextlib import contextmanager
from pathlib import Path

import click

from seqzoo.door import Refused
from seqzoo.extras import MissingExtraError
from seqzoo.presets import PresetError
from seqzoo.quiet import import_quietly
from seqzoo.runs.notebook import NotebookError, find_notebook, list_notebooks
from seqzoo.runs.parameters import ParameterError
from seqzoo.runs.runner import RunError, run_notebook
from seqzoo.wording import table


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="seqzoo", prog_name="seqzoo")
def main():
    """Recurrent networks for Keras, and the notebooks to run them."""
    for stream in (sys.stdout, sys.stderr):  # which may have no letter for a⟨t⟩
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


@main.command("list")
def list_():
    """List the notebooks that can be run."""
    with _errors_in_words():
        click.echo(table((name, find_notebook(name).title) for name in list_notebooks()))


@main.command()
@click.argument("name")
def parameters(name):
    """Show the parameters of the notebook NAME."""
    with _errors_in_words():
        click.echo(find_notebook(name).describe_parameters())


@main.command()
@click.argument("name")
@click.option("-p", "--parameter", "assignments", metavar="NAME=VALUE", multiple=True,
              help="Set a parameter of the notebook; may be repeated.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), default="runs", show_default=True,
              help="Folder in which the run gets a new folder of its own.")  # fmt: skip
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS", default=3600,
              show_default=True, help="Limit for the whole run.")  # fmt: skip
@click.option("--progress/--no-progress", default=None, help="Progress bar; by default on a terminal.")
@click.option("--log-output", is_flag=True, help="Show what the notebook prints, as it prints it.")
@click.option("--resume/--no-resume", default=True, show_default=True,
              help="Go on with the same run where it was cut off, from its last epoch.")  # fmt: skip
def run(name, assignments, out, timeout, progress, log_output, resume):
    """Run the notebook NAME (see `seqzoo list`), or an .ipynb file, with parameters.

    \b
    seqzoo run sentiment -p cell=lstm -p epochs=3

    It runs in the current directory. What it leaves is in a new folder under runs/: the
    executed notebook, metrics.json, the model and run.json. `seqzoo parameters NAME` shows
    what -p can set. Killed or stopped, the same command goes on from the last epoch.
    """
    if progress is None:
        progress = sys.stderr.isatty() and not log_output
    with _errors_in_words(), _sigterm_as_ctrl_c():
        given = find_notebook(name).parse(assignments)
        import_quietly("keras")  # which the recipe of a task needs
        done = run_notebook(name, given, out, timeout=timeout, progress=progress, log_output=log_output, resume=resume)
    figures = {key: value for key, value in done.metrics.items() if not isinstance(value, (dict, list))}
    if figures:
        click.echo(table((key, _figure(value)) for key, value in figures.items()))
    click.echo(f"{done.folder} ({done.seconds:.0f} s{', resumed' if done.resumed else ''})")


@main.command()
@click.argument("name")
@click.option("-p", "--parameter", "assignments", metavar="NAME=VALUE,VALUE", multiple=True,
              help="Values of a parameter; may be repeated.")  # fmt: skip
@click.option("--seeds", type=click.IntRange(min=1), help="Run every combination with this many seeds.")
@click.option("--out", type=click.Path(path_type=Path), help="The sweep's folder.  [default: sweeps/NAME]")
@click.option("--scheduler", metavar="ADDRESS", help="A running Dask scheduler; by default this machine alone.")
@click.option("--workers", type=click.IntRange(min=1),
              help="How many runs at a time on this machine.  [default: one for every two cores]")  # fmt: skip
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS", default=3600,
              show_default=True, help="Limit for each run.")  # fmt: skip
@click.option("--progress/--no-progress", default=None, help="Progress bar; by default on a terminal.")
@click.option("--compare/--no-compare", default=True, show_default=True,
              help="Run the notebook compare on what came out.")  # fmt: skip
def sweep(name, assignments, seeds, out, scheduler, workers, timeout, progress, compare):
    """Run the notebook NAME with every combination of parameters, several at a time.

    \b
    seqzoo sweep sentiment -p cell=rnn,gru,lstm -p units=32,64 --seeds 3

    Stopped and started again, it does only what is missing. What comes out is runs.csv.
    """
    from seqzoo.runs.sweep import sweep

    progress = sys.stderr.isatty() if progress is None else progress
    with _errors_in_words(), _sigterm_as_ctrl_c():
        done = sweep(
            name, assignments, seeds, out,
            scheduler=scheduler, workers=workers, timeout=timeout, progress=progress, compare=compare,
        )  # fmt: skip
        click.echo(f"{len(done.runs) - len(done.failed)} of {len(done.runs)} runs are done: {done.table}")
        for run in done.failed:
            click.echo(f"{run['status']}: {run['folder']}\n  {run['error']}", err=True)
        if done.failed:
            sys.exit(1)


@main.command()
def presets():
    """List the trained models that seqzoo.from_preset loads."""
    from seqzoo.presets.folder import list_presets, read_metadata, size

    def row(name):
        known = read_metadata(name)
        figure = f"{known['run']['metric']} {known['figure']:.3f}"
        return name, known["task"], known["run"]["dataset"], figure, f"{size(name) / 1e6:.2f} MB"

    with _errors_in_words():
        click.echo(table(map(row, list_presets())))


@main.command("make-preset")
@click.argument("run", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--dtype", type=click.Choice(["float16", "float32"]), default="float16", show_default=True,
              help="Of the weights in the file.")  # fmt: skip
@click.option("--data", default="", help="Sentences for the card: what has to be said of the data.")
def make_preset_(run, folder, dtype, data):
    """Make a preset in FOLDER out of the model that the run in the folder RUN kept, with its card.

    The figure is computed anew from the preset and stands on the card beside the run's own.
    """
    import_quietly("keras")
    from seqzoo.runs.preset import make_preset

    with _errors_in_words():
        click.echo(make_preset(run, folder, dtype, data) / "README.md")


@main.command("export")
@click.argument("model")
@click.option("--format", type=click.Choice(["onnx", "litert", "savedmodel"]), default="onnx", show_default=True)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default="exported", show_default=True,
              help="Folder in which the files are written.")  # fmt: skip
def export_(model, format, out):
    """Write MODEL for where there is no Keras: a .keras file, a run's folder or a preset's name.

    \b
    seqzoo export model.keras --format onnx --out exported

    Beside ONNX lie read.py, read.js and answer.py: they answer with NumPy and onnxruntime alone.
    """
    import_quietly("keras")
    with _errors_in_words():
        from seqzoo.exporting.export import export
        from seqzoo.exporting.find_model import find_model

        files = sorted(export(find_model(model), out, format).iterdir())
        click.echo(table((file.name, f"{_size(file):,} bytes") for file in files))


def _size(file):
    return sum(each.stat().st_size for each in file.rglob("*")) if file.is_dir() else file.stat().st_size


@main.command("table")
@click.argument("runs", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--out", type=click.Path(path_type=Path), default="docs/results.json", show_default=True,
              help="Where the results go as data.")  # fmt: skip
@click.option("--page", type=click.Path(path_type=Path, exists=True), default="docs/results.md", show_default=True,
              help="The Markdown page that gets the table, between its two marks.")  # fmt: skip
@click.option("--short", type=click.Path(path_type=Path, exists=True), default="README.md", show_default=True,
              help="The page that gets the rows of notebooks as they stand.")  # fmt: skip
def table_(runs, out, page, short):
    """Write the table of results out of the runs below the folder RUNS.

    Only runs with default settings count: whatever their cell, dataset and seed. Results that
    are there of other tasks, datasets and cells stay.
    """
    import_quietly("keras")
    from seqzoo.runs.results_table import collect, shipped, update, write

    with _errors_in_words():
        results = update(collect(runs), out)
        write(shipped(results), out, short)
        write(results, out, page)
    click.echo(f"{len(results)} results in {out} and {page}, {len(shipped(results))} of them in {short}")


def _figure(value):
    return f"{value:.4g}" if isinstance(value, float) else str(value)


@contextmanager
def _errors_in_words():
    """Exit with a message: 1 after a run that did not end well, 2 when nothing was run."""
    try:
        yield
    except RunError as error:
        raise click.ClickException(str(error)) from error
    except (NotebookError, ParameterError, MissingExtraError, PresetError, Refused) as error:
        raise _nothing_ran(str(error)) from error
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _nothing_ran(f"{error.filename}: {error.strerror}." if error.filename else str(error)) from error
    except KeyboardInterrupt as interrupt:
        click.echo(f"\n{str(interrupt) or 'Interrupted before anything ran.'}", err=True)
        sys.exit(130)


def _nothing_ran(message):
    refused = click.ClickException(message)
    refused.exit_code = 2
    return refused


@contextmanager
def _sigterm_as_ctrl_c():
    """A scheduler that ends the run gets the same care as a person who does."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
