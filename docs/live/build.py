"""Builds the live pages: presets that answer in the browser, by onnxruntime-web.

pip install -e ".[export]"                      # and npm
python docs/live/build.py build/live            # then: python -m http.server -d build/live

The folder needs nothing else when it is read: no server of its own, no network.
"""

import argparse
import gzip
import html
import json
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from string import Template

import numpy as np
import onnx

import seqzoo
from seqzoo.datasets.whole import whole
from seqzoo.presets.folder import CARD, find_preset
from seqzoo.task_model import TaskModel

SOURCES = Path(__file__).parent
sys.path.insert(0, str(SOURCES))

from gates import let_gates_out  # noqa: E402


@dataclass
class Page:
    """A page: its preset, and which programs of the export it runs."""

    title: str
    preset: str
    programs: tuple[str, ...] = ("model",)
    scripts: tuple[str, ...] = ()


PAGES = {
    "sentiment": Page("Type a sentence", "sentiment_gru"),
    "video": Page("Draw a movement", "video_gru"),
    "dna": Page("Paste a stretch of DNA", "dna_gru"),
    "music": Page("Ask for a tune", "music_gru", ("start", "step"), ("vendor/abcjs-basic-min.js",)),
}
FROM_NPM = {  # what a page takes of each package
    "onnxruntime-web": ("dist/ort.wasm.min.mjs", "dist/ort-wasm-simd-threaded.mjs", "dist/ort-wasm-simd-threaded.wasm"),
    "abcjs": ("dist/abcjs-basic-min.js", "LICENSE.md"),
}
RUNTIME = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm.gz")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, help="a folder; what is in it is replaced")
    out = parser.parse_args().out
    build(out)
    for name in PAGES:
        print(f"{out / name}.html: {megabytes(fetched(out, name)):.1f} MB to fetch")


def build(out: Path) -> None:
    """Writes all pages and what they fetch."""
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(SOURCES / "scripts", out / "scripts")
    shutil.copy(SOURCES / "style.css", out)
    vendor(out / "vendor")
    for name, page in PAGES.items():
        write_model(name, page, out)
    for name, page in PAGES.items():
        write_page(name, page, out)
    write_index(out)


def vendor(folder: Path) -> None:
    """Copies what pages take from npm, in the versions and with the digests of package-lock.json."""
    folder.mkdir()
    with tempfile.TemporaryDirectory() as scratch:
        for file in ("package.json", "package-lock.json"):
            shutil.copy(SOURCES / file, scratch)
        subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=scratch, check=True
        )
        for package, files in FROM_NPM.items():
            for file in files:
                source = Path(scratch, "node_modules", package, file)
                target = folder / (source.name if source.parent.name == "dist" else f"{package}.{source.name}")
                if source.suffix == ".wasm":
                    compress(source.read_bytes(), target)
                else:
                    shutil.copy(source, target)


def write_model(name: str, page: Page, out: Path) -> None:
    """Exports a preset; its files are compressed, as weights of half precision take half of their room."""
    model, folder = seqzoo.from_preset(page.preset), out / name
    with tempfile.TemporaryDirectory() as scratch:
        exported = seqzoo.export(model, scratch, format="onnx")
        shutil.copy(exported / "read.js", out / "scripts")
        for program in page.programs:
            file = onnx.load(exported / f"{program}.onnx")
            file = file if program == "start" else let_gates_out(file)
            compress(file.SerializeToString(), folder / f"{program}.onnx")
        compress((exported / "preprocessor.json").read_bytes(), folder / "preprocessor.json")
        if name != "music":
            chosen = json.dumps(examples(name, model), ensure_ascii=False)
            (folder / "examples.json").write_text(chosen + "\n", encoding="utf-8")


def examples(task: str, model: TaskModel) -> dict:
    """Of the mini data's test split: the first example of each label, and the first that the model gets wrong."""
    x, y = whole(seqzoo.get_task(task).batches("mini", "test"))
    x = [_plain(each) for each in x]
    said = np.array([model.labels.index(label) for label, _ in model.answer(x, batch_size=len(x))])
    one = lambda i: {"x": x[i], "label": model.labels[y[i]]}
    firsts = [int(np.flatnonzero(y == label)[0]) for label in np.unique(y)]
    mistakes = np.flatnonzero(said != y)
    return {
        "right": int((said == y).sum()),
        "of": len(y),
        "first": [one(i) for i in firsts],
        "mistakes": [one(i) for i in mistakes[:8]],
    }


def _plain(x):
    return x if isinstance(x, str) else np.round(x[(x >= 0).all(axis=-1)], 4).tolist()


def compress(content: bytes, target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    target.with_name(target.name + ".gz").write_bytes(gzip.compress(content, mtime=0))


def fetched(out: Path, name: str) -> list[Path]:
    """The files that a page fetches, besides itself and its scripts."""
    vendored = [out / "vendor" / file for file in RUNTIME] + [out / script for script in PAGES[name].scripts]
    return vendored + sorted((out / name).iterdir())


def megabytes(files: list[Path]) -> float:
    return sum(file.stat().st_size for file in files) / 1e6


def write_page(name: str, page: Page, out: Path) -> None:
    runtime = [file for file in fetched(out, name) if file.parent.name == "vendor"]
    scripts = "".join(f'<script src="{file}"></script>\n' for file in ("scripts/read.js", *page.scripts))
    body = Template((SOURCES / "pages" / f"{name}.html").read_text(encoding="utf-8"))
    text = body.substitute(
        megabytes=f"{megabytes(fetched(out, name)):.1f}",
        runtime=f"{megabytes(runtime):.1f}",
        model=f"{megabytes(fetched(out, name)) - megabytes(runtime):.1f}",
        train=re.search(r"train (\d[\d,]*\d|\d)", rows_of_card(page.preset)["split"])[1],
        card=card(page.preset),
    )
    scripts += f'<script type="module" src="scripts/{name}.js"></script>\n'
    write_html(out / f"{name}.html", page.title, text, scripts, name)


def write_index(out: Path) -> None:
    sizes = {name: f"{megabytes(fetched(out, name)):.1f}" for name in PAGES}
    sizes["runtime"] = f"{megabytes([out / 'vendor' / file for file in RUNTIME]):.1f}"
    body = Template((SOURCES / "pages" / "index.html").read_text(encoding="utf-8"))
    write_html(out / "index.html", "Live", body.substitute(sizes), "", "index")


def write_html(file: Path, title: str, body: str, scripts: str, current: str) -> None:
    frame = Template((SOURCES / "pages" / "frame.html").read_text(encoding="utf-8"))
    links = {"index": "Live", **{name: page.title for name, page in PAGES.items()}}
    here = ' aria-current="page"'
    nav = "".join(
        f'<a href="{name}.html"{here if name == current else ""}>{text}</a>\n' for name, text in links.items()
    )
    file.write_text(frame.substitute(title=title, body=body, scripts=scripts, nav=nav), encoding="utf-8")


def text_of_card(preset: str) -> str:
    return (find_preset(preset) / CARD).read_text(encoding="utf-8")


def rows_of_card(preset: str) -> dict[str, str]:
    return dict(re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", text_of_card(preset), re.MULTILINE))


def card(preset: str) -> str:
    """The table and the limits of a preset's card, as HTML."""
    rows = rows_of_card(preset).items()
    table = "".join(f'<tr><th scope="row">{_html(key)}</th><td>{_html(value)}</td></tr>\n' for key, value in rows)
    limits = text_of_card(preset).split("## Limits\n", 1)[1].strip()
    return f"<table>\n{table}</table>\n<h3>Limits</h3>\n<p>{_html(limits)}</p>"


def _html(markdown):
    text = html.escape(markdown, quote=False)
    text = re.sub(r"\[([^\]]+)\]\(([^)]+)\)", r'<a href="\2">\1</a>', text)
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", text)


if __name__ == "__main__":
    main()
