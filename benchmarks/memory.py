"""Peak memory of training: ours against keras.layers, each in a process of its own.

    python benchmarks/memory.py           # steps that XLA compiles, at the sizes of the other tables
    python benchmarks/memory.py --long    # a default fit of two batches of 10,000 steps, and recompute=True

The figure is how far the process's resident set rises above what it was before, in MiB.
"""

import itertools
import os
import resource
import subprocess
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import click

STEPS = 3
LONG = "16,10000,64,128"


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # Linux: KiB


def rise(call):
    before = peak()
    call()
    return peak() - before


def of_steps(who, cell, shape, masked):
    from speed import tensorflow_call, tf, twins

    theirs, ours, x = twins(cell, shape)
    mask = tf.ones(shape[:2], bool) if masked else None
    call = tensorflow_call({"ours": ours, "keras": theirs}[who], x, mask, training=True, jit=True)
    return rise(lambda: [call() for _ in range(STEPS)])


def of_fit(who, cell, shape):
    import numpy as np
    from fit import contestants

    batch, length, features, _ = shape
    x = np.random.default_rng(0).normal(size=(2 * batch, length, features)).astype("float32")
    model = contestants(cell, shape, dropout=0.0, recompute=True)[who]
    return rise(lambda: model.fit(x, x[..., :1], batch_size=batch, verbose=0))


def in_a_process(who, cell, shape, *flags):
    command = [sys.executable, __file__, "--who", who, "--cell", cell, "--shape", shape, *flags]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return f"{float(output.split()[-1]):.0f}"


def table(columns, rows):
    click.echo(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for row in rows:
        click.echo(f"| {' | '.join(row)} |")


@click.command()
@click.option("--long", is_flag=True)
@click.option("--who", hidden=True)
@click.option("--cell", hidden=True)
@click.option("--shape", hidden=True)
@click.option("--masked", is_flag=True, hidden=True)
def main(long, who, cell, shape, masked):
    from speed import GATES, SHAPES

    if who:
        shape = [int(n) for n in shape.split(",")]
        click.echo(of_fit(who, cell, shape) if long else of_steps(who, cell, shape, masked))
    elif long:
        names = ("ours", "recompute", "keras")
        rows = ([cell, *(in_a_process(name, cell, LONG, "--long") for name in names)] for cell in GATES)
        sizes = f"batch, time, features, units: {LONG.replace(',', ', ')}"
        table([sizes, "ours, MiB", "ours with recompute=True, MiB", "keras, MiB"], rows)
    else:
        rows = (
            [cell, shape.replace(",", ", "), "training, masked" if masked else "training"]
            + [in_a_process(name, cell, shape, *["--masked"] * masked) for name in ("ours", "keras")]
            for cell, shape, masked in itertools.product(GATES, SHAPES, (False, True))
        )
        table(["cell", "batch, time, features, units", "what", "ours, MiB", "keras, MiB"], rows)


if __name__ == "__main__":
    main()
