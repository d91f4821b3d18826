"""Peak memory of training steps: ours against keras.layers, each in a process of its own.

    python benchmarks/memory.py

The figure is how far the process's resident set rises above what it was before the first step, in MiB.
"""

import itertools
import os
import resource
import subprocess
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import click

STEPS = 3


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # Linux: KiB


def child(who, cell, shape, masked):
    from speed import tensorflow_call, tf, twins

    theirs, ours, x = twins(cell, shape)
    mask = tf.ones(shape[:2], bool) if masked else None
    call = tensorflow_call({"ours": ours, "keras": theirs}[who], x, mask, training=True, jit=True)
    before = peak()
    for _ in range(STEPS):
        call()
    return peak() - before


@click.command()
@click.option("--who", hidden=True)
@click.option("--cell", hidden=True)
@click.option("--shape", hidden=True)
@click.option("--masked", is_flag=True, hidden=True)
def main(who, cell, shape, masked):
    from speed import GATES, SHAPES

    if who:
        click.echo(child(who, cell, [int(n) for n in shape.split(",")], masked))
        return
    click.echo("| cell | batch, time, features, units | what | ours, MiB | keras, MiB |\n|---|---|---|---|---|")
    for cell, shape, masked in itertools.product(GATES, SHAPES, (False, True)):
        flags = ["--cell", cell, "--shape", shape, *["--masked"] * masked]
        figures = []
        for who in ("ours", "keras"):
            command = [sys.executable, __file__, "--who", who, *flags]
            output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            figures.append(float(output.split()[-1]))
        what = "training, masked" if masked else "training"
        click.echo(f"| {cell} | {shape.replace(',', ', ')} | {what} | {figures[0]:.0f} | {figures[1]:.0f} |")


if __name__ == "__main__":
    main()
