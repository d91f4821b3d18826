"""Builds the site out of the executed notebooks, the docstrings and the pages of the repository.

pip install -e ".[site]"                     # and npm, for KaTeX
python docs/build.py                         # to build/site/html; executes what build/runs does not have yet
python docs/build.py --runs runs             # takes the executed notebooks from runs that there are
python docs/build.py --unexecuted            # in a minute, with notebooks that have no outputs
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from building.gallery import stage_gallery
from building.kept import require_offline, require_whole, vendor_katex
from building.notebooks import execute, stage_notebooks, unexecuted
from building.pages import ROOT, stage
from building.pictures import draw_benchmarks

LIVE = ROOT / "docs" / "live" / "build.py"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=Path, default=ROOT / "build" / "runs", help="a folder of runs, as `seqzoo run`")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "site", help="gets html/, the site")
    parser.add_argument("--unexecuted", action="store_true", help="notebooks without outputs: nothing is trained")
    options = parser.parse_args()
    executed = unexecuted() if options.unexecuted else execute(options.runs.resolve())
    build(executed, options.out.resolve())


def build(executed, out):
    from sphinx.cmd.build import main as sphinx

    source, site = out / "source", out / "html"
    for folder in (source, site):
        shutil.rmtree(folder, ignore_errors=True)
    stage(source)
    stage_notebooks(executed, source)
    stage_gallery(executed, source)
    draw_benchmarks(source / "docs" / "benchmarks")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["SEQZOO_KATEX"] = str(vendor_katex(out / "vendored" / "katex"))
    arguments = ["-W", "--keep-going", "-q", "-c", ROOT / "docs", "-d", out / "doctrees", source, site]
    if sphinx([str(argument) for argument in arguments]):
        raise SystemExit(1)
    subprocess.run([sys.executable, LIVE, site / "live"], check=True)
    require_offline(site)
    require_whole(site)
    size = sum(file.stat().st_size for file in site.rglob("*") if file.is_file())
    print(f"{site / 'index.html'}: {sum(1 for _ in site.rglob('*.html'))} pages, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
