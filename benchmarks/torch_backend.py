"""Times the layers on Keras's torch backend: ours, keras.layers and torch.nn, in turn, same weights.

    python benchmarks/torch_backend.py
    python benchmarks/torch_backend.py --shapes 32,100,64,64 --rounds 20
"""

import os

os.environ["KERAS_BACKEND"] = "torch"

import click
import keras
import numpy as np
import torch
from measure import ROUNDS, measure

from seqzoo.layers import from_keras, to_torch

LAYERS = {"rnn": keras.layers.SimpleRNN, "lstm": keras.layers.LSTM}


def training_step(layer, x, parameters):
    def run():
        outputs = layer(x)
        outputs = outputs[0] if isinstance(outputs, tuple) else outputs
        torch.autograd.grad((outputs**2).mean(), parameters)

    return run


def contestants(cell, shape):
    batch, length, features, units = shape
    keras.utils.set_random_seed(0)
    theirs = LAYERS[cell](units, return_sequences=True)
    theirs.build((batch, length, features))
    ours = from_keras(theirs)
    module = to_torch(ours)
    x = torch.randn(batch, length, features)
    np.testing.assert_allclose(ours(x).detach(), theirs(x).detach(), atol=1e-4)
    np.testing.assert_allclose(ours(x).detach(), module(x)[0].detach(), atol=1e-4)
    calls = {
        name: training_step(layer, x, [w.value for w in layer.trainable_weights])
        for name, layer in (("ours", ours), ("keras", theirs))
    }
    return {**calls, "torch.nn": training_step(module, x, list(module.parameters()))}


@click.command()
@click.option("--shapes", default=["32,100,64,64", "64,128,128,256", "1,200,64,128"], multiple=True)
@click.option("--rounds", default=ROUNDS, show_default=True)
def main(shapes, rounds):
    for cell in LAYERS:
        for shape in shapes:
            calls = contestants(cell, [int(n) for n in shape.split(",")])
            _, seconds = measure(calls, rounds=rounds)
            for name in ("keras", "torch.nn"):
                low, middle, high = np.quantile(seconds[name] / seconds["ours"], [0.25, 0.5, 0.75])
                print(f"{cell} {shape} training: {name} / ours {middle:.2f} ({low:.2f}–{high:.2f})")


if __name__ == "__main__":
    main()
