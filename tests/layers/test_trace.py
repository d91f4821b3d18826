import keras
import numpy as np
import pytest
from keras import ops

from seqzoo.layers import RNN, GRUCell, LSTMCell, RNNCell, gradient_norms, plot_gates, plot_gradient_norms, trace
from tools import CELLS, array, assert_close, normal, randomise

each_cell = pytest.mark.parametrize("cell_class", CELLS)
NAMES = {
    RNNCell: ["a"],
    GRUCell: ["Γu", "Γr", "c̃", "c", "a"],
    LSTMCell: ["c̃", "Γu", "Γf", "Γo", "c", "a"],
}
MASK = np.array([[0, 1, 1, 0, 1, 0], [1, 1, 1, 1, 0, 0], [0] * 6], bool)


def layer_over(*cells, seed=0, **kwargs):
    rng, features = np.random.default_rng(seed), 4
    for cell in cells:
        randomise(cell, rng, features)
        features = cell.units
    return RNN(cells[0] if len(cells) == 1 else list(cells), **kwargs)


def sigma(z):
    return 1 / (1 + np.exp(-z))


def before(states, first=0.0):
    """States shifted by one step: what each step starts from."""
    return np.concatenate([np.broadcast_to(first, states[:, :1].shape), states[:, :-1]], axis=1)


def product(W, *parts):
    return np.concatenate(parts, axis=-1) @ W.T


@each_cell
def test_it_shows_each_gate_and_state_by_its_name(cell_class):
    inside = trace(layer_over(cell_class(3)), normal(np.random.default_rng(1), 2, 6, 4))
    assert list(inside) == NAMES[cell_class]
    assert {values.shape for values in inside.values()} == {(2, 6, 3)}
    assert all(isinstance(values, np.ndarray) and values.dtype == "float32" for values in inside.values())


def test_the_gates_of_the_gru_are_those_of_the_notes():
    layer, x = layer_over(GRUCell(3)), normal(np.random.default_rng(1), 2, 6, 4)
    inside, w = trace(layer, x), layer.cell.symbols
    c = before(inside["c"])
    assert_close(inside["Γu"], sigma(product(w["Wu"], c, x) + w["bu"]))
    assert_close(inside["Γr"], sigma(product(w["Wr"], c, x) + w["br"]))
    assert_close(inside["c̃"], np.tanh(product(w["Wc"], inside["Γr"] * c, x) + w["bc"]))
    assert_close(inside["c"], inside["Γu"] * inside["c̃"] + (1 - inside["Γu"]) * c)
    assert_close(inside["a"], inside["c"])


def test_the_gates_of_the_lstm_are_those_of_the_notes():
    layer, x = layer_over(LSTMCell(3)), normal(np.random.default_rng(1), 2, 6, 4)
    inside, w = trace(layer, x), layer.cell.symbols
    a, c = before(inside["a"]), before(inside["c"])
    assert_close(inside["c̃"], np.tanh(product(w["Wc"], a, x) + w["bc"]))
    for gate in "ufo":
        assert_close(inside[f"Γ{gate}"], sigma(product(w[f"W{gate}"], a, x) + w[f"b{gate}"]))
    assert_close(inside["c"], inside["Γu"] * inside["c̃"] + inside["Γf"] * c)
    assert_close(inside["a"], inside["Γo"] * np.tanh(inside["c"]))


@each_cell
@pytest.mark.parametrize("backwards", [False, True])
def test_a_is_what_the_layer_returns(cell_class, backwards):
    layer = layer_over(cell_class(3), return_sequences=True, go_backwards=backwards)
    x = normal(np.random.default_rng(1), 3, 6, 4)
    for mask in (None, MASK):
        outputs = array(layer(x, mask=mask))[:, :: -1 if backwards else 1]
        counts = np.ones((3, 6), bool) if mask is None else mask
        assert_close(trace(layer, x, mask=mask)["a"][counts], outputs[counts], atol=1e-6)


@each_cell
def test_a_masked_step_shows_nothing(cell_class):
    layer, x = layer_over(cell_class(3)), normal(np.random.default_rng(1), 3, 6, 4)
    inside, row = trace(layer, x, mask=MASK), trace(layer, x[:1, [1, 2, 4]])
    for name, values in inside.items():
        np.testing.assert_array_equal(np.isnan(values), np.broadcast_to(~MASK[..., None], values.shape))
        assert_close(values[:1, [1, 2, 4]], row[name], atol=1e-6)


def test_a_mask_may_have_a_third_axis():
    layer, x = layer_over(GRUCell(3)), normal(np.random.default_rng(1), 3, 6, 4)
    np.testing.assert_array_equal(trace(layer, x, mask=MASK[..., None])["c"], trace(layer, x, mask=MASK)["c"])


def test_the_cells_of_a_list_are_told_apart():
    layer, x = layer_over(GRUCell(5), LSTMCell(3)), normal(np.random.default_rng(1), 2, 6, 4)
    inside = trace(layer, x)
    expected = [f"cell_1/{name}" for name in NAMES[GRUCell]] + [f"cell_2/{name}" for name in NAMES[LSTMCell]]
    assert list(inside) == expected
    assert inside["cell_1/c"].shape == (2, 6, 5) and inside["cell_2/c"].shape == (2, 6, 3)
    below, above = layer.cell.cells
    assert_close(inside["cell_1/a"], RNN(below, return_sequences=True)(x), atol=1e-6)
    assert_close(inside["cell_2/a"], RNN(above, return_sequences=True)(inside["cell_1/a"]), atol=1e-6)


def test_both_directions_follow_the_order_of_the_sequence():
    both = keras.layers.Bidirectional(RNN(GRUCell(3), return_sequences=True))
    x, rng = normal(np.random.default_rng(1), 3, 6, 4), np.random.default_rng(0)
    both.build((3, 6, 4))
    for one in (both.forward_layer, both.backward_layer):
        randomise(one.cell, rng, features=4)
    inside = trace(both, x, mask=MASK)
    assert list(inside) == [f"{way}/{name}" for way in ("forward", "backward") for name in NAMES[GRUCell]]
    joined = np.concatenate([inside["forward/a"], inside["backward/a"]], axis=-1)
    assert_close(joined[MASK], array(both(x, mask=MASK))[MASK], atol=1e-6)


def test_each_direction_has_its_initial_states():
    both = keras.layers.Bidirectional(RNN(LSTMCell(3), return_sequences=True))
    rng = np.random.default_rng(1)
    x, states = normal(rng, 2, 6, 4), [normal(rng, 2, 3) for _ in range(4)]
    inside = trace(both, x, initial_state=states)
    joined = np.concatenate([inside["forward/a"], inside["backward/a"]], axis=-1)
    assert_close(joined, both(x, initial_state=states), atol=1e-6)


def test_it_starts_from_the_states_that_the_layer_keeps_and_leaves_them():
    layer, x = layer_over(GRUCell(3), stateful=True), normal(np.random.default_rng(1), 2, 6, 4)
    layer(x)
    kept = array(layer.states[0])
    inside = trace(layer, x)
    assert_close(inside["c"][:, 0], inside["Γu"][:, 0] * inside["c̃"][:, 0] + (1 - inside["Γu"][:, 0]) * kept)
    assert_close(layer.states[0].value, kept, atol=0)
    assert_close(inside["a"][:, -1], layer(x), atol=1e-6)


def test_it_looks_only_while_it_runs():
    layer, x = layer_over(LSTMCell(3)), normal(np.random.default_rng(1), 2, 6, 4)
    expected = array(layer(x))
    first = trace(layer, x)
    np.testing.assert_array_equal(array(layer(x)), expected)
    assert "record" not in vars(layer.cell)
    with pytest.raises(ValueError):
        trace(layer, x, initial_state=[np.zeros((2, 9), "float32")])
    assert "record" not in vars(layer.cell)
    np.testing.assert_array_equal(trace(layer, x)["Γf"], first["Γf"])


def test_half_precision_is_shown_in_single():
    layer = RNN(GRUCell(3, dtype="mixed_bfloat16"), dtype="mixed_bfloat16")
    inside = trace(layer, normal(np.random.default_rng(1), 2, 6, 4))
    assert {values.dtype for values in inside.values()} == {np.dtype("float32")}


@pytest.mark.parametrize("look", [trace, gradient_norms])
@pytest.mark.parametrize("make", [keras.layers.LSTM, lambda n: RNN(keras.layers.LSTMCell(n)), keras.layers.Dense])
def test_only_the_cells_of_the_notes_show_their_gates(look, make):
    with pytest.raises(ValueError, match="Only an RNN over the notes' cells shows its gates.*Received: .*from_keras"):
        look(make(3), np.ones((2, 6, 4), "float32"))


def jacobian_norms(layer, x, t_last, initial_state=None):
    """‖∂a⟨Tx⟩/∂x⟨t⟩‖ by central differences: a row for each number of x that is moved."""
    step, count = 1e-2, x[0].size
    moves = step * np.eye(count, dtype="float32").reshape(count, *x.shape[1:])
    states = initial_state and [np.repeat(state, count, axis=0) for state in initial_state]

    def ends(sign):
        moved = (x[:, None] + sign * moves).reshape(-1, *x.shape[1:])
        return trace(layer, moved, initial_state=states)["a"][:, t_last]

    slopes = ((ends(1) - ends(-1)) / (2 * step)).reshape(*x.shape, -1)
    return np.sqrt((slopes**2).sum(axis=(2, 3)))


@each_cell
def test_gradient_norms_are_those_of_the_derivatives(cell_class):
    layer, x = layer_over(cell_class(3)), normal(np.random.default_rng(1), 2, 4, 4)
    np.testing.assert_allclose(gradient_norms(layer, x), jacobian_norms(layer, x, -1), rtol=0.02, atol=2e-4)


def test_gradient_norms_of_a_layer_that_reads_backwards_end_at_the_beginning():
    layer = layer_over(LSTMCell(3), go_backwards=True)
    x = normal(np.random.default_rng(1), 2, 4, 4)
    np.testing.assert_allclose(gradient_norms(layer, x), jacobian_norms(layer, x, 0), rtol=0.02, atol=2e-4)


def test_gradient_norms_of_a_linear_unit_are_powers_of_its_weight():
    cell = RNNCell(1, activation="linear", use_bias=False)
    cell.build((None, 1))
    cell.symbols = {"Waa": [[0.5]], "Wax": [[3.0]]}
    norms = gradient_norms(RNN(cell), np.ones((1, 6, 1), "float32"))
    np.testing.assert_allclose(norms, [3 * 0.5 ** np.arange(5, -1, -1)], rtol=1e-6)


def test_gradient_norms_with_a_mask_are_those_of_the_row_alone():
    layer, x = layer_over(GRUCell(3)), normal(np.random.default_rng(1), 3, 6, 4)
    norms = gradient_norms(layer, x, mask=MASK)
    np.testing.assert_array_equal(np.isnan(norms), ~MASK)
    np.testing.assert_allclose(norms[:1, [1, 2, 4]], gradient_norms(layer, x[:1, [1, 2, 4]]), rtol=1e-5)


def test_gradient_norms_start_from_the_states_that_are_given():
    layer, rng = layer_over(LSTMCell(3)), np.random.default_rng(1)
    x, states = normal(rng, 2, 4, 4), [normal(rng, 2, 3), normal(rng, 2, 3)]
    norms = gradient_norms(layer, x, initial_state=states)
    expected = jacobian_norms(layer, x, -1, initial_state=states)
    np.testing.assert_allclose(norms, expected, rtol=0.02, atol=2e-4)
    assert not np.allclose(norms, gradient_norms(layer, x))


def test_gradient_norms_go_through_lists_and_both_directions():
    both = keras.layers.Bidirectional(RNN([GRUCell(3), LSTMCell(2)]))
    x = normal(np.random.default_rng(1), 2, 5, 4)
    norms = gradient_norms(both, x)
    assert list(norms) == ["forward", "backward"]
    assert all(values.shape == (2, 5) and (values > 0).all() for values in norms.values())
    np.testing.assert_allclose(norms["backward"], gradient_norms(both.backward_layer, x), rtol=1e-6)


def heat_map(axis):
    return axis.images[0].get_array()


def maps(figure):
    return [axis for axis in figure.axes if axis.get_title(loc="left")]


def test_the_picture_has_a_heat_map_for_each_gate_over_the_tokens():
    layer, x = layer_over(LSTMCell(3)), normal(np.random.default_rng(1), 3, 6, 4)
    inside, tokens = trace(layer, x, mask=MASK), "I did not like it …".split()
    axes = maps(plot_gates(inside, tokens=tokens, example=1))
    assert [axis.get_title(loc="left") for axis in axes] == NAMES[LSTMCell]
    for axis, values in zip(axes, inside.values(), strict=True):
        np.testing.assert_array_equal(heat_map(axis).filled(np.nan), values[1].T)
    assert axes[1].images[0].get_clim() == (0, 1) and axes[-1].images[0].get_clim() == (-1, 1)
    assert [label.get_text() for label in axes[-1].get_xticklabels()] == tokens


def test_the_colours_of_states_reach_as_far_as_the_states():
    inside = {"c": np.array([[[-2.5], [1.0]]])}
    (axis,) = maps(plot_gates(inside))
    assert axis.images[0].get_clim() == (-2.5, 2.5)


def test_the_picture_can_show_some_of_the_names():
    inside = trace(layer_over(GRUCell(5), RNNCell(3)), normal(np.random.default_rng(1), 2, 6, 4))
    axes = maps(plot_gates(inside, names=["cell_1/Γu", "cell_2/a"]))
    assert [axis.get_title(loc="left") for axis in axes] == ["cell 1 Γu", "cell 2 a"]
    assert heat_map(axes[1]).shape == (3, 6)


def test_the_directions_stand_side_by_side():
    both = keras.layers.Bidirectional(RNN(GRUCell(3)))
    figure = plot_gates(trace(both, normal(np.random.default_rng(1), 2, 6, 4)))
    assert [axis.get_title() for axis in figure.axes if axis.get_title()] == ["forward", "backward"]
    assert [axis.get_title(loc="left") for axis in maps(figure)] == [n for n in NAMES[GRUCell] for _ in range(2)]


def test_an_example_that_is_all_padding_is_drawn():
    inside = trace(layer_over(GRUCell(3)), normal(np.random.default_rng(1), 3, 6, 4), mask=MASK)
    assert heat_map(maps(plot_gates(inside, example=2, names=["c"]))[0]).mask.all()


def test_what_cannot_be_drawn_is_refused():
    inside = trace(layer_over(GRUCell(3)), normal(np.random.default_rng(1), 2, 6, 4))
    with pytest.raises(ValueError, match=r"names must be some of \['Γu', .*Received: \['Γf'\]"):
        plot_gates(inside, names=["Γf"])
    with pytest.raises(ValueError, match="tokens must be one for each of the 6 steps. Received: 2"):
        plot_gates(inside, tokens=["a", "b"])


def test_gradient_norms_are_drawn_on_a_logarithmic_axis():
    norms = {"short": np.array([[1e-3, 1e-1], [3e-3, np.nan]]), "long": np.array([[1.0, 2.0, 3.0]])}
    (axis,) = plot_gradient_norms(norms).axes
    short, long = axis.lines
    np.testing.assert_allclose(short.get_ydata(), [2e-3, 1e-1])
    np.testing.assert_array_equal(long.get_xdata(), [1, 2, 3])
    assert axis.get_yscale() == "log" and [text.get_text() for text in axis.get_legend().texts] == list(norms)
    (axis,) = plot_gradient_norms(norms["short"], example=1).axes
    assert axis.lines[0].get_ydata()[0] == 3e-3 and axis.get_legend() is None


def test_tracing_does_not_need_a_layer_that_ran_before():
    layer, x = RNN(GRUCell(3), return_sequences=True), normal(np.random.default_rng(1), 2, 6, 4)
    inside = trace(layer, x)
    assert_close(inside["a"], layer(x), atol=1e-6)
    assert ops.shape(layer.cell.kernel) == (4, 9)


def test_gradients_are_those_of_the_layers_own_precision():
    layer, x = RNN(LSTMCell(4)), normal(np.random.default_rng(0), 1, 40, 3)
    alone = gradient_norms(layer, x)
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        np.testing.assert_array_equal(gradient_norms(layer, x), alone)
    finally:
        keras.config.set_dtype_policy("float32")


def test_a_mask_may_be_a_list():
    layer, x = RNN(GRUCell(2)), normal(np.random.default_rng(0), 1, 3, 2)
    listed, whole = trace(layer, x, mask=[[True, True, False]]), trace(layer, x, mask=np.array([[True, True, False]]))
    np.testing.assert_array_equal(listed["Γu"], whole["Γu"])
