import keras
import numpy as np
import pytest
import tensorflow_datasets as tfds

import seqzoo
from seqzoo.datasets import sources
from seqzoo.door import Refused
from seqzoo.tasks.one_to_one import dataset as data
from seqzoo.tasks.one_to_one import task

ROWS = {"size": [1.0, 2.0, 9.0, 8.0], "kind": ["a", "a", "b", "b"]}
LABELS = ["small", "large"]
SPECIES = ["small", "small", "large", "large"]


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_it_learns_from_a_persons_own_rows(cell):
    keras.utils.set_random_seed(0)
    model = seqzoo.create_model("one_to_one", cell=cell, columns=ROWS, labels=LABELS, dropout=0, learning_rate=0.05)
    model.fit(ROWS, SPECIES, epochs=20, verbose=0)
    assert model.predict(ROWS, verbose=0).argmax(axis=-1).tolist() == [0, 0, 1, 1]
    ((label, p),) = model.answer({"size": 9.5, "kind": "b"})
    assert label == "large" and 0.5 < p <= 1


def test_columns_may_be_called_anything(tmp_path):
    keras.utils.set_random_seed(0)
    names = ["x", "output", "km/h", "class_name", "config", "Größe in m²", "a b", 7]
    table = {name: [1.0, 2.0, 3.0, np.nan] for name in names[:4]} | {name: list("abab") for name in names[4:]}
    model = task.create_model(columns=table, labels=np.int64(3))
    model.fit(table, [0, 1, 2, 0], verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = seqzoo.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.predict(table, verbose=0), model.predict(table, verbose=0))
    assert loaded.labels == ("0", "1", "2")


def test_rows_with_holes_can_be_learned_from():
    keras.utils.set_random_seed(0)
    holes = {"size": [1.0, np.nan, 9.0, None], "kind": ["a", "a", "", "b"]}
    model = task.create_model(columns=holes, labels=LABELS, dropout=0, learning_rate=0.05)
    history = model.fit(holes, SPECIES, validation_data=(ROWS, SPECIES), epochs=20, verbose=0).history
    assert history["val_accuracy"][-1] == 1
    assert np.isfinite(model.predict({"size": np.nan, "kind": "never seen"}, verbose=0)).all()


def test_numbers_are_scaled_by_the_training_rows():
    """Rows in other units give the same answers."""
    answers = []
    for scale in (1.0, 1000.0):
        keras.utils.set_random_seed(0)
        rows = {"size": [scale * v for v in ROWS["size"]], "kind": ROWS["kind"]}
        answers.append(task.create_model(columns=rows, labels=2).predict(rows, verbose=0))
    np.testing.assert_allclose(*answers, atol=1e-5)


def test_a_word_among_numbers_is_refused_when_learned_and_later():
    model = task.create_model(columns=ROWS, labels=LABELS)
    broken = {**ROWS, "size": [1.0, "?", 9.0, 8.0]}
    with pytest.raises(Refused, match=r"column 'size'(?s:.*)'\?' in row 1"):
        task.create_model(columns=broken, labels=LABELS)
    for call in (
        lambda: model.fit(broken, SPECIES, verbose=0),
        lambda: model.evaluate(iter([(broken, SPECIES)]), verbose=0),
        lambda: model.answer(broken),
    ):
        with pytest.raises(Refused, match=r"column 'size'(?s:.*)'\?' in row 1"):
            call()


def test_columns_without_labels_are_refused():
    with pytest.raises(Refused, match="labels=None"):
        task.create_model(columns=ROWS)
    with pytest.raises(Refused, match="(?s)'minst'.*Did you mean 'mnist'"):
        task.create_model(dataset="minst")


@pytest.mark.parametrize(
    "split, species", [("train", [107, 48, 87]), ("validation", [22, 10, 18]), ("test", [22, 10, 18])]
)
def test_every_split_holds_all_species(mini_data_dir, split, species):
    labels = np.concatenate([y for _, y in task.batches("mini", split, data_dir=mini_data_dir)])
    assert np.bincount(labels).tolist() == species


def test_no_bird_is_in_two_splits(mini_data_dir):
    birds = [
        tuple(bird.values())
        for split in ("train", "validation", "test")
        for bird, _ in data.load("mini", split, mini_data_dir).as_numpy_iterator()
    ]
    assert len(birds) == len(set(birds)) == 342


@pytest.mark.parametrize("dataset, labels", [("full", 10), ("mnist", 10), ("penguins/processed", 3)])
def test_full_datasets_go_through_the_same_pipeline(dataset, labels, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "unreachable", lambda url: None)
    model = task.create_model(dataset=dataset, units=4)
    assert model.labels == task.labels(dataset)
    with tfds.testing.mock_data(num_examples=3):
        batches = task.batches(dataset, "train", batch_size=2, data_dir=tmp_path)
        assert model.predict(batches, verbose=0).shape == (len(list(batches.unbatch())), labels)
