"""Trains every task's small model on one device and on two, and writes how far apart they are as JSON.

The devices are made before the backend starts, so it runs in a process of its own.
"""

import inspect
import json
import sys

import keras
import numpy as np

import seqzoo
from small import small_model

NOISE = ("dropout", "base_dropout", "word_dropout", "noise", "tempo", "turn", "stretch")
BATCH, EPOCHS = 3, 2  # the batches are uneven on two devices, and the last is of one example where there are four


def of_two_devices():
    if keras.backend.backend() == "jax":
        return keras.distribution.DataParallel(devices=["cpu:0", "cpu:1"])
    import tensorflow as tf

    (cpu,) = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])


def quiet_model(name):
    """A model without noise, which descends its gradient as it is, cut at a length that is too short for it."""
    known = inspect.signature(seqzoo.get_task(name).create_model).parameters
    model = small_model(name, **{key: 0.0 for key in NOISE if key in known})
    settings = model.get_compile_config()
    limits = {key: 0.05 for key in ("clipnorm", "global_clipnorm") if getattr(model.optimizer, key)}
    settings["optimizer"] = keras.saving.serialize_keras_object(keras.optimizers.SGD(0.5, **limits))
    model.compile_from_config(settings)
    return model


def weights_of_examples(n):
    return np.linspace(0.5, 2.0, n)


def trained(model, x, y):
    """What training says, and what it leaves."""
    n = len(list(y))
    data = dict(sample_weight=weights_of_examples(n), batch_size=BATCH)
    history = model.fit(x, y, **data, validation_data=(x, y), shuffle=False, epochs=EPOCHS, verbose=0).history
    figures = model.evaluate(x, y, **data, verbose=0, return_dict=True)
    return {"weights": model.network.get_weights(), **history, **figures}


def difference(one, two):
    return max(float(np.max(np.abs(np.asarray(a) - np.asarray(b)), initial=0)) for a, b in zip(one, two, strict=True))


def compare(name, strategy):
    own = seqzoo.get_task(name).own_data()
    alone = quiet_model(name)
    before = alone.network.get_weights()
    one = trained(alone, own.x, own.y)
    with strategy.scope():
        model = quiet_model(name)
        model.network.set_weights(before)
        two = trained(model, own.x, own.y)
    found = {key: difference(np.atleast_1d(one[key]) if key != "weights" else one[key], np.atleast_1d(two[key]) if key != "weights" else two[key]) for key in one}
    return {"moved": difference(before, one["weights"]), "apart": found}


if __name__ == "__main__":
    strategy = of_two_devices()
    names = sys.argv[1:] or seqzoo.list_tasks()
    print(json.dumps({name: compare(name, strategy) for name in names}))
