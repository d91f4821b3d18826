"""Every dataset of TFDS that a task can have trains by its recipe and is scored, on made-up examples of it."""

import importlib
import inspect

import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

import seqzoo
from made import MADE
from seqzoo.datasets import sources
from small import sizes_of


def sources_of(name):
    return importlib.import_module(f"seqzoo.tasks.{name}.dataset").SOURCES


def others(name):
    """The datasets besides the mini ones; of two names for one thing, the first."""
    of_task = sources_of(name)
    names = [dataset for dataset in seqzoo.get_task(name).datasets if not dataset.startswith("mini")]
    return [dataset for dataset in names if dataset == "full" or of_task[dataset] is not of_task["full"]]


DATASETS = [(name, dataset) for name in seqzoo.list_tasks() for dataset in others(name)]
DATASETS.append(("speech", "spoken_digit/strings"))


@pytest.mark.parametrize("name, dataset", DATASETS)
def test_it_trains_by_its_recipe_and_is_scored(name, dataset, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "unreachable", lambda url: None)
    task, builder = seqzoo.get_task(name), sources_of(name)[dataset].builder.split("/")[0]
    options = {"large": True} if "large" in inspect.signature(task.batches).parameters else {}
    tf.config.run_functions_eagerly(True)
    try:
        with tfds.testing.mock_data(num_examples=20, as_dataset_fn=MADE.get(builder)):
            quiet = [keras.callbacks.Callback()]
            model = task.train(
                dataset, epochs=1, batch_size=8, data_dir=tmp_path, callbacks=quiet, **sizes_of(task), **options
            )
            figures = task.score(model, task.batches(dataset, "test", 8, data_dir=tmp_path, **options))
    finally:
        tf.config.run_functions_eagerly(False)
    assert np.isfinite([*model.history.history["loss"], figures[task.metric(dataset)]]).all()
    assert model.labels == task.labels(dataset)


def test_two_names_for_one_thing_have_its_labels_and_its_recipe():
    for name in seqzoo.list_tasks():
        task, of_task = seqzoo.get_task(name), sources_of(name)
        for dataset in task.datasets:
            if dataset == of_task["full"].builder:
                assert task.labels(dataset) == task.labels("full")
                assert task.recipe_of(dataset) == task.recipe_of("full")
