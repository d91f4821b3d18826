"""The gallery: for each task the last picture of its executed notebook, and where it leads."""

import base64
import re
from pathlib import Path

import nbformat

from building.notebooks import DRAWING, describe_pictures, is_drawing

HEAD = """# Gallery

Each picture comes out of the notebook that it leads to, as `seqzoo run` executed it: nothing is drawn for this page.

:::::{grid} 1 1 2 2
:gutter: 4

"""
CARD = """::::{{grid-item-card}} {title}
:link: /notebooks/{name}
:link-type: doc
{picture}
{question}

:::{{card-footer}}
{architecture} · `seqzoo run {name}`
:::
::::

"""


def stage_gallery(executed: dict[str, Path], folder: Path) -> None:
    """Writes the page of the gallery, and its pictures beside it."""
    from seqzoo.registry import get_task, list_tasks

    pictures = folder / "docs" / "gallery"
    pictures.mkdir(parents=True, exist_ok=True)
    cards = []
    for name in list_tasks():
        cells = nbformat.read(executed[name], as_version=4).cells
        picture = ""
        if found := last_picture(cells):
            words, png = found
            (pictures / f"{name}.png").write_bytes(png)
            looks = f":class-img-top: {DRAWING}\n" if is_drawing(png) else ""
            picture = f"{looks}:img-top: gallery/{name}.png\n:img-alt: {words.replace(':', ',')}\n"
        task = get_task(name)
        question = re.search(r"\*\*Task:\*\* (.+?) ·", cells[0].source)[1].capitalize()
        cards.append(
            CARD.format(title=task.title, name=name, picture=picture, question=question, architecture=task.architecture)
        )
    (folder / "docs" / "gallery.md").write_text(HEAD + "".join(cards) + ":::::\n", encoding="utf-8")


def last_picture(cells: list) -> tuple[str, bytes] | None:
    """The words and the PNG of the last picture above a notebook's exercises; None where nothing was drawn."""
    describe_pictures(cells)
    last = None
    for cell in cells:
        if cell.cell_type == "markdown" and re.match(r"#+ Exercises", cell.source):
            break
        for output in cell.get("outputs", ()):
            if png := output.get("data", {}).get("image/png"):
                last = cell.metadata["mystnb"]["image"]["alt"], base64.b64decode(png)
    return last
