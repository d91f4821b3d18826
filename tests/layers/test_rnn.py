import itertools
import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import ops, tree

import oracle
from seqzoo.layers import RNN, Bidirectional, GRUCell, LSTMCell, OutputUnit, RNNCell
from seqzoo.layers.rnn import again, reset_state
from tools import (
    BACKEND,
    CELLS,
    EVERY_MASK,
    array,
    arrays,
    as_keras,
    assert_close,
    by_symbol,
    few_on_jax,
    gradients,
    mask_of,
    normal,
    randomise,
    states_of,
)

each_cell = pytest.mark.parametrize("cell_class", CELLS)
MASKS = {
    "none": None,
    "right": [[1, 1, 1, 1, 0], [1, 1, 0, 0, 0], [1, 0, 0, 0, 0]],
    "left": [[0, 1, 1, 1, 1], [0, 0, 0, 1, 1], [0, 0, 0, 0, 1]],
    "middle": [[1, 0, 0, 1, 1], [0, 1, 0, 1, 0], [1, 1, 1, 1, 1]],
    "all": [[0, 0, 0, 0, 0], [1, 1, 1, 1, 1], [0, 0, 0, 0, 0]],
}


def problem(cell_class, seed=0, batch=3, time=5):
    rng = np.random.default_rng(seed)
    cell = randomise(cell_class(4), rng, features=2)
    return cell, normal(rng, batch, time, 2), states_of(cell, rng, batch)


# --- the notes -------------------------------------------------------------------------------


@each_cell
@pytest.mark.parametrize("go_backwards", [False, True])
@pytest.mark.parametrize("unroll", [False, True])
@pytest.mark.parametrize("padding", MASKS)
def test_outputs_and_states_are_those_of_the_notes(cell_class, padding, go_backwards, unroll):
    cell, x, first = problem(cell_class)
    mask = None if MASKS[padding] is None else np.array(MASKS[padding], bool)
    expected, last = oracle.run(oracle.STEPS[cell_class.__name__], cell.symbols, x, first, mask, go_backwards)
    settings = {"go_backwards": go_backwards, "unroll": unroll, "return_state": True}
    outputs = RNN(cell, return_sequences=True, **settings)(x, initial_state=first, mask=mask)
    assert_close(outputs, [expected, *last])
    output = RNN(cell, **settings)(x, initial_state=first, mask=mask)
    assert_close(output, [expected[:, -1] if len(expected[0]) else first[0], *last])


@each_cell
def test_without_an_initial_state_it_starts_from_zeros(cell_class):
    cell, x, first = problem(cell_class)
    assert_close(RNN(cell)(x), RNN(cell)(x, initial_state=[np.zeros_like(state) for state in first]))


@each_cell
@pytest.mark.parametrize("go_backwards", [False, True])
def test_padding_gives_the_result_of_the_rows_without_it(cell_class, go_backwards):
    cell, x, first = problem(cell_class, batch=len(EVERY_MASK), time=EVERY_MASK.shape[1])
    layer = RNN(cell, return_sequences=True, return_state=True, go_backwards=go_backwards)
    outputs, *states = arrays(layer(x, mask=EVERY_MASK, initial_state=first))
    last = array(RNN(cell, go_backwards=go_backwards)(x, mask=EVERY_MASK, initial_state=first))
    order = EVERY_MASK[:, ::-1] if go_backwards else EVERY_MASK
    counts = EVERY_MASK.sum(axis=1)
    for count in range(1 + EVERY_MASK.shape[1]):
        rows = counts == count
        short = x[rows][EVERY_MASK[rows]].reshape(rows.sum(), count, 2)
        alone, *ends = arrays(layer(short, initial_state=[state[rows] for state in first]))
        assert_close(outputs[rows][order[rows]], alone.reshape(-1, 4))
        assert_close([state[rows] for state in states], ends)
        assert_close(last[rows], alone[:, -1] if count else first[0][rows])


@each_cell
@pytest.mark.parametrize("padding", ["none", "middle", "all"])
def test_gradients_are_the_slopes_of_the_notes(cell_class, padding):
    cell, x, first = problem(cell_class)
    mask = None if MASKS[padding] is None else np.array(MASKS[padding], bool)
    rng = np.random.default_rng(1)
    by_output = normal(rng, 3, 5, 4)
    by_state = states_of(cell, rng, 3)
    layer = RNN(cell, return_sequences=True, return_state=True)
    layer.build(x.shape)
    inputs = [keras.Variable(value) for value in (x, *first)]

    def total():
        x, *first = (ops.convert_to_tensor(variable) for variable in inputs)
        outputs, *states = layer(x, initial_state=first, mask=mask)
        return sum(ops.sum(ops.multiply(y, w)) for y, w in zip([outputs, *states], [by_output, *by_state]))

    def total_of_the_notes(symbols, x, *first):
        step = oracle.STEPS[cell_class.__name__]
        outputs, states = oracle.run(step, symbols, x, first, mask)
        return sum((y * w).sum() for y, w in zip([outputs, *states], [by_output, *by_state]))

    found = gradients(total, [cell.kernel, cell.recurrent_kernel, cell.bias, *inputs])
    symbols = oracle.double(cell.symbols)
    ours = by_symbol(cell, *found[:3])
    for name in {"Waa", "Wax"} & set(symbols):  # the oracle reads Wa
        del symbols[name], ours[name]
    values = [value.astype("float64") for value in (x, *first)]
    for name, value in symbols.items():
        assert_close(ours[name], slopes(lambda: total_of_the_notes(symbols, *values), value), atol=1e-4)
    for gradient, value in zip(found[3:], values):
        assert_close(gradient, slopes(lambda: total_of_the_notes(symbols, *values), value), atol=1e-4)


def slopes(total, value, h=1e-5):
    """Central differences of `total()` by the entries of an array, which it changes and restores."""
    result = np.empty_like(value)
    for index in np.ndindex(value.shape):
        kept = value[index]
        value[index] = kept + h
        above = total()
        value[index] = kept - h
        result[index] = (above - total()) / (2 * h)
        value[index] = kept
    return result


# --- what keras.layers.RNN does --------------------------------------------------------------


@each_cell
@pytest.mark.parametrize("padding", few_on_jax(["none", "middle", "right", "all"]))
@pytest.mark.parametrize("zero_output_for_mask", [False, True])
@pytest.mark.parametrize("return_sequences", [False, True])
def test_every_argument_does_what_it_does_in_keras(cell_class, return_sequences, zero_output_for_mask, padding):
    cell, x, _ = problem(cell_class)
    mask = None if MASKS[padding] is None else np.array(MASKS[padding], bool)
    # Each with and without each other.
    for go_backwards, unroll, return_state in [(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)]:
        arguments = {
            "return_sequences": return_sequences,
            "zero_output_for_mask": zero_output_for_mask,
            "go_backwards": bool(go_backwards),
            "unroll": bool(unroll),
            "return_state": bool(return_state),
        }
        # Keras unrolled zeroes the wrong steps when it goes backwards: its loop is the measure.
        ours, theirs = RNN(cell, **arguments), as_keras(cell, **{**arguments, "unroll": False})
        assert_close(ours(x, mask=mask), theirs(x, mask=mask))
        assert ours.compute_output_shape(x.shape) == theirs.compute_output_shape(x.shape)
        assert ours.compute_output_shape((None, None, 2)) == theirs.compute_output_shape((None, None, 2))


@each_cell
def test_symbolic_calls_have_the_shapes_of_real_ones(cell_class):
    cell, x, first = problem(cell_class)
    layer = RNN(cell, return_sequences=True, return_state=True)
    inputs = keras.Input((None, 2))
    starts = [keras.Input((4,)) for _ in first]
    symbolic = layer(inputs, initial_state=starts)
    assert [tuple(tensor.shape) for tensor in symbolic] == [(None, None, 4)] + [(None, 4)] * len(first)
    model = keras.Model([inputs, *starts], symbolic)
    assert_close(model([x, *first]), layer(x, initial_state=first))


@each_cell
def test_a_single_state_may_come_as_a_tensor(cell_class):
    cell, x, first = problem(cell_class)
    if len(first) == 1:
        assert_close(RNN(cell)(x, initial_state=first[0]), RNN(cell)(x, initial_state=first))
    else:
        assert_close(RNN(cell)(x, initial_state=tuple(first)), RNN(cell)(x, initial_state=first))


@each_cell
@pytest.mark.parametrize("unroll", [False, True])
def test_no_step_gives_the_initial_state(cell_class, unroll):
    cell, x, first = problem(cell_class, time=1)
    nothing = x[:, :0]
    layer = RNN(cell, return_sequences=True, return_state=True, unroll=unroll)
    outputs, *states = layer(nothing, initial_state=first)
    assert tuple(outputs.shape) == (3, 0, 4)
    assert_close(states, first)
    mask = np.zeros((3, 0), bool)
    assert_close(RNN(cell, unroll=unroll)(nothing, mask=mask, initial_state=first), first[0])
    zeroed = RNN(cell, unroll=unroll, zero_output_for_mask=True)
    assert_close(zeroed(nothing, mask=mask, initial_state=first), first[0])


@each_cell
@pytest.mark.parametrize("unroll", [False, True])
def test_one_step_is_the_step_of_the_cell(cell_class, unroll):
    cell, x, first = problem(cell_class, time=1)
    output, states = cell(x[:, 0], first)
    assert_close(RNN(cell, return_state=True, unroll=unroll)(x, initial_state=first), [output, *states])


def test_an_empty_batch_gives_empty_outputs():
    cell, x, _ = problem(LSTMCell)
    assert tuple(RNN(cell, return_sequences=True)(x[:0]).shape) == (0, 5, 4)


@each_cell
def test_a_model_takes_any_batch_and_any_time(cell_class):
    cell, x, _ = problem(cell_class, batch=4, time=6)
    model = keras.Sequential([keras.Input((None, 2)), RNN(cell)])
    for batch, time in [(4, 6), (1, 3), (3, 1)]:
        expected = RNN(cell)(x[:batch, :time])
        assert_close(model.predict(x[:batch, :time], verbose=0), expected)


@pytest.mark.parametrize("mask_dtype", ["bool", "int32", "float32"])
@pytest.mark.parametrize("column", [False, True])
def test_a_mask_may_have_any_dtype_and_a_last_axis_of_one(mask_dtype, column):
    cell, x, _ = problem(GRUCell)
    mask = np.array(MASKS["middle"], mask_dtype)
    given = mask[:, :, None] if column else mask
    assert_close(RNN(cell)(x, mask=given), RNN(cell)(x, mask=mask.astype(bool)))


# --- masks from layer to layer ---------------------------------------------------------------


@pytest.mark.parametrize("go_backwards", [False, True])
def test_a_mask_goes_on_in_the_order_of_the_outputs(go_backwards):
    words = np.array([[1, 2, 0, 0], [0, 3, 0, 4]])
    x = keras.layers.Embedding(5, 2, mask_zero=True)(words)
    layer = RNN(GRUCell(3), return_sequences=True, return_state=True, go_backwards=go_backwards)
    outputs, _ = layer(x)
    np.testing.assert_array_equal(mask_of(outputs), words[:, ::-1] > 0 if go_backwards else words > 0)


def test_a_mask_ends_where_the_time_ends():
    words = np.array([[1, 2, 0, 0], [0, 3, 0, 4]])
    x = keras.layers.Embedding(5, 2, mask_zero=True)(words)
    last = RNN(GRUCell(3))(x)
    np.testing.assert_array_equal(mask_of(last), array(last).astype(bool))


def test_padded_words_change_nothing_in_a_deep_model():
    model = keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            keras.layers.Embedding(9, 3, mask_zero=True),
            Bidirectional(RNN(LSTMCell(3), return_sequences=True)),
            RNN([GRUCell(4), RNNCell(2)], return_sequences=True),
            RNN(GRUCell(3)),
            OutputUnit(2),
        ]
    )
    rng = np.random.default_rng(0)
    model.set_weights([normal(rng, *weight.shape) for weight in model.weights])
    short, long = np.array([[4, 7, 2]]), np.array([[4, 7, 2, 0, 0, 0]])
    assert_close(model(long), model(short))
    assert_close(model(np.array([[0, 4, 0, 7, 2, 0]])), model(short))
    assert not np.allclose(array(model(np.array([[4, 7, 2, 5, 5, 5]]))), array(model(short)), atol=0.01)


# --- wrappers and stacks ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell_class", "merge_mode", "return_sequences"),
    [
        *itertools.product(CELLS, ["concat"], [False, True]),
        (RNNCell, "sum", True),
        (GRUCell, "mul", False),
        (LSTMCell, "ave", True),
        (LSTMCell, None, False),
        (GRUCell, None, True),
    ],
)
def test_bidirectional_is_that_of_keras(cell_class, merge_mode, return_sequences):
    cell, x, first = problem(cell_class)
    back, _, _ = problem(cell_class, seed=5)
    mask, both = np.array(MASKS["right"], bool), [*first, *first]
    ours, theirs = (
        keras.layers.Bidirectional(
            make(cell, return_sequences=return_sequences),
            merge_mode=merge_mode,
            backward_layer=make(back, return_sequences=return_sequences, go_backwards=True),
        )
        for make in (RNN, as_keras)
    )
    for layer, make in ((ours, RNN), (theirs, as_keras)):
        layer.build(x.shape)
        layer.forward_layer.set_weights(make(cell).cell.get_weights())
    assert_close(ours(x, mask=mask), theirs(x, mask=mask))
    assert_close(ours(x, initial_state=both), theirs(x, initial_state=both))
    assert ours.compute_output_shape(x.shape) == theirs.compute_output_shape(x.shape)


def test_bidirectional_returns_the_states_of_both_directions():
    cell, x, _ = problem(LSTMCell)
    layer = keras.layers.Bidirectional(RNN(cell, return_state=True))
    output, *states = layer(x)
    forward, backward = layer.forward_layer(x), layer.backward_layer(x)
    assert_close(states, [*forward[1:], *backward[1:]])
    assert_close(output, np.concatenate([array(forward[0]), array(backward[0])], axis=-1))


@each_cell
def test_time_distributed_runs_it_on_every_slice(cell_class):
    cell, x, _ = problem(cell_class, batch=6)
    layer = RNN(cell)
    slices = x.reshape(2, 3, 5, 2)
    wrapped = keras.layers.TimeDistributed(layer)
    assert_close(wrapped(slices), array(layer(x)).reshape(2, 3, 4))
    assert wrapped.compute_output_shape(slices.shape) == (2, 3, 4)


def stack(rng):
    cells = [LSTMCell(4), GRUCell(3), RNNCell(5)]
    for cell, features in zip(cells, [2, 4, 3]):
        randomise(cell, rng, features)
    return cells


@pytest.mark.parametrize("padding", ["none", "middle", "all"])
def test_a_stack_within_the_step_is_layers_one_upon_another(padding):
    rng = np.random.default_rng(0)
    cells, x = stack(rng), normal(rng, 3, 5, 2)
    mask = None if MASKS[padding] is None else np.array(MASKS[padding], bool)
    first = [states_of(cell, rng, 3) for cell in cells]
    layer = RNN(cells, return_sequences=True, return_state=True)
    outputs, *states = layer(x, mask=mask, initial_state=first)
    expected, ends = x, []
    for cell, start in zip(cells, first):
        one = RNN(cell, return_sequences=True, return_state=True)
        expected, *end = one(expected, mask=mask, initial_state=start)
        ends.append(end)
    assert_close(outputs, expected)
    assert_close(states, ends)


def test_the_states_of_a_stack_have_the_structure_of_its_output_shape():
    rng = np.random.default_rng(0)
    x = normal(rng, 3, 5, 2)
    layer = RNN(stack(rng), return_state=True)
    assert tree.map_structure(lambda tensor: tuple(tensor.shape), layer(x)) == layer.compute_output_shape(x.shape)


def test_a_stack_of_one_is_its_cell():
    cell, x, _ = problem(LSTMCell)
    assert_close(RNN([cell], return_state=True)(x), RNN(cell, return_state=True)(x))


def test_cells_of_keras_run_in_it():
    rng = np.random.default_rng(0)
    x, mask = normal(rng, 3, 5, 2), np.array(MASKS["middle"], bool)
    cell = keras.layers.LSTMCell(4)
    ours, theirs = RNN(cell, return_sequences=True), keras.layers.RNN(cell, return_sequences=True)
    assert_close(ours(x, mask=mask), theirs(x, mask=mask))


class Counter(keras.layers.Layer):
    """A cell with two states of different sizes and an output of a third."""

    state_size, output_size = [2, 5], 3

    def call(self, x, states):
        total, seen = states
        return seen[:, :3] + x, [total + x[:, :2], seen + 1]


@pytest.mark.parametrize("padding", ["none", "middle", "all"])
def test_any_layer_with_states_is_a_cell(padding):
    x = normal(np.random.default_rng(0), 3, 5, 3)
    mask = np.ones((3, 5)) if MASKS[padding] is None else np.array(MASKS[padding])
    layer = RNN(Counter(), return_sequences=True, return_state=True)
    result = layer(x, mask=mask)
    seen = np.cumsum(mask, axis=1)
    outputs = np.zeros((3, 5, 3))
    for i, t in np.ndindex(3, 5):
        outputs[i, t] = seen[i, t] - 1 + x[i, t] if mask[i, t] else outputs[i, t - 1] if t else 0
    total = (x[:, :, :2] * mask[:, :, None]).sum(axis=1)
    assert_close(result, [outputs, total, np.repeat(seen[:, -1:], 5, axis=1)])
    assert layer.compute_output_shape(x.shape) == ((3, 5, 3), (3, 2), (3, 5))


@pytest.mark.parametrize("cell_class", [keras.layers.SimpleRNNCell, keras.layers.GRUCell, keras.layers.LSTMCell])
@pytest.mark.parametrize("training", [True, False])
def test_cells_of_keras_with_dropout_run_in_it(cell_class, training):
    x = np.ones((2, 3, 4), "float32")
    layer = RNN(cell_class(3, dropout=0.5, recurrent_dropout=0.5, seed=1))
    first, second = array(layer(x, training=training)), array(layer(x, training=training))
    assert np.allclose(first, second) is not training


# --- stateful --------------------------------------------------------------------------------


@each_cell
def test_stateful_goes_on_where_the_batch_before_ended(cell_class):
    cell, x, _ = problem(cell_class, time=6)
    layer, whole = RNN(cell, stateful=True), RNN(cell)
    layer(x[:, :2])
    assert_close(layer(x[:, 2:]), whole(x))
    layer.reset_state()
    assert_close(layer(x), whole(x))


def test_stateful_keeps_the_states_of_rows_that_are_padded():
    cell, x, _ = problem(LSTMCell, time=6)
    layer, whole = RNN(cell, stateful=True), RNN(cell)
    layer(x[:, :3])
    middle = np.concatenate([x[:, 3:], x[:, :3]], axis=1)
    layer(middle, mask=np.array([[1, 1, 1, 0, 0, 0]] * 3, bool))
    layer.reset_state()
    layer(x[:, :3])
    assert_close(layer(x[:, 3:]), whole(x))


def test_stateful_states_are_variables_but_no_weights():
    cell, x, _ = problem(LSTMCell)
    layer, plain = RNN(cell, stateful=True), RNN(cell)
    layer(x), plain(x)
    assert len(layer.states) == 2
    assert len(layer.weights) == len(plain.weights) == 3
    assert {id(state) for state in layer.states} < {id(v) for v in layer.non_trainable_variables}
    plain.set_weights(layer.get_weights())


def stateful_model(cell):
    return keras.Sequential(
        [
            keras.Input(batch_shape=(3, None, 2)),
            RNN([cell, GRUCell(3)], stateful=True, return_sequences=True),
            keras.layers.Bidirectional(RNN(LSTMCell(2), stateful=True)),
        ]
    )


def test_reset_state_resets_a_whole_model():
    cell, x, _ = problem(LSTMCell)
    model = stateful_model(cell)
    first = array(model(x))
    assert not np.allclose(array(model(x)), first, atol=1e-4)
    reset_state(model)
    assert_close(model(x), first)


@pytest.mark.parametrize("method", ["predict", "fit"])
def test_stateful_states_are_carried_by_predict_and_fit(method):
    cell, x, _ = problem(LSTMCell, time=6)
    model = keras.Sequential([keras.Input(batch_shape=(3, 6, 2)), RNN(cell, stateful=True)])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    if method == "fit":
        model.fit(x, np.zeros((3, 4)), batch_size=3, epochs=2, verbose=0, shuffle=False)
    else:
        model.predict(x, batch_size=3, verbose=0)
        model.predict(x, batch_size=3, verbose=0)
    twice = RNN(cell, return_state=True)(np.concatenate([x, x], axis=1))[1:]
    assert_close(model.layers[0].states, twice)


def test_a_stateful_layer_takes_its_first_states_from_the_caller():
    cell, x, first = problem(LSTMCell)
    layer = RNN(cell, stateful=True)
    layer(x)
    assert_close(layer(x, initial_state=first), RNN(cell)(x, initial_state=first))
    assert_close(layer.states, RNN(cell, return_state=True)(x, initial_state=first)[1:])


# --- training and saving ---------------------------------------------------------------------


def small_model():
    return keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            keras.layers.Embedding(6, 3, mask_zero=True),
            keras.layers.Bidirectional(
                RNN(
                    [LSTMCell(4, dropout=0.1, seed=1), GRUCell(3, recurrent_dropout=0.1, seed=2)], return_sequences=True
                )
            ),
            RNN(RNNCell(3), unroll=False),
            OutputUnit(1),
        ]
    )


@pytest.mark.parametrize(
    "policy, jit_compile",
    few_on_jax(
        [("float32", BACKEND != "torch"), ("mixed_float16", "auto"), ("mixed_bfloat16", "auto")],
    ),
)
def test_it_trains(policy, jit_compile):
    rng = np.random.default_rng(0)
    words = rng.integers(0, 6, (32, 5))
    labels = (words == 3).sum(axis=1, keepdims=True).astype("float32")
    keras.utils.set_random_seed(1)
    keras.config.set_dtype_policy(policy)
    try:
        model = small_model()
    finally:
        keras.config.set_dtype_policy("float32")
    model.compile(keras.optimizers.Adam(0.02), "mse", jit_compile=jit_compile)
    losses = model.fit(words, labels, epochs=8, batch_size=8, verbose=0).history["loss"]
    assert np.isfinite(losses).all() and losses[-1] < 0.8 * losses[0]


def test_a_model_is_loaded_with_the_same_numbers(tmp_path):
    model = small_model()
    words = np.random.default_rng(0).integers(0, 6, (4, 5))
    expected = model.predict(words, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    assert_close(loaded.predict(words, verbose=0), expected, atol=1e-6)


def test_a_fresh_process_loads_a_model_after_importing_the_layers(tmp_path):
    cell, x, _ = problem(GRUCell)
    model = keras.Sequential([keras.Input((None, 2)), RNN([cell, LSTMCell(3)], return_sequences=True), OutputUnit(2)])
    model.save(tmp_path / "model.keras")
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "y.npy", model.predict(x, verbose=0))
    program = """if True:
        import keras, numpy as np, seqzoo.layers
        model = keras.saving.load_model("model.keras", safe_mode=True)
        np.testing.assert_allclose(model.predict(np.load("x.npy"), verbose=0), np.load("y.npy"), atol=1e-6)
    """
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True)


def test_a_stateful_model_is_saved_without_its_states(tmp_path):
    cell, x, _ = problem(LSTMCell)
    model = stateful_model(cell)
    first = array(model(x))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert_close(loaded(x), first)


def test_a_configuration_makes_the_same_layer():
    layer = RNN(
        [GRUCell(2), LSTMCell(3)],
        return_sequences=True,
        return_state=True,
        go_backwards=True,
        stateful=True,
        unroll=True,
        zero_output_for_mask=True,
        use_cudnn=True,
        name="mine",
    )
    config = layer.get_config()
    for _ in range(2):
        assert RNN.from_config(config).get_config() == config
    assert all(
        config[name]
        for name in (
            "return_sequences",
            "return_state",
            "go_backwards",
            "stateful",
            "unroll",
            "zero_output_for_mask",
            "use_cudnn",
        )
    )


# --- errors ----------------------------------------------------------------------------------


def refuses(message, layer, x, **kwargs):
    with pytest.raises(ValueError, match=message):
        layer(x, **kwargs)


@pytest.mark.parametrize("shape", [(3,), (3, 5, 2), (3, 4), (2, 5), (3, 5, 1, 1)])
def test_a_mask_of_another_shape_is_refused(shape):
    cell, x, _ = problem(LSTMCell)
    message = r"'rnn' expects a mask of shape \(batch, time\), here \(3, 5\). Received: shape \(.*\). Give one entry"
    refuses(message, RNN(cell, name="rnn"), x, mask=np.ones(shape, "float32"))


def test_states_of_another_number_or_size_are_refused():
    cell, x, (a, c) = problem(LSTMCell)
    layer = RNN(cell, name="rnn")
    message = r"'rnn' expects 2 initial states, of sizes \[4, 4\]. Received: %s. Give a list"
    refuses(message % r"1 of shapes \[\(3, 4\)\]", layer, x, initial_state=[a])
    refuses(message % r"3 of shapes .*", layer, x, initial_state=[a, c, c])
    refuses(message % r"2 of shapes \[\(3, 4\), \(3, 3\)\]", layer, x, initial_state=[a, c[:, :3]])
    refuses(message % r"2 of shapes \[\(4,\), \(4,\)\]", layer, x, initial_state=[a[0], c[0]])


def test_a_stateful_layer_refuses_another_batch_size():
    cell, x, _ = problem(LSTMCell)
    layer = RNN(cell, stateful=True, name="rnn")
    layer(x)
    message = r"states of batch size 3, sequences of batch size 2. With stateful=True"
    refuses(message, layer, x[:2])


def test_states_of_another_batch_size_are_refused():
    cell, x, first = problem(LSTMCell)
    refuses(
        r"'rnn' expects states and sequences of the same batch size", RNN(cell, name="rnn"), x[:2], initial_state=first
    )


def test_a_stateful_layer_needs_a_known_batch_size():
    with pytest.raises(ValueError, match=r"is stateful and expects a known batch size. Received: .*None. Give it"):
        RNN(LSTMCell(4), stateful=True)(keras.Input((5, 2)))


def test_unroll_needs_a_known_time():
    layer = RNN(LSTMCell(4), unroll=True, name="rnn")
    message = r"'rnn' has unroll=True and expects a known number of steps. Received: shape \(None, None, 2\). Give"
    with pytest.raises(ValueError, match=message):
        layer.call(keras.Input((None, 2)))


def test_what_is_no_cell_is_refused():
    with pytest.raises(
        ValueError, match=r"The cell of an RNN must have .*Received: Dense, without `state_size`. Give a cell"
    ):
        RNN(keras.layers.Dense(3))


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("cell_class", CELLS)
def test_masked_steps_keep_states_of_any_size(cell_class, training):
    rng = np.random.default_rng(0)
    cell = randomise(cell_class(4), rng, features=3)
    states = [1e5 * state for state in states_of(cell, rng, 2)]
    layer = RNN(cell, return_state=True)
    _, *after = layer(normal(rng, 2, 5, 3), initial_state=states, mask=np.zeros((2, 5), bool), training=training)
    for before, now in zip(states, after, strict=True):
        np.testing.assert_array_equal(array(now), before)


def test_a_call_that_failed_leaves_nothing_to_the_next():
    layer = RNN(GRUCell(4, dropout=0.5), use_cudnn=True)
    layer.build((None, None, 3))
    with pytest.raises(ValueError, match="expects cuDNN"):
        layer(np.ones((2, 5, 3), "float32"), training=True)
    layer.use_cudnn = "auto"
    assert layer(np.ones((3, 6, 3), "float32"), training=True).shape == (3, 4)


def test_another_layer_around_a_cell_has_all_other_options():
    layer = RNN(GRUCell(2), zero_output_for_mask=True, use_cudnn=False, recompute=True, activity_regularizer="l2", dtype="mixed_float16")  # fmt: skip
    other = again(layer, return_sequences=True)
    assert other.get_config() == {**layer.get_config(), "return_sequences": True, "name": other.name}
