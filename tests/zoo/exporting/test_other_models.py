"""Functional models of all kinds give Keras's numbers in every format, or are refused in words."""

import keras
import numpy as np
import pytest
from keras import Input, Model, ops
from keras import layers as K

import seqzoo
import seqzoo.layers as L
from asked import LARGEST, difference, with_random_weights
from seqzoo.exporting.programs import programs
from seqzoo.exporting.to_onnx.model import Unconvertible, to_onnx

onnxruntime = pytest.importorskip("onnxruntime")


def run(program, *inputs):
    session = onnxruntime.InferenceSession(to_onnx(program.model, program.outputs).SerializeToString())
    return session.run(None, dict(zip(program.inputs, inputs)))


def assert_same(model, *inputs):
    with_random_weights(model)
    given = inputs[0] if len(inputs) == 1 else list(inputs)
    found = run(programs(model)["model"], *inputs)
    assert difference(found, keras.tree.flatten(model(given))) <= LARGEST


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def embedded(name="ids", size=4, shape=(None,)):
    ids = Input(shape, dtype="int32", name=name)
    return ids, K.Embedding(9, size, mask_zero=True)(ids)


IDS = np.array([[1, 2, 0, 0], [3, 0, 0, 0], [1, 2, 3, 4]], "int32")


def a_mask_into_a_model():
    return keras.Sequential(
        [Input((None,), dtype="int32"), K.Embedding(9, 4, mask_zero=True), keras.Sequential([L.LSTM(3), K.Dense(1)])]
    )


def a_mask_out_of_a_model():
    inner = keras.Sequential([K.Embedding(9, 4, mask_zero=True)])
    return keras.Sequential([Input((None,), dtype="int32"), inner, L.GRU(2)])


def a_mask_of_two_inputs():
    ids, x = embedded()
    return Model(ids, K.Attention()([x, x]))


@pytest.mark.parametrize("make", [a_mask_into_a_model, a_mask_out_of_a_model, a_mask_of_two_inputs])
def test_masks_go_where_keras_hands_them(make):
    assert_same(make(), IDS)


@pytest.mark.parametrize("wrapper", [K.TimeDistributed, L.TimeDistributed])
def test_a_mask_of_each_moment(wrapper):
    ids, x = embedded(shape=(None, 4))
    assert_same(Model(ids, wrapper(L.GRU(2))(x)), np.stack([IDS, IDS[::-1]]))


def test_dictionaries_keep_their_names():
    price, amount = Input((1,), name="price"), Input((1,), name="amount")
    model = Model({"price": price, "amount": amount}, {"less": price - amount, "a": K.Concatenate()([price, amount])})
    by_name = {"price": np.float32([[5]]), "amount": np.float32([[1]])}
    program = programs(model)["model"]
    found = run(program, *(by_name[name] for name in program.inputs))
    assert difference(found, keras.tree.flatten(model(by_name))) == 0


def test_models_within_models():
    x, a = Input((2,)), Input((2,))
    dense = keras.Sequential([Input((2,)), K.Dense(2, name="dense")])
    assert_same(Model(x, Model(a, K.Dense(3)(a))(x)), numbers(4, 2))
    inner = Model(a, {"z": K.Dense(2, name="dense")(a), "b": a * 2})
    made = inner(x)
    assert_same(Model(x, [made["z"] - made["b"] * 3, dense(dense(x))]), numbers(4, 2))


class Scaled(K.Embedding):
    def call(self, ids):
        return super().call(ids) * 10.0


class Doubled(keras.Sequential):
    def call(self, x, training=None, mask=None):
        return super().call(x, training=training, mask=mask) * 2


keras.saving.register_keras_serializable("tests")(Scaled)
keras.saving.register_keras_serializable("tests")(Doubled)


def test_what_calls_by_itself_is_not_taken_for_its_parent():
    ids = Input((None,), dtype="int32")
    try:
        assert_same(Model(ids, Scaled(9, 2)(ids)), IDS)
    except Unconvertible as refused:
        assert "Scaled" in str(refused)
    with pytest.raises(ValueError, match="Doubled"):
        seqzoo.export(Doubled([Input((2,)), K.Dense(2)]), "nowhere")


@pytest.mark.parametrize("merge", [K.Add, K.Subtract, K.Multiply, K.Average, K.Maximum, K.Minimum])
def test_merges_of_unlike_ranks(merge):
    few, many = Input((2,)), Input((3, 2))
    assert_same(Model([few, many], merge()([few, many])), numbers(3, 2), numbers(3, 3, 2, seed=1))


WHOLE = np.array([[1, 2, 2, 4], [-1, 0, 0, 0]], "int32")
OPERATIONS = {
    "mean of whole numbers": (lambda x: ops.mean(x, -1) * 2.0, WHOLE),
    "bytes": (lambda x: ops.equal(x, 2), WHOLE.astype("uint8")),
    "truths beside a number": (lambda x: ops.equal(x, 2), WHOLE > 1),
    "any of fractions": (lambda x: ops.any(x, -1), np.float32([[0.4, 0], [0, 0]])),
    "any of negatives": (lambda x: ops.any(x, -1), -abs(WHOLE)),
    "all of fractions": (lambda x: ops.all(x, -1), np.float32([[0.4, 0.1], [0, 1]])),
    "largest and a number": (lambda x: ops.max(x, -1, initial=9.0), numbers(2, 3)),
    "sum of truths": (lambda x: ops.sum(x, -1), WHOLE > 1),
    "places of all": (lambda x: ops.take(x, [0, 1], axis=None), numbers(2, 2)),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_operations(name):
    operation, x = OPERATIONS[name]
    given = Input(x.shape[1:], dtype=x.dtype.name)
    assert_same(Model(given, operation(given)), x)


@pytest.mark.parametrize(
    "layer, shape",
    [
        (K.Flatten(data_format="channels_first"), (2, 3)),
        (K.ReLU(), (3,)),
        (K.LeakyReLU(0.2), (3,)),
        (K.ELU(0.7), (3,)),
        (K.PReLU(), (3,)),
    ],
)
def test_layers(layer, shape):
    x = Input(shape)
    assert_same(Model(x, layer(x)), numbers(4, *shape))


def test_softmax_of_nothing_is_nothing():
    x, mask = Input((2,)), Input((2,), dtype="bool")
    assert_same(Model([x, mask], K.Softmax()(x, mask=mask)), numbers(2, 2), np.array([[True, False], [False, False]]))


def first_states(x):
    return L.GRU(2, return_sequences=True)(x, initial_state=[L.GRU(2)(x)])


def a_last_state_for_each_step(x):
    return K.Add()([L.GRU(2, return_sequences=True)(x), L.GRU(2)(x)])


def the_same_with_an_axis(x):
    return K.Add()([L.GRU(2, return_sequences=True)(x), ops.expand_dims(L.GRU(2)(x), 1)])


@pytest.mark.parametrize("make", [first_states, a_last_state_for_each_step, the_same_with_an_axis])
def test_what_needs_the_whole_sequence_is_not_streamed(make):
    x = Input((None, 3))
    assert list(programs(Model(x, make(x)))) == ["model"]


def test_a_name_that_a_node_might_have():
    x = Input((2,), name="matmul_0")
    assert_same(Model(x, K.Dense(2)(x)), numbers(3, 2))
