"""Times the layers on Keras's torch backend: ours, keras.layers and torch.nn, in turn, same weights.

    python benchmarks/torch_backend.py
    python benchmarks/torch_backend.py --shapes 32,100,64,64 --rounds 20
"""

import itertools
import os

os.environ["KERAS_BACKEND"] = "torch"

import click
import keras
import numpy as np
import torch
from measure import ROUNDS, measure

from seqzoo.layers import from_keras, to_torch

LAYERS = {"rnn": keras.layers.SimpleRNN, "lstm": keras.layers.LSTM}


def training_step(layer, x, parameters, **masked):
    def run():
        outputs = layer(x, **masked)
        outputs = outputs[0] if isinstance(outputs, tuple) else outputs
        torch.autograd.grad((outputs**2).mean(), parameters)

    return run


def contestants(cell, shape, masked):
    """Named training steps that all compute the same; rows of a masked batch count half of their steps or more."""
    batch, length, features, units = shape
    keras.utils.set_random_seed(0)
    theirs = LAYERS[cell](units, return_sequences=True)
    theirs.build((batch, length, features))
    ours = from_keras(theirs)
    module = to_torch(ours)
    x = torch.randn(batch, length, features)
    lengths = torch.randint(length // 2, length + 1, (batch, 1))
    mask = torch.arange(length) < lengths if masked else None
    np.testing.assert_allclose(ours(x, mask=mask).detach(), theirs(x, mask=mask).detach(), atol=1e-4)
    calls = {
        name: training_step(layer, x, [w.value for w in layer.trainable_weights], mask=mask)
        for name, layer in (("ours", ours), ("keras", theirs))
    }
    if not masked:
        np.testing.assert_allclose(ours(x).detach(), module(x)[0].detach(), atol=1e-4)
        calls["torch.nn"] = training_step(module, x, list(module.parameters()))
    return calls


@click.command()
@click.option("--shapes", default=["32,100,64,64", "64,128,128,256", "1,200,64,128"], multiple=True)
@click.option("--rounds", default=ROUNDS, show_default=True)
def main(shapes, rounds):
    for cell, shape, masked in itertools.product(LAYERS, shapes, (False, True)):
        _, seconds = measure(contestants(cell, [int(n) for n in shape.split(",")], masked), rounds=rounds)
        for name in list(seconds)[1:]:
            low, middle, high = np.quantile(seconds[name] / seconds["ours"], [0.25, 0.5, 0.75])
            what = "training, masked" if masked else "training"
            print(f"{cell} {shape} {what}: {name} / ours {middle:.2f} ({low:.2f}–{high:.2f})")


if __name__ == "__main__":
    main()
