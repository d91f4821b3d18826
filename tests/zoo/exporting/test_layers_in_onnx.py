"""Every form of a recurrent layer is one node of ONNX, with Keras's numbers under any mask."""

import collections

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from asked import LARGEST, difference, with_random_weights
from seqzoo import layers
from seqzoo.exporting.to_onnx.model import Unconvertible, to_onnx

onnxruntime = pytest.importorskip("onnxruntime")
RECURRENT = ("RNN", "GRU", "LSTM")
CELLS = {"RNN": layers.RNNCell, "GRU": layers.GRUCell, "LSTM": layers.LSTMCell}


def run(proto, *inputs):
    session = onnxruntime.InferenceSession(proto.SerializeToString())
    return session.run(None, dict(zip([given.name for given in session.get_inputs()], inputs)))


def nodes(proto):
    kinds = collections.Counter(node.op_type for node in proto.graph.node)
    return {kind: n for kind, n in kinds.items() if kind in RECURRENT}


def masked_model(make):
    """Outputs of layers over sequences with a mask of their own: rows of -1 are masked."""
    x = keras.Input((None, 3))
    return with_random_weights(keras.Model(x, make(keras.layers.Masking(-1.0)(x))))


def sequences(mask, seed=0):
    x = np.random.default_rng(seed).normal(size=(*mask.shape, 3)).astype("float32")
    return np.where(mask[..., None], x, np.float32(-1))


sequence = dict(return_sequences=True)
FORMS = {
    "last": lambda cell: layers.RNN(cell(4)),
    "sequences": lambda cell: layers.RNN(cell(4), **sequence),
    "backwards": lambda cell: layers.RNN(cell(4), go_backwards=True, **sequence),
    "zero_output": lambda cell: layers.RNN(cell(4), zero_output_for_mask=True, **sequence),
    "zero_output_last": lambda cell: layers.RNN(cell(4), zero_output_for_mask=True),
    "zero_output_backwards": lambda cell: layers.RNN(cell(4), zero_output_for_mask=True, go_backwards=True),
    "states": lambda cell: layers.RNN(cell(4), return_state=True, **sequence),
    "no_bias": lambda cell: layers.RNN(cell(4, use_bias=False)),
    "relu": lambda cell: layers.RNN(cell(4, activation="relu"), **sequence),
    "both": lambda cell: layers.Bidirectional(layers.RNN(cell(4), **sequence)),
    "both_last": lambda cell: layers.Bidirectional(layers.RNN(cell(4)), merge_mode="ave"),
}
MASKS = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [0, 0, 1, 1, 1], [0, 1, 0, 1, 0], [0, 0, 0, 0, 0]], bool)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", CELLS)
def test_a_layer_is_one_node_with_the_same_numbers(kind, form):
    model = masked_model(FORMS[form](CELLS[kind]))
    x = sequences(MASKS)
    proto = to_onnx(model)
    assert nodes(proto) == {kind: 1}
    assert difference(run(proto, x), model(x)) <= LARGEST
    padded = x[:2]
    assert difference(run(to_onnx(model, right_padded=True), padded), model(padded)) <= LARGEST


@pytest.mark.parametrize("kind", CELLS)
def test_stacked_cells_are_a_node_each_and_the_first_ones_of_two_directions_one(kind):
    cell = CELLS[kind]
    model = masked_model(lambda x: layers.Bidirectional(layers.RNN([cell(4), cell(3)], **sequence))(x))
    proto, x = to_onnx(model), sequences(MASKS)
    assert nodes(proto) == {kind: 3}
    assert difference(run(proto, x), model(x)) <= LARGEST


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("kind", CELLS)
def test_two_layers_that_read_one_sequence_in_two_directions_are_one_node(kind, first):
    """With all that they return, whichever of them comes first (what is deeper does)."""

    def both(x):
        returned = [
            list(layers.RNN(CELLS[kind](4), go_backwards=backwards, return_state=True, **sequence)(x))
            for backwards in (False, True)
        ]
        returned[first][0] = keras.layers.Dense(2)(returned[first][0])
        return returned

    model, x = masked_model(both), sequences(MASKS)
    proto = to_onnx(model)
    assert nodes(proto) == {kind: 1}
    assert difference(run(proto, x), keras.tree.flatten(model(x))) <= LARGEST
    padded = x[:2]
    assert difference(run(to_onnx(model, right_padded=True), padded), keras.tree.flatten(model(padded))) <= LARGEST


def test_what_reads_other_steps_or_more_of_them_keeps_its_node():
    def three(x):
        ahead, state = layers.RNN(layers.GRUCell(4), return_state=True, **sequence)(x)
        return [
            layers.RNN(layers.GRUCell(4), go_backwards=True)(x, initial_state=state),  # begins where the other ends
            layers.RNN(layers.GRUCell(5), go_backwards=True)(x),
            layers.RNN(layers.GRUCell(4))(x),
            layers.RNN(layers.GRUCell(4), go_backwards=True)(ahead),
        ]

    model, x = masked_model(three), sequences(MASKS)
    proto = to_onnx(model)
    assert nodes(proto) == {"GRU": 5}
    assert difference(run(proto, x), model(x)) <= LARGEST


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("kind", CELLS)
def test_initial_states_under_a_mask(kind, backwards):
    layer = layers.RNN(CELLS[kind](4), return_sequences=True, return_state=True, go_backwards=backwards)
    x, *states = keras.Input((None, 3)), *[keras.Input((4,)) for _ in keras.tree.flatten(layer.state_size)]
    model = keras.Model([x, *states], layer(keras.layers.Masking(-1.0)(x), initial_state=states))
    with_random_weights(model)
    given = [sequences(MASKS), *[np.random.rand(len(MASKS), 4).astype("float32") for _ in states]]
    assert difference(run(to_onnx(model), *given), model(given)) <= LARGEST
    given = [part[:2] for part in given]
    assert difference(run(to_onnx(model, right_padded=True), *given), model(given)) <= LARGEST


@pytest.mark.parametrize(
    "layer, kind",
    [
        (lambda: keras.layers.GRU(4, return_sequences=True), "GRU"),  # the gate acts after the product
        (lambda: keras.layers.GRU(4, reset_after=False), "GRU"),
        (lambda: keras.layers.LSTM(4, recurrent_activation="hard_sigmoid"), "LSTM"),
        (lambda: keras.layers.SimpleRNN(4, go_backwards=True), "RNN"),
        (lambda: layers.LSTM(4, activation="softsign"), "LSTM"),
        (lambda: layers.GRU(4, recurrent_activation="hard_sigmoid", activation="linear"), "GRU"),
        (
            lambda: keras.layers.Bidirectional(
                keras.layers.GRU(4), backward_layer=keras.layers.GRU(4, go_backwards=True)
            ),
            "GRU",
        ),
    ],
)
def test_layers_of_keras_and_the_drop_ins(layer, kind):
    model = masked_model(lambda x: layer()(x))
    proto, x = to_onnx(model), sequences(MASKS)
    assert nodes(proto) == {kind: 1}
    assert difference(run(proto, x), model(x)) <= LARGEST


@pytest.fixture(scope="module")
def two_layers():
    model = masked_model(
        lambda x: layers.RNN(layers.GRUCell(4), go_backwards=True)(layers.RNN(layers.LSTMCell(4), **sequence)(x))
    )
    return model, to_onnx(model)


@settings(deadline=None, max_examples=30)
@given(mask=arrays(bool, st.tuples(st.integers(1, 4), st.integers(1, 7))))
def test_any_mask(two_layers, mask):
    model, proto = two_layers
    assert difference(run(proto, sequences(mask)), model(sequences(mask))) <= LARGEST


@keras.saving.register_keras_serializable("tests")
class Differences(keras.layers.Layer):
    """A layer of a user's own, in keras.ops."""

    def call(self, x):
        before = keras.ops.concatenate([x[:, :1], x[:, :-1]], axis=1)
        return keras.ops.where(x > 0, keras.ops.abs(x - before) / 2, keras.ops.zeros_like(x))


@keras.saving.register_keras_serializable("tests")
class Reversed(keras.layers.Layer):
    """A layer that needs the length, and says itself what it is in ONNX."""

    def call(self, x):
        return keras.ops.take(x, keras.ops.arange(keras.ops.shape(x)[1])[::-1], axis=1)

    def to_onnx(self, graph, x):
        return graph.flip(x, 1)

    def compute_output_shape(self, shape):
        return shape


@pytest.mark.parametrize("layer", [Differences, Reversed])
def test_a_layer_of_ones_own(layer):
    x = keras.Input((None, 3))
    model = keras.Model(x, keras.layers.Dense(2)(layer()(x)) * 2.0 - 1)
    given = sequences(MASKS[:1])
    assert difference(run(to_onnx(model), given), model(given)) <= LARGEST


@pytest.mark.parametrize(
    "layer, why",
    [
        (lambda: layers.RNN(layers.GRUCell(4, activation="gelu")), "the activation gelu"),
        (lambda: layers.RNN(layers.GRUCell(4, recurrent_activation="softmax")), "the activation softmax"),
        (lambda: keras.layers.ConvLSTM1D(2, 3), "ConvLSTM1D"),
    ],
)
def test_what_has_no_place_in_onnx_is_refused_with_its_name(layer, why):
    layer = layer()
    shape = (None, 8, 3) if "conv" in layer.name else (None, 3)
    x = keras.Input(shape)
    with pytest.raises(Unconvertible, match=rf"(?s){layer.name}.*{why}|{why}.*{layer.name}") as refused:
        to_onnx(keras.Model(x, layer(x)))
    assert 'format="litert"' in str(refused.value)


@pytest.mark.parametrize("options", [{}, {"center": False}, {"scale": False}, {"axis": (-1, -2)}])
def test_layer_normalization(options):
    x = keras.Input((4, 3))
    model = with_random_weights(keras.Model(x, keras.layers.LayerNormalization(**options)(x)))
    given = np.random.default_rng(0).normal(size=(2, 4, 3)).astype("float32")
    assert difference(run(to_onnx(model), given), model(given)) <= LARGEST


def test_layer_normalization_over_other_axes_is_refused():
    x = keras.Input((4, 4))
    with pytest.raises(Unconvertible, match="the last axes alone"):
        to_onnx(keras.Model(x, keras.layers.LayerNormalization(axis=1)(x)))


@pytest.mark.parametrize("divisor", [2, -3])
def test_whole_numbers_are_divided_as_whole_numbers(divisor):
    x = keras.Input((1,), dtype="int32")
    model = keras.Model(x, keras.ops.floor_divide(x, divisor))
    given = np.array([[2**24 + 3], [-7], [7], [0]], "int32")
    np.testing.assert_array_equal(run(to_onnx(model), given)[0], given // divisor)
