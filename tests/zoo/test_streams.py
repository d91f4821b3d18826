"""Streams as people have them: generators, PyDatasets, loaders, with steps and over epochs."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import seqzoo
from seqzoo.door import Refused

X, Y = ["ACGT", "AAA", "CC", "G"], ["a", "b", "a", "b"]


def model():
    return seqzoo.create_model("dna", labels=["a", "b"], units=2)


def once():
    yield X[:2], Y[:2]
    yield X[2:], Y[2:]


def endless():
    while True:
        yield X, Y


def trained(made, *data, **options):
    return made.fit(*data, verbose=0, **options).history


def test_a_generator_without_an_end_serves_one_call_after_another():
    made, batches = model(), endless()
    for _ in range(2):
        assert len(trained(made, batches, steps_per_epoch=2, epochs=2)["loss"]) == 2
        assert made.evaluate(batches, steps=2, verbose=0)[0] > 0
        assert made.predict(batches, steps=2, verbose=0).shape == (8, 2)
    validated = trained(made, X, Y, validation_data=endless(), validation_steps=2, epochs=3)
    assert len(validated["val_loss"]) == 3


@pytest.mark.parametrize(
    "data, options",
    [
        ((once(),), {}),
        ((iter([(X, Y)]),), {}),
        ((X, Y), {"validation_data": once()}),
    ],
)
def test_a_generator_that_ends_is_refused_before_the_first_of_several_epochs(data, options):
    made = model()
    before = made.get_weights()
    with pytest.raises(Refused, match="in every pass"):
        trained(made, *data, epochs=2, **options)
    for now, then in zip(made.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_a_generator_that_ends_serves_one_epoch():
    assert trained(model(), once(), validation_data=once())["val_loss"][0] > 0


@pytest.mark.parametrize("empty", [iter([]), tf.data.Dataset.from_tensor_slices((X[:0], Y[:0])).batch(2)])
def test_nothing_to_learn_from_is_refused(empty):
    with pytest.raises(Refused, match="which has none"):
        trained(model(), empty)


def test_a_dataset_of_keras_is_asked_as_keras_asks_it():
    class Batches(keras.utils.PyDataset):
        begun, ended = 0, 0
        num_batches = 2

        def __getitem__(self, place):
            return X[2 * place : 2 * place + 2], Y[2 * place : 2 * place + 2]

        def on_epoch_begin(self):
            self.begun += 1

        def on_epoch_end(self):
            self.ended += 1

    batches = Batches()
    assert len(trained(model(), batches, epochs=3)["loss"]) == 3
    assert (batches.begun, batches.ended) == (3, 3)


def test_loaders_of_torch_are_streams_by_whatever_class():
    data = pytest.importorskip("torch.utils.data")

    class Loader(data.DataLoader):
        pass

    made, pairs = model(), list(zip(X, [0, 1, 0, 1]))
    assert trained(made, Loader(pairs, batch_size=2))["loss"][0] > 0
    score = seqzoo.get_task("dna").score
    weighed = [(X, Y, [1.0, 2.0, 1.0, 0.0])]
    assert score(made, Loader(pairs, batch_size=2)) == score(made, weighed) == score(made, [(X, Y)])


def test_steps_take_the_first_examples_in_their_order():
    made = model()
    long_first = ["A" * n for n in range(12, 0, -1)]
    first = made.predict(long_first, batch_size=3, steps=2, verbose=0)
    np.testing.assert_allclose(first, made.predict(long_first[:6], verbose=0), atol=1e-6)
    places = [0, 1] * 6
    part = made.evaluate(long_first, places, batch_size=3, steps=2, verbose=0)
    np.testing.assert_allclose(part, made.evaluate(long_first[:6], places[:6], batch_size=3, verbose=0), atol=1e-6)


def test_arguments_stand_in_the_order_of_keras():
    made = model()
    assert len(made.fit(X, Y, 2, 3, 0).history["loss"]) == 3
    assert made.evaluate(X, Y, 2, 0)[0] > 0
    assert made.predict(X, 2, 0).shape == (4, 2)
    assert made.answer(X, batch_size=2, verbose=0) == made.answer(X)


@pytest.mark.parametrize(
    "options, said",
    [
        ({"class_weight": {"a": float("nan")}}, "numbers as class_weight"),
        ({"class_weight": {"a": 2, 0: 3}}, "each label once"),
        ({"sample_weight": [1, 1, "x", 1]}, "numbers as sample_weight"),
        ({"batch_size": 0}, "batch_size of 1 or more"),
    ],
)
def test_weights_and_sizes_that_mean_nothing_are_refused(options, said):
    with pytest.raises(Refused, match=said):
        trained(model(), X, Y, **options)
