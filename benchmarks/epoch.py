"""Times real epochs: a task's own model, and the same model on keras.layers, on the same batches.

python benchmarks/epoch.py sentiment --cell gru --rounds 5
"""

import os
from unittest import mock

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import click
import keras
import numpy as np
from measure import measure

import seqzoo
from seqzoo.architectures import recurrent
from seqzoo.layers import GRUCell, LSTMCell, RNNCell

KERAS = {
    RNNCell: keras.layers.SimpleRNN,
    GRUCell: lambda units, **options: keras.layers.GRU(units, reset_after=False, **options),
    LSTMCell: keras.layers.LSTM,
}


def keras_rnn(cell, return_sequences=False, **options):
    return KERAS[type(cell)](cell.units, return_sequences=return_sequences, **options)


def make(task, cell, layer):
    keras.utils.set_random_seed(0)
    with mock.patch.object(recurrent, "RNN", layer):
        return seqzoo.create_model(task, cell=cell)


@click.command()
@click.argument("task")
@click.option("--cell", default="gru", show_default=True)
@click.option("--rounds", default=5, show_default=True)
def main(task, cell, rounds):
    models = {"ours": make(task, cell, recurrent.RNN), "keras": make(task, cell, keras_rnn)}
    train = seqzoo.get_task(task).batches("mini", "train")
    epochs = {name: lambda model=model: model.fit(train, verbose=0) for name, model in models.items()}
    _, seconds = measure(epochs, rounds=rounds)
    ratio = np.quantile(seconds["keras"] / seconds["ours"], [0.5, 0.25, 0.75])
    ours, theirs = (np.median(seconds[name]) for name in ("ours", "keras"))
    click.echo(f"{task}, {cell}: an epoch takes {ours:.2f} s with our layers, {theirs:.2f} s with keras.layers; "
               "keras / ours {:.2f} ({:.2f}–{:.2f})".format(*ratio))  # fmt: skip


if __name__ == "__main__":
    main()
