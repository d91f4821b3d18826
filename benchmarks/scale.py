"""What limits training on many devices: each task's step, gradient and input pipeline, measured; the network, assumed.

python benchmarks/scale.py --out results/scale.json                     # measure, on the mini data
python benchmarks/scale.py --measured results/scale.json --page docs/scale.md   # and put the tables on a page
python benchmarks/scale.py --measured results/scale.json --bandwidth 100 --latency 5   # for another network

Times are the processor's, of one thread, so that what else a machine does counts little.
"""

import argparse
import json
import math
import os
import statistics
import time
from pathlib import Path

os.environ |= {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}  # before TensorFlow starts

import keras  # noqa: E402

import seqzoo  # noqa: E402
from seqzoo.layers.nested import layers_in  # noqa: E402
from seqzoo.pipeline import Pipeline  # noqa: E402
from seqzoo.runs.results_table import put_between  # noqa: E402

BEGIN, END = "<!-- scale -->", "<!-- /scale -->"
STEPS = 30  # that are timed
BYTES = 4  # of a weight, and of a place in a table of vectors
WORKERS = (8, 100)


class Timed(keras.callbacks.Callback):
    """The seconds of each step of an epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        self.seconds = []

    def on_train_batch_begin(self, batch, logs=None):
        self.begin = time.process_time()

    def on_train_batch_end(self, batch, logs=None):
        self.seconds.append(time.process_time() - self.begin)


def step_seconds(model, batches):
    """The median of a step, once all batches are made and the step is compiled."""
    made = batches.cache()
    made.of_numbers = True
    timed = Timed()
    model.fit(made, epochs=2, verbose=0, callbacks=[timed])
    return statistics.median(timed.seconds)


def pipeline_seconds(batches):
    """Of a batch, from raw examples to numbers, alone."""
    n = sum(1 for _ in batches)  # what is read from a disk once is read here
    begin = time.process_time()
    for _ in batches:
        pass
    return (time.process_time() - begin) / n


def gradients(model, batches):
    """The bytes of the gradient: as a whole, and with only those rows of tables that a batch has looked up."""
    tables = [layer for layer in layers_in(model.network) if isinstance(layer, keras.layers.Embedding)]
    tables = [layer for layer in tables if layer.trainable]
    inside = sum(layer.count_params() for layer in tables)
    whole = sum(weight.value.shape.num_elements() for weight in model.trainable_weights)
    looked_up = []
    for inputs, *_ in batches.take(STEPS):
        ids = [part for part in keras.tree.flatten(inputs) if part.dtype.is_integer]
        looked_up.append(sum(int(keras.ops.size(part)) for part in ids))
    width = max((layer.output_dim for layer in tables), default=0)
    rows = statistics.median(looked_up) * (width + 1) if tables else 0
    return whole * BYTES, int((whole - inside + min(rows, inside)) * BYTES)


def measured(name):
    task = seqzoo.get_task(name)
    batch = task.recipe.batch_size
    examples = sum(len(y) for _, y in task.batches("mini", "train", 256).as_numpy_iterator())

    def batches(size):
        return Pipeline(model.network, model.preprocessor).batches(task.batches("mini", "train", size))

    model = task.create_model(task.recipe.cell, "mini")
    whole, sparse = gradients(model, batches(batch))
    return {
        "batch": batch,
        "examples": examples,
        "step": step_seconds(model, batches(batch).take(STEPS)),
        "part": step_seconds(model, batches(max(1, batch // WORKERS[0])).take(STEPS)),
        "pipeline": pipeline_seconds(batches(batch)),
        "gradient": whole,
        "sparse": sparse,
    }


def all_reduce(size, n, bandwidth, latency):
    """Seconds of a ring: 2(n − 1) messages of a n-th of the gradient each."""
    return 2 * (n - 1) * (size / n / bandwidth + latency)


def sizes(found):
    for name, m in found.items():
        yield (
            name,
            str(m["batch"]),
            *(f"{1e3 * m[key]:.1f} ms" for key in ("step", "part")),
            *(f"{m[key] / 1e6:.2f} MB" for key in ("gradient", "sparse")),
            f"{1e3 * m['pipeline']:.1f} ms",
        )


def limits(m, n, bandwidth, latency):
    """For n devices: seconds of the gradients' sum, how many times as fast as one device the recipe's
    batch in n parts is, n batches are, and one pipeline can feed; and the steps that n batches leave an epoch."""
    reduce = all_reduce(m["gradient"], n, bandwidth, latency)
    same = m["step"] / (m["part"] + reduce) if n <= m["batch"] else None
    larger = n * m["step"] / (m["step"] + reduce)
    fed = m["step"] / m["pipeline"]
    steps = m["examples"] / (m["batch"] * n)
    return reduce, same, larger, fed, steps


def limit(m, n, bandwidth, latency):
    """What holds n devices back that each have a whole batch of the recipe's."""
    _, _, larger, fed, _ = limits(m, n, bandwidth, latency)
    if fed < larger:
        return f"the pipeline: {math.ceil(larger / fed)} are needed"
    return "the network" if larger < 0.8 * n else "neither"


def tables(found, bandwidth, latency):
    """The measured table, and one for each number of workers."""
    head = ("task", "batch", "step", "step of an eighth", "gradient", "rows looked up alone", "pipeline, a batch")
    yield "Measured:", head, list(sizes(found))
    for n in WORKERS:
        rows = []
        for name, m in found.items():
            reduce, same, larger, fed, steps = limits(m, n, bandwidth, latency)
            rows.append(
                (
                    name,
                    f"{1e3 * reduce:.1f} ms",
                    *([f"{same:.1f}"] if n <= WORKERS[0] else []),
                    f"{larger:.0f}",
                    f"{fed:.1f}",
                    limit(m, n, bandwidth, latency),
                    f"{steps:.0f}" if steps >= 1 else "less than one",
                )
            )
        same = ["times as fast, the recipe's batch"] if n <= WORKERS[0] else []
        head = ("task", "sum of gradients", *same, f"batch times {n}", "one pipeline feeds", "limit", "steps an epoch")
        yield f"{n} devices:", head, rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bandwidth", type=float, default=10.0, help="Gbit/s of each device's link")
    parser.add_argument("--latency", type=float, default=50.0, help="µs of a message")
    parser.add_argument("--measured", type=Path, help="what --out wrote, instead of measuring")
    parser.add_argument("--out", type=Path, help="where to write what is measured")
    parser.add_argument("--page", type=Path, help="a Markdown page with both marks")
    options = parser.parse_args()
    if options.measured:
        found = json.loads(options.measured.read_text())
    else:
        found = {name: measured(name) for name in seqzoo.list_tasks()}
    if options.out:
        options.out.write_text(json.dumps(found, indent=1) + "\n")
    parts = []
    for title, head, rows in tables(found, options.bandwidth * 1e9 / 8, options.latency * 1e-6):
        lines = [head, ("---",) * len(head), *rows]
        parts.append("\n".join([title, "", *(f"| {' | '.join(cells)} |" for cells in lines)]))
    text = "\n\n".join(parts)
    print(text)
    if options.page:
        put_between(options.page, text, BEGIN, END)


if __name__ == "__main__":
    main()
