"""Each task's small model on the data that it shows itself by."""

import inspect

import keras

import seqzoo

SIZES = {"units": 4, "embedding": 4, "layers": 1}


def sizes_of(task):
    """The smallest sensible sizes, of those that the task's models have."""
    known = inspect.signature(task.create_model).parameters
    return {key: value for key, value in SIZES.items() if key in known}


def small_model(name, cell="gru", **options):
    """A task's model of the smallest sensible size, for its own data."""
    keras.utils.set_random_seed(0)
    task = seqzoo.get_task(name)
    return task.create_model(cell=cell, **sizes_of(task), **{**task.own_data().options, **options})
