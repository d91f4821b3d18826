"""The executed notebooks: found among runs, or run; and made ready to be pages."""

import base64
import html
import io
import re
from pathlib import Path

import nbformat

from building.pages import ROOT, with_links

COMPARE = "compare"  # reads the others' runs
DRAWING = "drawn"  # the class that the stylesheet knows
TOLD_BY_THE_RUNNER = "injected-parameters"


def execute(runs: Path) -> dict[str, Path]:
    """The executed notebooks by name: those that `seqzoo run` left in a folder of runs, or leaves there now."""
    from seqzoo.runs.notebook import list_notebooks
    from seqzoo.runs.runner import run_notebook

    executed = finished(runs)
    names = [name for name in list_notebooks() if name != COMPARE]
    for name in [*names, COMPARE]:
        if name not in executed:
            print(f"seqzoo run {name}", flush=True)
            given = {"runs": str(runs)} if name == COMPARE else {}
            executed[name] = run_notebook(name, given, runs, timeout=7200).notebook
    return executed


def finished(runs: Path) -> dict[str, Path]:
    """The notebooks that reached their end with default settings below a folder of runs: the latest of each.

    >>> finished(Path("no/such/folder"))
    {}
    """
    from seqzoo.runs.notebook import find_notebook
    from seqzoo.runs.record import read_records

    latest = {}
    for file, run, _ in sorted(read_records(runs), key=lambda record: record[1].get("started", "")):
        name = run["notebook"]
        executed = file.with_name(f"{name}.ipynb")
        if run["status"] == "ok" and executed.exists() and _as_it_stands(run, find_notebook(name)):
            latest[name] = executed
    return latest


def unexecuted() -> dict[str, Path]:
    """The repository's own notebooks, without outputs: to look at the site's other pages.

    >>> unexecuted()["dna"].name
    'dna.ipynb'
    """
    return {file.stem: file for file in sorted((ROOT / "notebooks").glob("*.ipynb"))}


def stage_notebooks(executed: dict[str, Path], folder: Path) -> None:
    """Writes notebooks as pages: links lead where they should, pictures have words, and no path of a run is shown."""
    (folder / "notebooks").mkdir(parents=True, exist_ok=True)
    for name, file in executed.items():
        notebook = nbformat.read(file, as_version=4)
        notebook.cells = [cell for cell in notebook.cells if TOLD_BY_THE_RUNNER not in cell.metadata.get("tags", ())]
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = with_links(cell.source, Path("notebooks"))
        describe_pictures(notebook.cells)
        mark_drawings(notebook.cells)
        leave_out_stylesheets(notebook.cells)
        text = nbformat.writes(notebook).replace(f"{file.parent.resolve()}/", "")
        (folder / "notebooks" / f"{name}.ipynb").write_text(text, encoding="utf-8")


def describe_pictures(cells: list) -> None:
    """Gives each picture in a notebook its words: its heading, and those that it brings or the paragraph above it."""
    heading = said = ""
    for cell in cells:
        if cell.cell_type == "markdown":
            paragraphs = [part.strip() for part in cell.source.split("\n\n") if part.strip()]
            headings = [part.lstrip("# ").splitlines()[0] for part in paragraphs if part.startswith("#")]
            heading = headings[-1] if headings else heading
            said = " ".join(part for part in paragraphs[-1:] if not part.startswith(("#", "$", "<", "|")))
            continue
        words = re.sub(r"\]\([^)]*\)|[*`\[\]$]", "", f"{heading}. {said}")
        words = " ".join(words.split())[:300]
        brought = [alt for output in cell.get("outputs", ()) if (alt := _alt(output))]
        alt = f"{heading}. {' '.join(brought)}" if brought else words
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if "image/png" in data or "image/jpeg" in data:
                cell.metadata.setdefault("mystnb", {}).setdefault("image", {}).setdefault("alt", alt)
            if "text/html" in data:
                given = f'<img alt="{html.escape(words)}"'.replace("\\", r"\\")
                data["text/html"] = re.sub(r"<img\b(?![^>]*\balt=)", given, data["text/html"])


def _alt(output):
    """The words that a picture brings along, as `seqzoo.plots.alt` made them of what was drawn."""
    return output.get("metadata", {}).get("image/png", {}).get("alt", "")


def mark_drawings(cells: list) -> None:
    """Tells drawings, which the dark theme may turn round, from heat maps and films, whose colours say something."""
    for cell in cells:
        pictures = [
            output.data["image/png"] for output in cell.get("outputs", ()) if "image/png" in output.get("data", {})
        ]
        if pictures and all(is_drawing(base64.b64decode(picture)) for picture in pictures):
            cell.metadata["mystnb"]["image"].setdefault("classes", DRAWING)


def is_drawing(png: bytes) -> bool:
    """Whether a picture is lines and letters on white paper, by how much of it is white."""
    from matplotlib.image import imread

    pixels = imread(io.BytesIO(png))[..., :3]
    return float((pixels.min(axis=-1) > 0.97).mean()) > 0.8


def leave_out_stylesheets(cells: list) -> None:
    """Takes stylesheets from elsewhere out of outputs: a film of matplotlib asks for icons that the site has itself."""
    for cell in cells:
        for output in cell.get("outputs", ()):
            if "text/html" in output.get("data", {}):
                output["data"]["text/html"] = re.sub(r"<link\b[^>]*https?://[^>]*>", "", output["data"]["text/html"])


def _as_it_stands(run, notebook):
    """Whether a run was of the notebook as it is now, with the parameters that it has."""
    from seqzoo.runs.recipes import defaults

    left = defaults(run["notebook"], notebook.parameters, {})
    free = {"data_dir", "manual_dir", "runs"}
    own = all(left.get(name) == value for name, value in run["parameters"].items() if name not in free)
    return own and run.get("digest") == notebook.digest
