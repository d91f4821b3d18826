import keras
import numpy as np
import pytest
import tensorflow_datasets as tfds

import seqzoo
from seqzoo.datasets import sources
from seqzoo.tasks import one_to_one

ROWS = {"size": [1.0, 2.0, 9.0, 8.0], "kind": ["a", "a", "b", "b"]}


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_a_keras_project_can_fit_it_on_its_own_rows(cell, tmp_path):
    keras.utils.set_random_seed(0)
    model = seqzoo.create_model("one_to_one", cell=cell, columns=ROWS, labels=2, dropout=0, learning_rate=0.05)
    model.fit(ROWS, [0, 0, 1, 1], epochs=20, verbose=0)
    assert model.predict(ROWS, verbose=0).argmax(axis=-1).tolist() == [0, 0, 1, 1]
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    for row in ({"size": 3.0, "kind": "never seen"}, ROWS):
        np.testing.assert_array_equal(loaded.predict(row, verbose=0), model.predict(row, verbose=0))


def test_rows_with_holes_can_be_learned_from():
    keras.utils.set_random_seed(0)
    holes = {"size": [1.0, np.nan, 9.0, None], "kind": ["a", "a", "", "b"]}
    model = one_to_one.create_model(columns=holes, labels=2, dropout=0, learning_rate=0.05)
    history = model.fit(holes, [0, 0, 1, 1], validation_data=(ROWS, [0, 0, 1, 1]), epochs=20, verbose=0).history
    assert history["val_accuracy"][-1] == 1
    assert np.isfinite(model.predict({"size": np.nan, "kind": "never seen"}, verbose=0)).all()


def test_numbers_are_scaled_by_the_training_rows():
    """Rows in other units give the same answers."""
    answers = []
    for scale in (1.0, 1000.0):
        keras.utils.set_random_seed(0)
        rows = {"size": [scale * v for v in ROWS["size"]], "kind": ROWS["kind"]}
        answers.append(one_to_one.create_model(columns=rows, labels=2).predict(rows, verbose=0))
    np.testing.assert_allclose(*answers, atol=1e-5)


def test_the_order_of_the_columns_does_not_matter():
    model = one_to_one.create_model(columns=ROWS, labels=2)
    turned = dict(reversed(ROWS.items()))
    np.testing.assert_array_equal(model.predict(ROWS, verbose=0), model.predict(turned, verbose=0))


def test_columns_without_labels_are_refused():
    with pytest.raises(ValueError, match=r"Received: columns=\['size', 'kind'\], labels=None"):
        one_to_one.create_model(columns=ROWS)
    with pytest.raises(ValueError, match="Received: dataset='minst'. Did you mean 'mnist'?"):
        one_to_one.create_model(dataset="minst")


@pytest.mark.parametrize("split, species", [("train", [107, 48, 87]), ("validation", [22, 10, 18]), ("test", [22, 10, 18])])
def test_every_split_holds_all_species(mini_data_dir, split, species):
    labels = np.concatenate([y for _, y in one_to_one.batches("mini", split, data_dir=mini_data_dir)])
    assert np.bincount(labels).tolist() == species


def test_no_bird_is_in_two_splits(mini_data_dir):
    birds = [
        tuple(bird.values())
        for split in ("train", "validation", "test")
        for bird, _ in one_to_one.data.load("mini", split, mini_data_dir).as_numpy_iterator()
    ]
    assert len(birds) == len(set(birds)) == 342


@pytest.mark.parametrize("dataset, labels", [("full", 10), ("mnist", 10), ("penguins/processed", 3)])
def test_full_datasets_go_through_the_same_pipeline(dataset, labels, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "unreachable", lambda url: None)
    model = one_to_one.create_model(dataset=dataset, units=4)
    with tfds.testing.mock_data(num_examples=3):
        for x, _ in one_to_one.batches(dataset, "train", batch_size=2, data_dir=tmp_path):
            assert model.predict(x, verbose=0).shape == (len(x), labels)
