"""What a built site must keep: it needs no network to be read, and its links lead somewhere."""

import re
import subprocess
import tarfile
import tempfile
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

KATEX = "katex@0.19.1"  # MIT; sets the equations while the site is built
FETCHED = re.compile(
    r"""<(?:script|img|iframe|audio|video|source)\b[^>]*?\bsrc=["'](?:https?:)?//[^"']*"""
    r"""|<link\b(?=[^>]*rel=["'](?:stylesheet|preload|preconnect|icon))[^>]*?\bhref=["'](?:https?:)?//[^"']*"""
    r"""|url\(["']?(?:https?:)?//[^)]*|@import ["'](?:https?:)?//[^"']*"""
)


def vendor(package: str, folder: Path, keep: str = "dist/") -> Path:
    """Unpacks the files of an npm package that begin with `keep` into a folder, once."""
    if not folder.exists():
        with tempfile.TemporaryDirectory() as scratch:
            subprocess.run(["npm", "pack", "--silent", package], cwd=scratch, check=True, stdout=subprocess.DEVNULL)
            (archive,) = Path(scratch).glob("*.tgz")
            with tarfile.open(archive) as files:
                members = [m for m in files.getmembers() if m.name.startswith(f"package/{keep}")]
                files.extractall(scratch, members, filter="data")
            folder.parent.mkdir(parents=True, exist_ok=True)
            (Path(scratch) / "package" / keep).replace(folder)
    return folder


def vendor_katex(folder: Path) -> Path:
    """KaTeX with its stylesheet and fonts, of which every browser since 2018 reads the woff2."""
    vendor(KATEX, folder)
    for file in folder.rglob("*"):
        if file.is_file() and file.suffix not in (".woff2",) and file.name not in ("katex.min.js", "katex.min.css"):
            file.unlink()
    style = folder / "katex.min.css"
    style.write_text(re.sub(r',url\([^)]*\.(?:woff|ttf)\) format\("[a-z]+"\)', "", style.read_text()))
    return folder


def fetched(page: str) -> list[str]:
    """What a page, or a stylesheet, has a browser fetch from elsewhere.

    >>> fetched('<img alt="a" src="https://elsewhere.org/a.png"> <a href="https://elsewhere.org">a link is none</a>')
    ['<img alt="a" src="https://elsewhere.org/a.png']
    """
    return FETCHED.findall(page)


def require_offline(site: Path) -> None:
    """Refuses a built site of which a page or a stylesheet needs the network.

    Raises:
        SystemExit: with each of them.
    """
    files = [file for file in site.rglob("*") if file.suffix in (".html", ".css")]
    found = [(file.relative_to(site), what) for file in files for what in fetched(file.read_text(encoding="utf-8"))]
    if found:
        raise SystemExit("These need the network:\n" + "\n".join(f"{file}: {what}" for file, what in found))


class Page(HTMLParser):
    """The links of a page, its pictures without words, and the places in it that a link may name."""

    def __init__(self, text: str):
        super().__init__()
        self.links, self.places, self.wordless = set(), set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        has = dict(attributes)
        self.places.update(has[name] for name in ("id", "name") if has.get(name))
        self.links.update(has[name] for name in ("href", "src") if has.get(name))
        if tag == "img" and not has.get("alt"):
            self.wordless.append(has.get("src"))


def require_whole(site: Path) -> None:
    """Refuses a built site with links that lead nowhere, or pictures without words.

    Raises:
        SystemExit: with each of them.
    """
    html = [file.resolve() for file in site.rglob("*.html") if "_static" not in file.parts]
    pages = {file: Page(file.read_text(encoding="utf-8")) for file in html}
    wrong = []
    for file, page in pages.items():
        wrong += [f"{file.relative_to(site)}: no words for {picture}" for picture in page.wordless]
        for link in sorted(page.links):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            target = target / "index.html" if target.is_dir() else target
            place = unquote(parts.fragment)
            known = pages[target].places if target in pages else ()
            if not target.exists() or (place and target in pages and place not in known):
                wrong.append(f"{file.relative_to(site)}: {link}")
    if wrong:
        raise SystemExit("These lead nowhere:\n" + "\n".join(wrong))
