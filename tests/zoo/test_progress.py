"""Training is watched: what a reader sees of it, and what ends it."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqzoo.progress import watch

pytestmark = pytest.mark.filterwarnings("ignore:Your input ran out of data")


def dataset(*counts):
    """One that holds as many batches as `counts` says, one epoch after the other."""
    left = iter(counts)
    batch = (np.ones((2, 3), "float32"), np.ones((2, 1), "float32"))
    shapes = tuple(tf.TensorSpec(part.shape) for part in batch)
    return tf.data.Dataset.from_generator(lambda: iter([batch] * next(left)), output_signature=shapes)


def fit(train, validation):
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(train, validation_data=validation, epochs=2, verbose=0, callbacks=watch("metrics.json"))


def test_training_shows_its_epochs_and_figures(capsys):
    fit(dataset(4, 4), dataset(2, 2))
    assert "2/2" in capsys.readouterr().out


def test_the_bar_of_a_training_that_ends_early_ends_with_it(capsys):
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    stop = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: setattr(model, "stop_training", epoch == 2))
    model.fit(np.ones((4, 3)), np.ones((4, 1)), epochs=20, verbose=0, callbacks=[*watch(), stop])
    last = capsys.readouterr().out.strip().split("\r")[-1]
    assert last.startswith("training, ended early of 20 epochs: 100%") and "3/3" in last


@pytest.mark.parametrize(
    "train, validation, message",
    [
        ((4, 3), (2, 2), "Expected 4 batches for training in epoch 2. Received: 3"),
        ((4, 4), (2, 1), "Expected 2 batches for validation in epoch 2. Received: 1"),
    ],
)
def test_an_epoch_that_lacks_batches_ends_training(train, validation, message):
    with pytest.raises(RuntimeError, match=message):
        fit(dataset(*train), dataset(*validation))


def test_a_first_epoch_that_lacks_batches_ends_training_too():
    known = dataset(3)
    known.cardinality = lambda: tf.constant(4, tf.int64)
    with pytest.raises(RuntimeError, match="Expected 4 batches for training in epoch 1. Received: 3"):
        fit(known, None)
