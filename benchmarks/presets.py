"""The table of presets: size, figure, seconds to load and to the first answer, each in a process of its own.

python benchmarks/presets.py                         # print it; the data are in TFDS_DATA_DIR
python benchmarks/presets.py --page docs/presets.md   # and put it between the page's two marks
"""

import argparse
import statistics
import subprocess
import sys
from pathlib import Path

from seqzoo.presets.folder import list_presets, read_metadata, size
from seqzoo.runs.results_table import put_between

BEGIN, END = "<!-- presets -->", "<!-- /presets -->"
HEAD = ("preset", "data", "figure on test", "MB", "weights", "loads in", "first answer after")
MEASURE = """
import sys, time
import seqzoo
from seqzoo.registry import make_known

make_known()  # what is imported anyway
name, task, dataset = sys.argv[1:]
one = seqzoo.get_task(task).batches(dataset, "test", batch_size=1).take(1).cache()
list(one)
begin = time.perf_counter()
model = seqzoo.from_preset(name)
loaded = time.perf_counter()
model.answer(one)
print(loaded - begin, time.perf_counter() - loaded)
"""


def measure(name, known):
    command = [sys.executable, "-c", MEASURE, name, known["task"], known["run"]["dataset"]]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [float(seconds) for seconds in done.stdout.split()[-2:]]


def row(name, rounds):
    known = read_metadata(name)
    run = known["run"]
    load, answer = (statistics.median(column) for column in zip(*(measure(name, known) for _ in range(rounds))))
    return (
        f"[{name}](../zoo/presets/{name}/README.md)",
        run["dataset"],
        f"{run['metric']} {known['figure']:.3f}",
        f"{size(name) / 1e6:.2f}",
        known["dtype"],
        f"{load:.1f} s",
        f"{answer:.1f} s",
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="processes for each preset; the median counts")
    parser.add_argument("--page", type=Path, help="a Markdown page with both marks")
    options = parser.parse_args()
    rows = [HEAD, ("---",) * len(HEAD), *(row(name, options.rounds) for name in list_presets())]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in rows)
    total = sum(size(name) for name in list_presets()) / 1e6
    text = f"{table}\n\nAll together {total:.1f} MB."
    print(text)
    if options.page:
        put_between(options.page, text, BEGIN, END)


if __name__ == "__main__":
    main()
