import keras
import numpy as np
import pytest
from keras import ops

from seqzoo.layers import RNN, GRUCell, LSTMCell, RNNCell
from tools import BACKEND, CELLS, array, assert_close, normal, randomise

each_cell = pytest.mark.parametrize("cell_class", CELLS)
KERAS = {
    RNNCell: keras.layers.SimpleRNNCell,
    GRUCell: lambda units, **kwargs: keras.layers.GRUCell(units, reset_after=False, **kwargs),
    LSTMCell: keras.layers.LSTMCell,
}


@each_cell
def test_its_defaults_are_those_of_keras(cell_class):
    ours, theirs = cell_class(3).get_config(), KERAS[cell_class](3).get_config()
    shared = set(ours) & set(theirs) - {"name"}
    assert {"kernel_initializer", "recurrent_initializer", "bias_initializer", "activation"} < shared
    assert {key: ours[key] for key in shared} == {key: theirs[key] for key in shared}


@each_cell
def test_the_same_seeds_give_the_first_weights_of_keras(cell_class):
    cells = []
    for make in (cell_class, KERAS[cell_class]):
        cells.append(
            make(
                3,
                kernel_initializer=keras.initializers.GlorotUniform(seed=1),
                recurrent_initializer=keras.initializers.Orthogonal(seed=2),
            )
        )
        cells[-1].build((None, 4))
    for ours, theirs in zip(*(cell.get_weights() for cell in cells), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@each_cell
def test_its_weights_have_the_names_of_keras(cell_class):
    cells = [cell_class(3), KERAS[cell_class](3)]
    for cell in cells:
        cell.build((None, 4))
    ours, theirs = ([(w.name, w.shape) for w in cell.weights] for cell in cells)
    assert ours == theirs


@each_cell
def test_regularizers_add_losses(cell_class):
    layer = RNN(
        cell_class(
            3,
            kernel_regularizer=keras.regularizers.L1(1.0),
            recurrent_regularizer=keras.regularizers.L2(0.5),
            bias_regularizer="l1",
        )
    )
    randomise(layer.cell, np.random.default_rng(0), features=4)
    kernel, recurrent_kernel, bias = layer.cell.get_weights()
    expected = [np.abs(kernel).sum(), 0.5 * (recurrent_kernel**2).sum(), 0.01 * np.abs(bias).sum()]
    np.testing.assert_allclose(sorted(map(float, map(array, layer.losses))), sorted(expected), rtol=1e-5)


@each_cell
def test_an_activity_regularizer_sees_the_outputs(cell_class):
    layer = RNN(cell_class(3), return_sequences=True, activity_regularizer=keras.regularizers.L1(1.0))
    outputs = array(layer(normal(np.random.default_rng(0), 1, 5, 4)))
    (loss,) = layer.losses
    np.testing.assert_allclose(array(loss), np.abs(outputs).sum(), rtol=1e-5)


@each_cell
def test_constraints_hold_after_training(cell_class):
    rng = np.random.default_rng(0)
    cell = cell_class(3, kernel_constraint="non_neg", recurrent_constraint="unit_norm", bias_constraint="non_neg")
    model = keras.Sequential([keras.Input((5, 4)), RNN(cell)])
    randomise(cell, rng, features=4)
    model.compile(keras.optimizers.SGD(0.5), "mse")
    model.fit(normal(rng, 8, 5, 4), normal(rng, 8, 3), verbose=0)
    kernel, recurrent_kernel, bias = cell.get_weights()
    assert kernel.min() >= 0 and bias.min() >= 0
    np.testing.assert_allclose(np.linalg.norm(recurrent_kernel, axis=0), 1, atol=1e-5)


def linear_cell(kernel, recurrent, **kwargs):
    """Outputs kernel * x + recurrent * a, entry by entry."""
    return RNNCell(
        64,
        activation="linear",
        use_bias=False,
        kernel_initializer=lambda shape, dtype=None: ops.eye(*shape, dtype=dtype) * kernel,
        recurrent_initializer=lambda shape, dtype=None: ops.eye(*shape, dtype=dtype) * recurrent,
        **kwargs,
    )


rnn_of_keras_too = pytest.mark.parametrize("rnn", [RNN, keras.layers.RNN])


@rnn_of_keras_too
def test_dropout_drops_the_same_inputs_at_every_step(rnn):
    layer = rnn(linear_cell(1, 0, dropout=0.5, seed=1), return_sequences=True)
    outputs = array(layer(np.ones((3, 6, 64), "float32"), training=True))
    assert set(np.unique(outputs)) == {0.0, 2.0}
    np.testing.assert_array_equal(outputs, np.repeat(outputs[:, :1], 6, axis=1))
    assert not np.array_equal(outputs[0], outputs[1])


@rnn_of_keras_too
def test_recurrent_dropout_drops_the_same_states_at_every_step(rnn):
    layer = rnn(linear_cell(0, 1, recurrent_dropout=0.5, seed=1), return_sequences=True)
    first = np.ones((3, 64), "float32")
    outputs = array(layer(np.ones((3, 4, 64), "float32"), initial_state=[first], training=True))
    assert set(np.unique(outputs[:, 0])) == {0.0, 2.0}
    for t in range(4):
        np.testing.assert_array_equal(outputs[:, t], outputs[:, 0] ** (t + 1))


@each_cell
def test_dropout_is_reproducible_new_in_each_batch_and_off_at_inference(cell_class):
    x = normal(np.random.default_rng(0), 2, 5, 4)

    def results():
        layer = RNN(cell_class(8, dropout=0.4, recurrent_dropout=0.4, seed=3))
        randomise(layer.cell, np.random.default_rng(1), features=4)
        return [array(layer(x, training=training)) for training in (True, True, False, False)]

    first, second, plain, again = results()
    np.testing.assert_array_equal(results()[0], first)
    assert not np.allclose(first, second)
    np.testing.assert_array_equal(plain, again)
    assert not np.allclose(plain, first)
    without = RNN(cell_class(8))
    randomise(without.cell, np.random.default_rng(1), features=4)
    assert_close(plain, without(x))


def test_every_cell_of_a_stack_has_its_dropout():
    layer = RNN([linear_cell(1, 0, dropout=0.5, seed=seed) for seed in (1, 2)], return_sequences=True)
    outputs = array(layer(np.ones((2, 5, 64), "float32"), training=True))
    assert set(np.unique(outputs)) == {0.0, 4.0}
    np.testing.assert_array_equal(outputs, np.repeat(outputs[:, :1], 5, axis=1))
    assert 0.1 < (outputs > 0).mean() < 0.4


POLICIES = ["mixed_bfloat16", "mixed_float16"]


@each_cell
@pytest.mark.parametrize("policy", POLICIES)
def test_mixed_precision_computes_in_half_and_keeps_full_weights(cell_class, policy):
    rng = np.random.default_rng(0)
    x, mask = normal(rng, 2, 5, 4), np.array([[1, 1, 1, 0, 0], [0, 1, 0, 1, 1]], bool)
    layer = RNN(cell_class(3, dtype=policy), return_sequences=True, return_state=True, dtype=policy)
    randomise(layer.cell, np.random.default_rng(1), features=4)
    half = layer(x, mask=mask)
    assert {keras.backend.standardize_dtype(out.dtype) for out in half} == {policy.removeprefix("mixed_")}
    assert {weight.dtype for weight in layer.weights} == {"float32"}
    full = RNN(cell_class(3), return_sequences=True, return_state=True)
    randomise(full.cell, np.random.default_rng(1), features=4)
    outputs = [array(ops.cast(out, "float32")) for out in half]
    assert_close(outputs, full(x, mask=mask), atol=0.05)


@pytest.mark.skipif(BACKEND == "jax", reason="JAX has no float64 unless it is told to")
@each_cell
def test_float64_agrees_with_float32(cell_class):
    x = normal(np.random.default_rng(0), 2, 5, 4)
    outputs = {}
    for dtype in ("float32", "float64"):
        layer = RNN(cell_class(3, dtype=dtype), dtype=dtype)
        randomise(layer.cell, np.random.default_rng(1), features=4)
        outputs[dtype] = layer(x.astype(dtype))
        assert keras.backend.standardize_dtype(outputs[dtype].dtype) == dtype
    assert_close(outputs["float32"], outputs["float64"])


@each_cell
def test_a_configuration_makes_the_same_cell(cell_class):
    cell = cell_class(
        3,
        activation="relu",
        use_bias=False,
        kernel_initializer="he_normal",
        recurrent_initializer="zeros",
        bias_initializer="ones",
        kernel_regularizer="l1",
        recurrent_regularizer="l2",
        bias_regularizer="l1",
        kernel_constraint="non_neg",
        recurrent_constraint="unit_norm",
        bias_constraint="non_neg",
        dropout=0.1,
        recurrent_dropout=0.2,
        seed=5,
        name="mine",
    )
    config = cell.get_config()
    revived = cell_class.from_config(config)
    assert revived.get_config() == config
    assert (config["units"], config["dropout"], config["seed"], config["name"]) == (3, 0.1, 5, "mine")
    assert revived.activation is keras.activations.relu


SHAPES = {
    RNNCell: {"Waa": (3, 3), "Wax": (3, 4), "Wa": (3, 7), "ba": (3,)},
    GRUCell: {"Wu": (3, 7), "Wr": (3, 7), "Wc": (3, 7), "bu": (3,), "br": (3,), "bc": (3,)},
    LSTMCell: {
        **{"Wc": (3, 7), "Wu": (3, 7), "Wf": (3, 7), "Wo": (3, 7)},
        **{"bc": (3,), "bu": (3,), "bf": (3,), "bo": (3,)},
    },
}


@each_cell
def test_symbols_have_the_shapes_of_the_notes(cell_class):
    cell = cell_class(3)
    cell.build((None, 4))
    assert {name: value.shape for name, value in cell.symbols.items()} == SHAPES[cell_class]


@each_cell
def test_what_is_set_by_symbol_is_read_back_and_nothing_else_changes(cell_class):
    cell = randomise(cell_class(3), np.random.default_rng(0), features=4)
    for name in SHAPES[cell_class]:
        before = cell.symbols
        value = np.random.default_rng(1).normal(size=before[name].shape).astype("float32")
        setattr(cell, name, value)
        np.testing.assert_array_equal(getattr(cell, name), value)
        same = [other for other in before if np.array_equal(cell.symbols[other], before[other])]
        changed = set(before) - set(same)
        assert changed == {name} or cell_class is RNNCell and name.startswith("W")


@each_cell
def test_without_biases_there_are_no_symbols_for_them(cell_class):
    cell = cell_class(3, use_bias=False)
    cell.build((None, 4))
    assert all(name.startswith("W") for name in cell.symbols)
    bias = next(name for name in SHAPES[cell_class] if name.startswith("b"))
    with pytest.raises(AttributeError):
        getattr(cell, bias)


@pytest.mark.skipif(BACKEND == "torch", reason="torch.nn.Module replaces an AttributeError's message")
def test_a_symbol_that_is_not_there_says_why():
    with pytest.raises(AttributeError, match=r"has no Wa: it is not built yet. Call the layer"):
        RNNCell(3).Wa
    cell = RNNCell(3, use_bias=False)
    cell.build((None, 4))
    with pytest.raises(AttributeError, match=r"has no ba: it was made with use_bias=False"):
        cell.ba


def test_a_symbol_of_the_wrong_shape_is_refused():
    cell = GRUCell(3, name="cell")
    cell.build((None, 4))
    before = cell.Wu
    message = r"Wu of 'cell' must have shape \(3, 7\). Received an array of shape \(7, 3\).*transpose"
    with pytest.raises(ValueError, match=message):
        cell.Wu = np.full((7, 3), np.nan)
    np.testing.assert_array_equal(cell.Wu, before)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_symbol_that_is_not_finite_is_refused(bad):
    cell = LSTMCell(3, name="cell")
    cell.build((None, 4))
    value = np.zeros((3, 7))
    value[1, 2] = bad
    with pytest.raises(ValueError, match=r"Wf of 'cell' must be finite. Received .* 1 NaN or infinite"):
        cell.Wf = value


@each_cell
@pytest.mark.parametrize("units", [0, -3, 2.5, "8", None, True])
def test_units_must_be_a_positive_integer(cell_class, units):
    name = cell_class.__name__
    with pytest.raises(ValueError, match=rf"units of {name} must be a positive integer. Received: units=.* Give"):
        cell_class(units)


@each_cell
def test_units_may_be_an_integer_of_numpy(cell_class):
    assert cell_class(np.int64(3)).get_config()["units"] == 3


@pytest.mark.parametrize("argument", ["dropout", "recurrent_dropout"])
@pytest.mark.parametrize("value", [-0.1, 1.0, 2])
def test_dropout_must_be_a_fraction(argument, value):
    with pytest.raises(ValueError, match=rf"{argument} must be at least 0 and less than 1. Received: {argument}="):
        LSTMCell(3, **{argument: value})
