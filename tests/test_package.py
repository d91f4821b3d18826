"""What a user gets who installs the wheel."""

import importlib
import inspect
import json
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import keras
import pytest

import seqzoo.layers

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder in which the wheel, built from this checkout, is installed."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    files = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split("\n")  # fmt: skip
    for file in filter(None, files):
        if (ROOT / file).exists():
            (source / file).parent.mkdir(parents=True, exist_ok=True)
            (source / file).write_bytes((ROOT / file).read_bytes())
    pip = [sys.executable, "-m", "pip"]
    subprocess.run([*pip, "wheel", "-q", "--no-deps", "-w", folder, source], check=True)
    (wheel,) = folder.glob("seqzoo-*.whl")
    subprocess.run([*pip, "install", "-q", "--no-deps", "--target", folder / "site", wheel], check=True)
    return folder / "site"


def _python(code, site, cwd):
    # -I would hide PYTHONPATH; the editable install is shadowed because PYTHONPATH comes first.
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=cwd, env={**__import__("os").environ, "PYTHONPATH": str(site)},
        capture_output=True, text=True,
    )  # fmt: skip


def test_a_layers_module_of_the_users_own_does_not_shadow_ours(site, tmp_path):
    (tmp_path / "layers.py").write_text("mine = True\n")
    (tmp_path / "zoo.py").write_text("mine = True\n")
    code = (
        "import layers, zoo, seqzoo.layers\n"
        "from seqzoo.layers import RNN, LSTMCell\n"
        "assert layers.mine and zoo.mine\n"
        "print(seqzoo.layers.__file__); print(RNN(LSTMCell(4)).cell.units)"
    )
    run = _python(code, site, tmp_path)
    assert run.returncode == 0, run.stderr
    where, units = run.stdout.split()
    assert Path(where).is_relative_to(site) and units == "4"


def test_the_wheel_brings_notebooks_presets_licence_and_type_marker(site):
    assert (site / "seqzoo" / "py.typed").exists()
    files = lambda folder: {str(file.relative_to(folder)) for file in folder.glob("*/*") if "__" not in str(file)}
    assert files(site / "seqzoo" / "presets") == files(ROOT / "zoo" / "presets")
    assert {p.name for p in (site / "seqzoo" / "notebooks").glob("*.ipynb")} == {p.name for p in NOTEBOOKS}
    assert list(site.glob("seqzoo-*.dist-info/**/LICENSE"))
    readers = {p.name for p in (site / "seqzoo" / "exporting" / "readers").iterdir()}
    assert readers >= {"answer.py", "read.js", "read.py"}  # copied beside exported models
    assert not (site / "layers").exists() and not (site / "zoo").exists()


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.name)
def test_notebook_is_stripped_and_its_badge_points_at_itself(notebook):
    cells = json.loads(notebook.read_text())["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert not any(cell["outputs"] or cell["execution_count"] for cell in code)
    links = re.findall(r"https://colab\.research\.google\.com/github/\S+?\.ipynb", notebook.read_text())
    assert links and all(link.endswith(f"/blob/main/notebooks/{notebook.name}") for link in links)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.name)
def test_every_parameter_has_a_comment(notebook):
    cells = json.loads(notebook.read_text())["cells"]
    (source,) = ("".join(c["source"]) for c in cells if "parameters" in c["metadata"].get("tags", ()))
    lines = source.splitlines()
    assert lines and all(re.fullmatch(r"\w+ = .+  # \S.*", line) for line in lines)


def test_no_two_classes_are_saved_under_the_same_name():
    """Of two, a saved model would silently load the one imported last."""
    rooms = {"seqzoo.": seqzoo.__path__, "seqzoo.layers.": seqzoo.layers.__path__}
    names = [m.name for room, path in rooms.items() for m in pkgutil.walk_packages(path, room)]
    modules = [importlib.import_module(name) for name in names]
    classes = {c for m in modules for _, c in inspect.getmembers(m, inspect.isclass) if c.__module__ == m.__name__}
    saved = {c: keras.saving.get_registered_name(c) for c in classes}
    saved = {c: name for c, name in saved.items() if name.startswith("seqzoo>")}
    assert len(saved) > 20
    assert not [c for c, name in saved.items() if keras.saving.get_registered_object(name) is not c]
