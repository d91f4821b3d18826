"""Where XLA compiles the loops of a training step alone: the numbers stay, and what must do without XLA does."""

import keras
import numpy as np
import pytest

from seqzoo.layers import RNN, GRUCell, LSTMCell, RNNCell
from seqzoo.layers.backends import blocks, compiled_alone, own_gradient
from tools import (
    CELLS,
    OPTIONS,
    RECURRENT_DROPOUT,
    as_keras,
    assert_same_results,
    fast_and_plain,
    normal,
    randomise,
    results_by_tape,
    results_in_a_graph,
)

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="the other backends compile whole")
MASK = np.random.default_rng(1).random((3, 9)) < 0.7


@pytest.fixture
def choices(monkeypatch):
    """What was chosen for each loop: to compile it alone, or not."""
    chosen, choose = [], own_gradient.compiles_alone

    def note(*arguments):
        chosen.append(choose(*arguments))
        return chosen[-1]

    monkeypatch.setattr(own_gradient, "compiles_alone", note)
    return chosen


@pytest.mark.parametrize(
    ("options", "masked"),
    [*zip([*OPTIONS, RECURRENT_DROPOUT], [True, False, True, True, False, True], strict=True)],
    ids=str,
)
@pytest.mark.parametrize("cell", CELLS)
def test_outputs_states_and_gradients_are_those_of_plain_steps(cell, options, masked, choices):
    mask = MASK if masked else None
    rng = np.random.default_rng(0)
    fast, plain = fast_and_plain(cell, rng, length=9, **options)
    x, states = normal(rng, 3, 9, 3), [normal(rng, 3, 4) for _ in fast.state_size]
    assert_same_results(results_in_a_graph(fast, x, states, mask), results_by_tape(plain, x, states, mask))
    assert choices == [True]


@pytest.mark.parametrize(
    ("cell", "options", "alone"),
    [
        (RNNCell, RECURRENT_DROPOUT, True),
        (GRUCell, {}, True),
        (LSTMCell, RECURRENT_DROPOUT, True),
        (LSTMCell, RECURRENT_DROPOUT, False),
    ],
)
def test_a_long_sequence_in_blocks(cell, options, alone, choices, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK", 9)
    if not alone:
        monkeypatch.setattr(compiled_alone, "MANY_UNITS", 4)
    rng = np.random.default_rng(0)
    fast, plain = fast_and_plain(cell, rng, length=26, **options)
    x, states = normal(rng, 2, 26, 3), [normal(rng, 2, 4) for _ in fast.state_size]
    mask = rng.random((2, 26)) < 0.7
    assert_same_results(results_in_a_graph(fast, x, states, mask), results_by_tape(plain, x, states, mask))
    assert choices == [alone] * (4 if len(cell.gates) > 1 else 1)  # of the whole, and of three blocks


def test_the_second_derivative_is_that_of_keras(choices):
    rng = np.random.default_rng(0)
    ours = RNN(randomise(LSTMCell(4, dtype="float64"), rng, features=3), dtype="float64")
    x = tf.constant(rng.normal(size=(2, 9, 3)))
    ours.build(x.shape)
    theirs = as_keras(ours.cell)

    def slope(layer):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                total = tf.reduce_sum(tf.sin(layer(x, training=True)))
            penalty = tf.reduce_sum(inner.gradient(total, x) ** 2)
        return outer.gradient(penalty, [x, *(w.value for w in layer.trainable_weights)])

    for found, expected in zip(tf.function(slope)(ours), slope(theirs), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
    assert True in choices


def model(length=9, **options):
    layers = [keras.Input((length, 3)), RNN(LSTMCell(4)), keras.layers.Dense(1)]
    made = keras.Sequential(layers)
    made.compile("sgd", "mse", **options)
    return made


def data(length=9):
    rng = np.random.default_rng(0)
    return normal(rng, 6, length, 3), normal(rng, 6, 1)


def test_a_default_fit_takes_it(choices):
    model().fit(*data(), batch_size=4, verbose=0)
    assert choices and all(choices)


@pytest.mark.parametrize("options", [{"jit_compile": True}, {"run_eagerly": True}], ids=["jit", "eager"])
def test_a_fit_that_says_how_it_runs_does_not(options, choices):
    model(**options).fit(*data(), verbose=0)
    assert not any(choices)


def test_a_length_that_the_graph_does_not_know_is_not_compiled(choices):
    batches = tf.data.Dataset.from_generator(
        lambda: (data(length) for length in (9, 12)),
        output_signature=(tf.TensorSpec((None, None, 3)), tf.TensorSpec((None, 1))),
    )
    model(None).fit(batches, verbose=0)
    assert choices and not any(choices)


def test_several_devices_are_left_alone(choices):
    with tf.distribute.MirroredStrategy(["CPU:0"]).scope():
        made = model()
    made.fit(*data(), verbose=0)
    assert choices and not any(choices)


def test_what_is_exported_runs_without_xla(choices, tmp_path):
    made = model()
    made.fit(*data(), verbose=0)
    choices.clear()
    made.export(tmp_path / "model", verbose=False)
    assert not any(choices)
    x, _ = data()
    exported = tf.saved_model.load(tmp_path / "model")
    np.testing.assert_allclose(exported.serve(x), made(x), rtol=1e-5, atol=1e-6)
    assert "_XlaMustCompile" not in str(exported.signatures["serving_default"].graph.as_graph_def())
