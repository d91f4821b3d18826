"""The site's pages: their navigation, their links and what they claim, without building it."""

import base64
import doctest
import importlib
import io
import pkgutil
import re
from pathlib import Path, PurePosixPath

import matplotlib.image
import nbformat
import numpy as np
import pytest

import building
import seqzoo
from building import docstrings, gallery, kept, notebooks, pages

ROOT = Path(__file__).parents[1]
FENCE = re.compile(r"^(`{3,}|~{3,}).*?^\1$", re.MULTILINE | re.DOTALL)
TOCTREE = re.compile(r"```\{toctree\}\n(.*?)```", re.DOTALL)
FETCHES = '<link rel="stylesheet" href="//elsewhere.org/a.css"><script src="https://elsewhere.org/a.js"></script>'


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """What Sphinx would read, with notebooks that have no outputs."""
    folder = pages.stage(tmp_path_factory.mktemp("site"))
    notebooks.stage_notebooks(notebooks.unexecuted(), folder)
    gallery.stage_gallery(notebooks.unexecuted(), folder)
    return folder


def texts(source):
    for file in sorted(source.rglob("*.md")):
        yield file, file.read_text("utf-8")
    for file in sorted(source.rglob("*.ipynb")):
        cells = nbformat.read(file, as_version=4).cells
        yield file, "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def navigation(source):
    """Every page that a table of contents names, by its path without a suffix."""
    named = []
    for file, text in texts(source):
        for block in TOCTREE.findall(text):
            for line in filter(None, (line.strip() for line in block.splitlines() if not line.startswith(":"))):
                name = line[line.find("<") + 1 : -1] if line.endswith(">") else line
                place = name[1:] if name.startswith("/") else (file.parent.relative_to(source) / name).as_posix()
                named.append(
                    (name, [page for page in map(path, all_pages(source)) if PurePosixPath(page).match(place)])
                )
    return named


def path(page):
    return page.as_posix().rsplit(".", 1)[0]


def all_pages(source):
    return [file.relative_to(source) for file, _ in texts(source)]


def test_the_navigation_names_pages_that_exist_and_all_of_them(source):
    named = navigation(source)
    assert [name for name, found in named if not found] == []
    reached = {page for _, found in named for page in found}
    assert {path(page) for page in all_pages(source)} - reached <= {"index"}


def test_every_notebook_preset_and_task_has_its_page(source):
    listed = {path(page) for page in all_pages(source)}
    assert {f"notebooks/{file.stem}" for file in (ROOT / "notebooks").glob("*.ipynb")} <= listed
    assert {f"zoo/presets/{name}/README" for name in seqzoo.list_presets()} <= listed
    cards = (source / "docs" / "gallery.md").read_text("utf-8")
    api = (source / "docs" / "api" / "tasks.md").read_text("utf-8")
    for task in seqzoo.list_tasks():
        assert f":link: /notebooks/{task}\n" in cards and f"seqzoo.tasks.{task}.network.create_model" in api


def test_links_lead_to_pages_files_and_headings(source):
    wrong = []
    for file, text in texts(source):
        for _, _, link, anchor, _ in pages.LINK.findall(FENCE.sub("", text)):
            if re.match(r"[a-z]+:", link):
                continue
            target = source / link[1:] if link.startswith("/") else file.parent / link
            if not target.exists():
                wrong.append(f"{file.relative_to(source)}: {link}")
            elif anchor and anchor[1:] not in headings(target):
                wrong.append(f"{file.relative_to(source)}: {link}{anchor}")
    assert wrong == []


def headings(page):
    lines = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in lines}


def test_links_of_the_readme_lead_to_files():
    links = pages.LINK.findall(FENCE.sub("", (ROOT / "README.md").read_text("utf-8")))
    local = [link for _, _, link, _, _ in links if not re.match(r"[a-z]+:", link)]
    assert local and [link for link in local if not (ROOT / link).exists()] == []


def test_what_is_said_of_keras_is_held_by_tests_that_exist():
    named = re.findall(r"`(tests/\S+?\.py)::(\w+)`", (ROOT / "docs" / "keras.md").read_text("utf-8"))
    assert len(named) > 20
    assert [test for file, test in named if f"def {test}(" not in (ROOT / file).read_text("utf-8")] == []


def test_pictures_of_notebooks_have_words_and_no_path_is_shown(tmp_path):
    output = nbformat.v4.new_output("display_data", {"image/png": base64.b64encode(png(np.ones((4, 4, 3)))).decode()})
    log = nbformat.v4.new_output("stream", name="stdout", text=f"{tmp_path}/metrics.json")
    told = nbformat.v4.new_code_cell("metrics_file = 1", metadata={"tags": ["injected-parameters"]})
    heading = nbformat.v4.new_markdown_cell("## Curves\n\nThe [loss](dna.ipynb) falls.")
    cells = [told, heading, nbformat.v4.new_code_cell("plot()", outputs=[output, log])]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "a.ipynb")
    notebooks.stage_notebooks({"a": tmp_path / "a.ipynb"}, tmp_path / "out")
    staged = nbformat.read(tmp_path / "out" / "notebooks" / "a.ipynb", as_version=4).cells
    assert staged[1].metadata["mystnb"]["image"] == {"alt": "Curves. The loss falls.", "classes": "drawn"}
    assert staged[1].outputs[1]["text"] == "metrics.json" and len(staged) == 2


def test_words_that_a_picture_brings_are_taken():
    show = lambda **more: nbformat.v4.new_output("display_data", {"image/png": "YQ=="}, **more)
    heading, text = nbformat.v4.new_markdown_cell("## Curves"), nbformat.v4.new_markdown_cell("The loss falls.")
    brings = nbformat.v4.new_code_cell("", outputs=[show(metadata={"image/png": {"alt": "loss from 2 to 1."}})])
    brings_none = nbformat.v4.new_code_cell("", outputs=[show()])
    notebooks.describe_pictures([heading, text, brings, brings_none])
    alts = [cell.metadata["mystnb"]["image"]["alt"] for cell in (brings, brings_none)]
    assert alts == ["Curves. loss from 2 to 1.", "Curves. The loss falls."]


def png(pixels):
    file = io.BytesIO()
    matplotlib.image.imsave(file, pixels, format="png")
    return file.getvalue()


def test_a_heat_map_is_no_drawing_and_keeps_its_colours_in_the_dark():
    paper = np.ones((10, 10, 3))
    paper[4] = 0.0
    assert notebooks.is_drawing(png(paper)) and not notebooks.is_drawing(png(0.9 * paper))


def test_the_gallery_takes_the_last_picture_above_the_exercises():
    show = lambda data: nbformat.v4.new_code_cell(
        "", outputs=[nbformat.v4.new_output("display_data", {"image/png": data})]
    )
    exercises = nbformat.v4.new_markdown_cell("## Exercises")
    _, picture = gallery.last_picture([show("YQ=="), show("Yg=="), exercises, show("Yw==")])
    assert picture == b"b" and gallery.last_picture([exercises]) is None


def test_what_a_page_fetches_from_elsewhere_is_refused(tmp_path):
    page = tmp_path / "index.html"
    page.write_text('<a href="https://elsewhere.org">only a link</a>', "utf-8")
    kept.require_offline(tmp_path)
    page.write_text(FETCHES, "utf-8")
    with pytest.raises(SystemExit, match="a.css[^~]*a.js"):
        kept.require_offline(tmp_path)


def test_a_link_that_leads_nowhere_and_a_picture_without_words_are_refused(tmp_path):
    (tmp_path / "b.html").write_text('<h2 id="here">b</h2>', "utf-8")
    page = tmp_path / "a.html"
    page.write_text('<a href="b.html#here">b</a><a href="#top" id="top">a</a><img src="b.html" alt="b">', "utf-8")
    kept.require_whole(tmp_path)
    page.write_text('<a href="b.html#there">b</a><a href="c.html">c</a><img src="b.html">', "utf-8")
    with pytest.raises(SystemExit) as refused:
        kept.require_whole(tmp_path)
    assert str(refused.value).splitlines()[1:] == [
        "a.html: no words for b.html",
        "a.html: b.html#there",
        "a.html: c.html",
    ]


def test_docstrings_are_read_as_people_read_them():
    lines = [
        "One |y|, `a|b`.",
        "",
        "Γu = σ(z⟨t⟩)",
        "",
        "Returns:",
        "    a: one",
        "    b: two",
        "",
        "Raises:",
        "    E: no.",
    ]
    told = docstrings.read(lines)
    assert told[0] == r"One \|y\|, `a|b`." and told[2] == "| Γu = σ(z⟨t⟩)" and told[4] == "Gives:"
    one = ["Text.", "", "Returns:", "    The model: trained."]
    assert docstrings.read(one) == one


def test_code_of_the_api_is_in_the_repository():
    link = pages.source_of("seqzoo.layers", "RNN.explain")
    assert re.fullmatch(re.escape(pages.REPOSITORY) + r"/layers/rnn\.py#L\d+", link)
    assert pages.source_of("seqzoo.task", "Task.name") is None


def with_examples():
    for module in pkgutil.iter_modules(building.__path__):
        if ">>> " in Path(module.module_finder.path, f"{module.name}.py").read_text("utf-8"):
            yield module.name


@pytest.mark.parametrize("name", with_examples())
def test_examples(name):
    assert doctest.testmod(importlib.import_module(f"building.{name}"), optionflags=doctest.ELLIPSIS).failed == 0
