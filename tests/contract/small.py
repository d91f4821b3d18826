"""Each task's small model on the data that it shows itself by."""

import inspect

import keras

import seqzoo

SIZES = {"units": 4, "embedding": 4, "layers": 1}


def small_model(name, cell="gru", **options):
    """A task's model of the smallest sensible size, for its own data."""
    keras.utils.set_random_seed(0)
    task = seqzoo.get_task(name)
    known = inspect.signature(task.create_model).parameters
    sizes = {key: value for key, value in SIZES.items() if key in known}
    return task.create_model(cell=cell, **sizes, **{**task.own_data().options, **options})
