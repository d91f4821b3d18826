"""Trains small models on one device and on two, and writes how far apart they are, as JSON.

The devices are made before the backend starts, so it runs in a process of its own:
`python two_devices.py TASK...`.
"""

import contextlib
import dataclasses
import functools
import inspect
import json
import sys
import tempfile
from pathlib import Path

import keras
import numpy as np

import seqzoo
from small import small_model

NOISE = ("dropout", "base_dropout", "word_dropout", "noise", "tempo", "turn", "stretch")
BATCH = 3  # uneven on two devices; the last batch has one example where there are four


def two_devices():
    if keras.backend.backend() == "jax":
        return keras.distribution.DataParallel(devices=["cpu:0", "cpu:1"])
    import tensorflow as tf

    (cpu,) = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])


def quiet_model(name, graph=True):
    """A model without noise that descends its gradient as it is, cut where the task cuts it, and shorter."""
    known = inspect.signature(seqzoo.get_task(name).create_model).parameters
    model = small_model(name, "rnn", **{key: 0.0 for key in NOISE if key in known})
    limits = {key: 0.05 for key in ("clipnorm", "global_clipnorm") if getattr(model.optimizer, key)}
    settings = {**model.get_compile_config(), "jit_compile": keras.backend.backend() == "jax", "run_eagerly": not graph}
    settings["optimizer"] = keras.saving.serialize_keras_object(keras.optimizers.SGD(0.5, **limits))
    model.compile_from_config(settings)
    return model


def learned(name, graph=True):
    """The weights before and after an epoch, and what training and evaluation say."""
    x, y = (own := seqzoo.get_task(name).own_data()).x, own.y
    data = dict(sample_weight=np.linspace(0.5, 2.0, len(list(y))), batch_size=BATCH, verbose=0)
    model = quiet_model(name, graph)
    before = model.network.get_weights()
    said = model.fit(x, y, shuffle=False, **data).history
    if name == "one_to_one":
        said |= {f"evaluated {key}": [value] for key, value in model.evaluate(x, y, **data, return_dict=True).items()}
    if name == "ner":
        said["predicted"] = [model.predict(x)]
    return before, model.network.get_weights(), said


class Cut(keras.callbacks.Callback):
    """Ends training within its second epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.epoch == 1:
            raise KeyboardInterrupt


def followed(strategy, cut=False):
    """The same by a recipe: with Adam, the average of the weights, the best epoch and a backup after a cut."""
    import tensorflow as tf

    task = seqzoo.get_task("one_to_one")
    own = task.own_data()

    def batches(*args, **kwargs):
        batch = {key: tf.constant(column) for key, column in own.x.items()}, tf.constant(own.y)
        return tf.data.Dataset.from_tensor_slices(batch).batch(BATCH)

    def model(*args, **kwargs):
        return small_model("one_to_one", dropout=0.0, ema_momentum=0.9)

    task = dataclasses.replace(task, batches=batches, create_model=model)
    with tempfile.TemporaryDirectory() as backup:
        train = functools.partial(task.train, epochs=3, strategy=strategy, backup_dir=backup)
        if cut:
            with contextlib.suppress(KeyboardInterrupt):
                train(callbacks=[Cut()])
            assert list(Path(backup).glob("*.state"))
        model = train()
    said = {name: values for name, values in model.history.history.items() if name != "seconds"}
    return small_model("one_to_one").network.get_weights(), model.network.get_weights(), said


def compared(one, two):
    (_, *one), (before, *two) = one, two
    said, again = one.pop(), two.pop()
    assert said.keys() == again.keys()
    return {
        "moved": apart(before, two[0]),
        "weights": apart(one[0], two[0]),
        **{key: apart(said[key], again[key]) for key in said},
    }


def apart(one, two):
    return max(float(np.max(np.abs(np.subtract(a, b)))) for a, b in zip(one, two, strict=True))


if __name__ == "__main__":
    strategy = two_devices()
    found = {}
    for name in sys.argv[1:]:
        one = learned(name, graph=keras.backend.backend() == "jax")
        with strategy.scope():
            found[name] = compared(one, learned(name))
    found["by a recipe"] = compared(followed(None), followed(strategy, cut=True))
    print(json.dumps(found))
