"""The pages of the site: the repository's own files, each at its own place, so that links hold in both."""

import functools
import importlib
import inspect
import posixpath
import re
import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
REPOSITORY = "https://github.com/seqzoo/seqzoo/blob/main"
PAGES = (
    "docs/**/*.md",
    "zoo/presets/*/README.md",
    "benchmarks/README.md",
    "benchmarks/results/*.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
)
FILES = ("benchmarks/results/*.png", "docs/pictures/*")  # what pages show
FRONT = "docs/index.md"  # comes to the root of the site
LINK = re.compile(r"(?<!`)(\]\()(<?)([^)\s#>]+)(#[^)\s>]*)?(>?)(?=[)\s])")
BADGE = re.compile(r"\[!\[Open in Colab\]\([^)]*\)\]\(([^)]*)\)")


def stage(folder: Path) -> Path:
    """Copies all pages but the notebooks into a folder, with links to the rest of the repository made absolute."""
    folder.mkdir(parents=True, exist_ok=True)
    for source in found(PAGES):
        name = source.relative_to(ROOT)
        target = folder / ("index.md" if str(name) == FRONT else name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(with_title(with_links(source.read_text(encoding="utf-8"), name.parent), name.stem), "utf-8")
    for source in found(FILES):
        target = folder / source.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    return folder


@functools.cache
def found(patterns: tuple[str, ...]) -> list[Path]:
    """The repository's files of these patterns.

    >>> [file.name for file in found(("CHANGELOG.md",))]
    ['CHANGELOG.md']
    """
    return sorted(file for pattern in patterns for file in ROOT.glob(pattern) if file.is_file())


def with_links(text: str, place: Path) -> str:
    """A page's text whose links lead to the repository where the site has no such file.

    Args:
        text: Markdown.
        place: the page's folder, from the root of the repository.

    Example:

    >>> with_links("[the cell](../layers/gru_cell.py), [many](scale.md)", Path("docs"))
    '[the cell](https://github.com/seqzoo/seqzoo/blob/main/layers/gru_cell.py), [many](scale.md)'
    """

    def absolute(match):
        open_, left, link, anchor, right = match.groups(default="")
        if re.match(r"[a-z]+:", link):
            return match[0]
        name = link.lstrip("/") if link.startswith("/") else posixpath.normpath((place / link).as_posix())
        if on_site(name) or not (ROOT / name).exists():  # what is nowhere fails the build
            return match[0]
        return f"{open_}{left}{REPOSITORY}/{name}{anchor}{right}"

    return LINK.sub(absolute, BADGE.sub(r"[Open in Colab](\1)", text))


def with_title(text: str, title: str) -> str:
    """A page's text with a heading: its own, or else the file's name.

    >>> with_title("| a table |", "run1")
    '# run1\\n\\n| a table |'
    """
    return text if re.match(r"#|---\n", text) else f"# {title}\n\n{text}"


def on_site(name: str) -> bool:
    """Whether a file of the repository has a place on the site.

    >>> on_site("notebooks/dna.ipynb"), on_site("README.md")
    (True, False)
    """
    return name != FRONT and ROOT / name in found((*PAGES, *FILES, "notebooks/*.ipynb"))


def source_of(module: str, name: str) -> str | None:
    """Where the repository has the code of something public; None for what is no code.

    >>> source_of("seqzoo.layers", "GRUCell").split("#")[0]
    'https://github.com/seqzoo/seqzoo/blob/main/layers/gru_cell.py'
    """
    thing = importlib.import_module(module)
    try:
        for part in name.split("."):
            thing = getattr(thing, part)
        thing = inspect.unwrap(thing)
        file = Path(inspect.getsourcefile(thing)).resolve().relative_to(ROOT)
        return f"{REPOSITORY}/{file.as_posix()}#L{inspect.getsourcelines(thing)[1]}"
    except (AttributeError, TypeError, ValueError, OSError):
        return None
