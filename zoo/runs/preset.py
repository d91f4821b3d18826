"""A preset out of a run: the model that the run kept, and a card that says how it came about."""

import importlib
import os
import shutil
from pathlib import Path

from seqzoo.presets.figure import figure
from seqzoo.presets.folder import (
    CARD,
    METADATA,
    PresetError,
    read_metadata,
    require_room,
    save_to_preset,
    size,
    write_json,
)
from seqzoo.registry import get_task, load_model
from seqzoo.runs.notebook import find_notebook
from seqzoo.runs.parameters import flags
from seqzoo.runs.recipes import defaults
from seqzoo.runs.record import read_metrics, read_record

MOST_LOST = 0.003  # of the figure, by rounding the weights
ELSEWHERE = {"data_dir", "manual_dir", "tensorboard"}  # parameters that change no figure


def make_preset(
    run: str | Path, folder: str | Path, dtype: str = "float16", data: str = "", data_dir: str | None = None
) -> Path:
    """Writes the preset and the card of a run of a task's notebook.

    The figure is computed anew from the preset, on the whole test split, and stands on the card
    beside the run's own.

    Args:
        run: the run's folder.
        folder: of the preset, whose name is the preset's.
        dtype: of the weights in the file.
        data: sentences for the card: what has to be said of the data.
        data_dir: where TFDS keeps its data; by default TFDS's own choice.

    Returns:
        The folder.

    Raises:
        PresetError: the run did not reach its end on all its data; or the weights in this dtype cost
            more than 0.3 points.

    Example:

    >>> make_preset("runs/dna-20260101T000000Z", "presets/dna_gru")  # doctest: +SKIP
    """
    file = Path(run) / "run.json"
    if not file.exists():
        raise PresetError("the folder of a run, which holds run.json", str(run), "name one that seqzoo run has made")
    record, metrics = read_record(file), read_metrics(file)
    if record["status"] != "ok" or record["parameters"].get("limit"):
        raise PresetError("a run that reached its end, on all its data", str(run), "run it again without a limit")
    model = load_model(run)
    task, dataset = get_task(record["notebook"]), record["parameters"]["dataset"]
    facts = {
        "run": {
            "command": command(record),
            "parameters": {name: value for name, value in record["parameters"].items() if name not in ELSEWHERE},
            "dataset": dataset,
            "cell": metrics["cell"],
            "seed": metrics["seed"],
            "metric": task.metric(dataset),
            "figure": metrics[task.metric(dataset)],
            "validation": metrics.get(f"validation_{task.metric(dataset)}"),
            "epochs": metrics["epochs_done"],
            "seconds": record["seconds"],
            "device": record["device"],
            "versions": record["versions"],
        }
    }
    folder = Path(folder)
    require_room(folder)
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)  # of a preset that was cut off
    save_to_preset(model, part, dtype, facts)
    rebuilt = figure(part, data_dir)
    lost = abs(rebuilt - facts["run"]["figure"])
    if lost > MOST_LOST:
        shutil.rmtree(part)
        raise PresetError(
            f"the run's {task.metric(dataset)} of {facts['run']['figure']:.4f}, within {MOST_LOST}",
            f"{rebuilt:.4f} from the preset in {dtype}",
            'use dtype="float32"',
        )
    write_json(part / METADATA, {**read_metadata(part), "figure": rebuilt})
    text = card(part, source_of(task, dataset, data_dir), folder.name, data)
    (part / CARD).write_text(text, encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(part, folder)
    return folder


def command(record):
    """What to type for the same run: the parameters that the dataset's recipe has otherwise, and the seed."""
    parameters = find_notebook(record["notebook"]).parameters
    dataset = {name: value for name, value in record["parameters"].items() if name == "dataset"}
    left = defaults(record["notebook"], parameters, dataset)
    given = {n: v for n, v in record["parameters"].items() if n not in ELSEWHERE and left.get(n) != v}
    given["seed"] = record["parameters"]["seed"]
    return " ".join(["seqzoo run", record["notebook"], *flags(given)])


def source_of(task, dataset, data_dir=None):
    """Where a task's dataset comes from: its name, page, licence, and how many examples each split has."""
    import tensorflow_datasets as tfds

    source = importlib.import_module(f"seqzoo.tasks.{task.name}.dataset").SOURCES[dataset]
    info = tfds.builder(source.builder, data_dir=data_dir).info
    return {
        "name": f"{info.full_name}",
        "page": info.homepage,
        "licence": info.as_proto.redistribution_info.license or "none stated by TFDS; see its page",
        "splits": {name: info.splits[split].num_examples for name, split in source.splits.items()},
    }


def card(folder, source, name, data=""):
    """The card of a preset, Markdown."""
    known = read_metadata(folder)
    run, task = known["run"], get_task(known["task"])
    metric = run["metric"]
    reference = task.references.get(run["dataset"])
    validation = f"; {run['validation']:.3f} on validation" if run["validation"] is not None else ""
    rounded = f" ({run['figure']:.3f} before rounding to {known['dtype']})" if known["dtype"] != "float32" else ""
    rows = {
        "task": f"{task.title}, {task.architecture}, cell {run['cell']}",
        "figure": f"{metric} {known['figure']:.3f} on test, from these files{rounded}{validation}",
        "reference": f"{metric} {reference.figure:.3f}: {reference.source}" if reference else "none",
        "seed": f"{run['seed']}, set beforehand: one run, not the best of several",
        "data": f"[{source['name']}]({source['page']})" + (f". {data}" if data else ""),
        "licence of the data": source["licence"],
        "split": ", ".join(f"{name} {count:,}" for name, count in source["splits"].items())
        + "; everything is chosen on validation",
        "command": f"`{run['command']}`",
        "training": f"{run['epochs']} epochs, the whole run {run['seconds']:.0f} s on {run['device']}; "
        + ", ".join(f"{name} {version}" for name, version in run["versions"].items()),
        "size": f"{known['parameters']:,} parameters in {known['dtype']}; {size(folder) / 1e6:.2f} MB with all that "
        "the preprocessor has learned",
    }
    table = "\n".join(f"| {name} | {value} |" for name, value in rows.items())
    return (
        f'# {name}\n\n```python\nimport seqzoo\n\nmodel = seqzoo.from_preset("{name}")\n'
        f"model.answer(...)  # {task.title}\n```\n\n| | |\n|---|---|\n{table}\n\n## Limits\n\n"
        f"{task.limits or 'It knows what its training split shows, and no more.'}\n"
    )
