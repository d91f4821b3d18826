"""Every dataset of TFDS that a task can have trains by its recipe and is scored, on made-up examples of it."""

import importlib
import inspect

import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

import seqzoo
from seqzoo.datasets import sources
from seqzoo.tasks.music import drums
from small import SIZES


def sources_of(name):
    return importlib.import_module(f"seqzoo.tasks.{name}.dataset").SOURCES


def others(name):
    """The datasets besides the mini ones; of two names for one thing, the first."""
    of_task = sources_of(name)
    names = [dataset for dataset in seqzoo.get_task(name).datasets if not dataset.startswith("mini")]
    return [dataset for dataset in names if dataset == "full" or of_task[dataset] is not of_task["full"]]


DATASETS = [(name, dataset) for name in seqzoo.list_tasks() for dataset in others(name)]
DATASETS.append(("speech", "spoken_digit/strings"))


def bacteria(builder, **_):
    return tf.data.Dataset.from_tensors({"seq": "ACGTN" * 50, "label": np.int64(3)}).repeat(6)


def recordings(builder, **_):
    sounds = tf.random.stateless_uniform((15, 900), (0, 0), -3000, 3000, tf.int64)
    columns = {"audio": sounds, "label": tf.range(15, dtype=tf.int64) % 3}
    if builder.name == "spoken_digit":  # of which file each is says in which split it is
        columns["audio/filename"] = [f"{k % 3}_theo_{k}.wav" for k in range(15)]
    return tf.data.Dataset.from_tensor_slices(columns)


def films(builder, **_):
    film = np.random.default_rng(0).integers(1, 255, (20, 32, 40, 3), dtype=np.uint8)
    return tf.data.Dataset.from_tensors({"video": film, "label": np.int64(3)}).repeat(6)


def performances(builder, **_):
    midi = drums.to_midi("kh . h .\nsh . h ko\n", steps=16)
    style = {"primary": np.int64(9), "secondary": b""}
    return tf.data.Dataset.from_tensors({"style": style, "time_signature": np.int64(1), "midi": midi}).repeat(6)


def sentences(builder, **_):
    words, labels = ["EU", "rejects", "German", "call", "."], [3, 0, 7, 0, 0]
    some = [{"tokens": words[: n % 5 + 1], "ner": labels[: n % 5 + 1]} for n in range(20)]
    spec = {"tokens": tf.TensorSpec([None], tf.string), "ner": tf.TensorSpec([None], tf.int64)}
    return tf.data.Dataset.from_generator(lambda: some, output_signature=spec)


MADE = {
    "genomics_ood": bacteria,
    "spoken_digit": recordings,
    "speech_commands": recordings,
    "ucf101": films,
    "groove": performances,
    "conll2003": sentences,
}


@pytest.mark.parametrize("name, dataset", DATASETS)
def test_it_trains_by_its_recipe_and_is_scored(name, dataset, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "unreachable", lambda url: None)
    task, builder = seqzoo.get_task(name), sources_of(name)[dataset].builder.split("/")[0]
    options = {"large": True} if "large" in inspect.signature(task.batches).parameters else {}
    sizes = {key: SIZES[key] for key in SIZES if key in inspect.signature(task.create_model).parameters}
    tf.config.run_functions_eagerly(True)
    try:
        with tfds.testing.mock_data(num_examples=20, as_dataset_fn=MADE.get(builder)):
            quiet = [keras.callbacks.Callback()]
            model = task.train(dataset, epochs=1, batch_size=8, data_dir=tmp_path, callbacks=quiet, **sizes, **options)
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
