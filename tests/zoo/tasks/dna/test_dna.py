import keras
import numpy as np
import pytest
import tensorflow_datasets as tfds

import seqzoo
from seqzoo.datasets import sources
from seqzoo.door import Refused
from seqzoo.tasks import dna
from seqzoo.tasks.dna.network import TOWARDS

OWN = ["ACGTAC", "GGTT", "ACG", "TTTTTTTA"]


def test_a_keras_project_can_fit_it_on_its_own_sequences(tmp_path):
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    sequences = ["".join(rng.choice(list("ACGT"), rng.integers(3, 12))) for _ in range(64)]
    labels = ["strong" if sequence[len(sequence) // 2] in "GC" else "weak" for sequence in sequences]
    names = ["weak", "strong"]
    model = seqzoo.create_model(
        "dna", cell="lstm", labels=names, units=16, learning_rate=0.02, dropout=0, base_dropout=0
    )
    model.fit(sequences, labels, epochs=25, verbose=0)
    assert model.evaluate(sequences, labels, verbose=0)[1] > 0.9
    model.save(tmp_path / "model.keras")
    loaded = seqzoo.load_model(tmp_path / "model.keras")
    assert loaded.answer(OWN) == model.answer(OWN) and loaded.labels == ("weak", "strong")
    assert [label for label, _ in model.answer(["AACAA", "CCACC"])] == ["strong", "weak"]


@pytest.mark.parametrize("towards", TOWARDS)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_sequence_gets_the_same_answer_alone_and_beside_a_longer_one(towards, bidirectional):
    model = dna.create_model(labels=3, towards=towards, bidirectional=bidirectional)
    together = model.predict(OWN, verbose=0)
    alone = np.concatenate([model.predict(sequence, verbose=0) for sequence in OWN])
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_towards_the_middle_both_ends_are_read_alike():
    model = dna.create_model(labels=3, towards="middle")
    palindrome, other = model.predict(["ACGTTGCA", "ACGTTGCC"], verbose=0)
    assert np.abs(palindrome - other).max() > 1e-4
    kernel = model.get_layer("recurrent_1").cell.kernel
    kernel.assign(np.roll(kernel, 4, axis=0))  # the features of the two ends exchanged
    backwards = model.predict("ACGTTGCC"[::-1], verbose=0)[0]
    np.testing.assert_allclose(backwards, other, atol=1e-6)


def test_wrong_options_are_refused():
    with pytest.raises(Refused, match="towards to be one of 'middle', 'end'.\nReceived: 'left'"):
        dna.create_model(towards="left")
    with pytest.raises(Refused, match="Received: 'minni'.\n.*Did you mean 'mini'?"):
        dna.create_model(dataset="minni")


def test_labels_that_are_none_are_refused():
    model = dna.create_model(labels=3)
    with pytest.raises(Refused, match="labels '0', '1', '2'.\nReceived: 3 in row 2"):
        model.fit(OWN, [1, 2, 3, 1], verbose=0)


@pytest.mark.parametrize("split, size", [("train", 2390), ("validation", 312), ("test", 302)])
def test_batches_hold_the_whole_split(mini_data_dir, split, size):
    batches = dna.batches("mini", split, batch_size=50, data_dir=mini_data_dir)
    sequences = [s for batch, _ in batches for s in batch.numpy()]
    assert len(sequences) == len(set(sequences)) == size


@pytest.mark.parametrize("dataset", ["full", "genomics_ood"])
def test_full_datasets_go_through_the_same_pipeline(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "unreachable", lambda url: None)
    with tfds.testing.mock_data(num_examples=3):
        for sequences, labels in dna.batches(dataset, "train", batch_size=2, data_dir=tmp_path):
            assert sequences.shape == labels.shape
    names = tfds.builder("genomics_ood", data_dir=tmp_path).info.features["label"].names
    assert tuple(names[:10]) == dna.task.labels(dataset)
    assert dna.create_model(dataset=dataset, units=2).predict(OWN, verbose=0).shape == (4, 10)
