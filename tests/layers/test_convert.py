import keras
import numpy as np
import pytest
from keras import ops

from seqzoo.layers import RNN, GRUCell, LSTMCell, RNNCell, convert_model, from_keras, from_torch, to_keras, to_torch
from seqzoo.layers.nested import layers_in
from tools import array, arrays, assert_close, few_on_jax, normal

KERAS = {
    "SimpleRNN": keras.layers.SimpleRNN,
    "LSTM": keras.layers.LSTM,
    "GRU": lambda *args, **kwargs: keras.layers.GRU(*args, reset_after=False, **kwargs),
}
KERAS_CELLS = {
    "SimpleRNN": keras.layers.SimpleRNNCell,
    "LSTM": keras.layers.LSTMCell,
    "GRU": lambda *args, **kwargs: keras.layers.GRUCell(*args, reset_after=False, **kwargs),
}
OURS = {"SimpleRNN": RNNCell, "LSTM": LSTMCell, "GRU": GRUCell}
each_kind = pytest.mark.parametrize("kind", few_on_jax(["GRU", "LSTM", "SimpleRNN"]))
RIGHT_PADDED = np.array([[1, 1, 1, 1, 1, 0], [1, 1, 0, 0, 0, 0], [1] * 6], bool)
WITH_HOLES = np.array([[1, 0, 1, 1, 0, 0], [0, 0, 1, 0, 1, 1], [0] * 6], bool)


def scatter(layer, seed=0):
    """Gives all weights of a built layer other random numbers."""
    rng = np.random.default_rng(seed)
    layer.set_weights([rng.normal(size=w.shape).astype("float32") * 0.5 for w in layer.get_weights()])
    return layer


def inputs(seed=1, features=4):
    return normal(np.random.default_rng(seed), 3, 6, features)


def same(converted, original, masks=(None, WITH_HOLES), **kwargs):
    """Of one function: what they give is compared."""
    for mask in masks:
        assert_close(converted(inputs(), mask=mask, **kwargs), original(inputs(), mask=mask, **kwargs), atol=1e-6)


def equal(back, original):
    """Of one function, because they are the same class with the same configuration and weights."""
    assert type(back) is type(original) and back.get_config() == original.get_config()
    for now, then in zip(back.get_weights(), original.get_weights(), strict=True):
        np.testing.assert_array_equal(now, then)


def built(layer, shape=(3, 6, 4)):
    layer.build(shape)
    return scatter(layer)


# Keras, there and back


@each_kind
@pytest.mark.parametrize(
    ("return_sequences", "return_state", "go_backwards"),
    few_on_jax([(False, True, True), (True, False, True), (True, True, False), (False, False, False)]),
)
def test_a_layer_of_keras_there_and_back(kind, return_sequences, return_state, go_backwards):
    theirs = built(
        KERAS[kind](5, return_sequences=return_sequences, return_state=return_state, go_backwards=go_backwards)
    )
    ours = from_keras(theirs)
    assert isinstance(ours, RNN) and type(ours.cell) is OURS[kind]
    same(ours, theirs)
    equal(to_keras(ours), theirs)


@each_kind
@pytest.mark.parametrize(
    "options",
    few_on_jax(
        [
            {"use_bias": False},
            {"activation": "relu"},
            {"activation": None},
            {"unroll": True},
            {"zero_output_for_mask": True, "return_sequences": True},
            {"zero_output_for_mask": True},
        ]
    ),
    ids=str,
)
def test_options_that_change_the_output_come_along(kind, options):
    theirs = built(KERAS[kind](5, **options))
    same(from_keras(theirs), theirs)
    equal(to_keras(from_keras(theirs)), theirs)


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_hard_gates_come_along(kind):
    theirs = built(KERAS[kind](5, recurrent_activation="hard_sigmoid"))
    same(from_keras(theirs), theirs)
    equal(to_keras(from_keras(theirs)), theirs)


def test_an_activation_of_the_readers_own_comes_along():
    theirs = built(keras.layers.LSTM(5, activation=lambda z: ops.sin(z), recurrent_activation="relu"))
    same(from_keras(theirs), theirs)
    equal(to_keras(from_keras(theirs)), theirs)


@pytest.mark.parametrize("use_cudnn", [False, "auto"])
def test_use_cudnn_comes_along(use_cudnn):
    ours = from_keras(built(keras.layers.LSTM(5, use_cudnn=use_cudnn)))
    assert ours.use_cudnn == use_cudnn and to_keras(ours).use_cudnn == use_cudnn
    assert from_keras(keras.layers.SimpleRNN(5)).use_cudnn == "auto"


@each_kind
def test_every_option_comes_along(kind):
    theirs = KERAS[kind](
        5,
        activation="relu",
        use_bias=True,
        kernel_initializer="he_normal",
        recurrent_initializer="glorot_normal",
        bias_initializer="ones",
        kernel_regularizer="l1",
        recurrent_regularizer=keras.regularizers.L2(0.3),
        bias_regularizer="l2",
        kernel_constraint="unit_norm",
        recurrent_constraint="max_norm",
        bias_constraint="unit_norm",
        dropout=0.1,
        recurrent_dropout=0.2,
        seed=7,
        return_sequences=True,
        return_state=True,
        go_backwards=True,
        stateful=True,
        unroll=True,
        zero_output_for_mask=True,
        dtype="mixed_float16",
        trainable=False,
        name="mine",
        **({} if kind == "SimpleRNN" else {"recurrent_activation": "hard_sigmoid"}),
        **({"unit_forget_bias": False} if kind == "LSTM" else {}),
    )
    theirs.activity_regularizer = keras.regularizers.L1()  # Keras's SimpleRNN loses its argument
    ours = from_keras(theirs)
    for converted in (ours, to_keras(ours)):
        layer, cell = converted.get_config(), converted.cell.get_config()
        wanted = {**theirs.cell.get_config(), **theirs.get_config()}
        cell_only = set(wanted) & set(cell) - set(layer)
        assert {name: layer[name] for name in wanted if name in layer} == {
            name: wanted[name] for name in wanted if name in layer
        }
        assert {name: cell[name] for name in cell_only} == {name: wanted[name] for name in cell_only}
        assert set(wanted) - set(layer) - set(cell) <= {"reset_after"}
        assert converted.cell.dtype_policy.name == "mixed_float16" and not converted.cell.trainable
    assert to_keras(ours).get_config() == theirs.get_config()


@each_kind
def test_penalties_are_equal(kind):
    theirs = built(KERAS[kind](5, kernel_regularizer="l1", bias_regularizer="l2"))
    theirs.activity_regularizer = keras.regularizers.L1()
    ours = from_keras(theirs)
    for layer in (theirs, ours, to_keras(ours)):
        layer(inputs())
        assert len(layer.losses) == 3
        assert_close(sum(arrays(layer.losses)), sum(arrays(theirs.losses)), atol=1e-4)


@each_kind
def test_the_states_that_are_kept_come_along(kind):
    theirs = built(KERAS[kind](5, stateful=True))
    theirs(inputs())
    ours = from_keras(theirs)
    back = to_keras(ours)
    x = inputs(seed=2)
    expected = array(theirs(x))
    assert_close(ours(x), expected, atol=1e-6)
    assert_close(back(x), expected, atol=1e-6)


@each_kind
def test_initial_states_mean_the_same(kind):
    theirs = built(KERAS[kind](5, return_sequences=True, return_state=True))
    states = [normal(np.random.default_rng(3), 3, 5) for _ in range(2 if kind == "LSTM" else 1)]
    same(from_keras(theirs), theirs, masks=(None, RIGHT_PADDED), initial_state=states)


@pytest.mark.parametrize(
    ("kind", "merge_mode", "return_sequences"),
    few_on_jax(
        [
            ("GRU", "concat", True),
            ("LSTM", None, False),
            ("SimpleRNN", "concat", False),
            ("LSTM", "concat", True),
            ("SimpleRNN", "sum", True),
            ("GRU", "ave", False),
            ("LSTM", "mul", True),
            ("GRU", None, True),
        ]
    ),
)
def test_both_directions_there_and_back(kind, merge_mode, return_sequences):
    theirs = built(
        keras.layers.Bidirectional(KERAS[kind](5, return_sequences=return_sequences), merge_mode, name="both")
    )
    ours = from_keras(theirs)
    assert ours.name == "both" and all(isinstance(one, RNN) for one in (ours.forward_layer, ours.backward_layer))
    same(ours, theirs)
    equal(to_keras(ours), theirs)


def test_the_two_directions_may_be_different_layers():
    theirs = built(
        keras.layers.Bidirectional(
            KERAS["LSTM"](5, return_state=True),
            backward_layer=KERAS["GRU"](3, activation="relu", go_backwards=True, return_state=True),
        )
    )
    same(from_keras(theirs), theirs)
    equal(to_keras(from_keras(theirs)), theirs)


@each_kind
def test_a_cell_there_and_back(kind):
    theirs = KERAS_CELLS[kind](5)
    theirs.build((None, 4))
    scatter(theirs)
    ours = from_keras(theirs)
    assert type(ours) is OURS[kind]
    rng = np.random.default_rng(0)
    x, states = normal(rng, 3, 4), [normal(rng, 3, 5) for _ in range(2 if kind == "LSTM" else 1)]
    for cell in (ours, to_keras(ours)):
        assert_close(cell(x, states), theirs(x, states), atol=1e-6)


@each_kind
def test_a_layer_over_a_cell_of_keras(kind):
    theirs = built(keras.layers.RNN(KERAS_CELLS[kind](5), return_sequences=True, return_state=True))
    ours = from_keras(theirs)
    assert type(ours.cell) is OURS[kind]
    same(ours, theirs)
    back = to_keras(ours)
    assert type(back).__name__ == kind
    same(back, theirs)


def test_a_layer_over_a_list_of_cells():
    cells = [KERAS_CELLS["GRU"](5), KERAS_CELLS["LSTM"](4), KERAS_CELLS["SimpleRNN"](3)]
    theirs = built(keras.layers.RNN(cells, return_sequences=True, return_state=True))
    ours = from_keras(theirs)
    assert [type(cell) for cell in ours.cell.cells] == [GRUCell, LSTMCell, RNNCell]
    same(ours, theirs)
    equal(to_keras(ours), theirs)


def test_a_layer_of_keras_over_our_cells():
    theirs = built(keras.layers.RNN([GRUCell(5), keras.layers.LSTMCell(3)]))
    ours = from_keras(theirs)
    assert [type(cell) for cell in ours.cell.cells] == [GRUCell, LSTMCell]
    assert ours.cell.cells[0] is not theirs.cell.cells[0]
    same(ours, theirs)


@each_kind
def test_a_cell_of_another_dtype_than_its_layer(kind):
    ours = built(RNN(OURS[kind](5, dtype="mixed_bfloat16"), return_sequences=True))
    theirs = to_keras(ours)
    assert type(theirs) is keras.layers.RNN and theirs.cell.compute_dtype == "bfloat16"
    assert_close(theirs(inputs()), ours(inputs()), atol=0.05)


@each_kind
def test_a_layer_without_weights_is_converted_without(kind):
    theirs = KERAS[kind](5, dropout=0.3)
    ours = from_keras(theirs)
    assert not ours.built and not ours.weights and ours.cell.dropout == 0.3
    assert ours(inputs()).shape == (3, 5)


@each_kind
def test_a_copy_does_not_share_weights(kind):
    theirs = built(KERAS[kind](5))
    before = array(theirs(inputs()))
    ours = from_keras(theirs)
    assert [w.path for w in ours.weights] and ours.built
    scatter(ours, seed=9)
    np.testing.assert_array_equal(array(theirs(inputs())), before)


# What is another function


class Peephole(keras.layers.LSTMCell):
    pass


Peephole.__name__ = "PeepholeLSTMCell"


@pytest.mark.parametrize("wrap", [lambda layer: layer, keras.layers.Bidirectional], ids=["alone", "both directions"])
def test_a_gru_that_resets_after_the_product_is_refused(wrap):
    message = (
        "expects a GRU with reset_after=False. Received: GRUCell 'gru_cell' of GRU '.*' with reset_after=True, "
        "another function: .* after the recurrent product, .* train again with reset_after=False"
    )
    with pytest.raises(ValueError, match=message):
        from_keras(wrap(keras.layers.GRU(5)))


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (keras.layers.ConvLSTM1D(3, 2), r"Received: ConvLSTM1D .* It convolves .* keep it as it is"),
        (keras.layers.RNN(Peephole(3)), r"Received: PeepholeLSTMCell .* look at c⟨t−1⟩ too, another function"),
        (keras.layers.Dense(3), r"from_keras expects .* Received: Dense .* No cell of the notes"),
        (type("MyLSTM", (keras.layers.LSTM,), {})(3), r"Received: MyLSTM .* No cell of the notes is sure"),
    ],
    ids=["convolution", "peepholes", "not recurrent", "subclass"],
)
def test_what_is_not_a_layer_of_the_notes_is_refused(layer, message):
    with pytest.raises(ValueError, match=message):
        from_keras(layer)


@pytest.mark.parametrize("activation", few_on_jax([lambda z: z * z, "relu", "tanh", "softmax", "silu"]))
def test_a_gru_comes_along_with_any_gate(activation):
    theirs = built(KERAS["GRU"](5, recurrent_activation=activation, kernel_regularizer=lambda w: ops.sum(w)))
    theirs.set_weights([0.3 * weight for weight in theirs.get_weights()])
    for converted in (from_keras(theirs), to_keras(from_keras(theirs))):
        same(converted, theirs)
        assert_close(converted.losses, theirs.losses)


@pytest.mark.parametrize("part", ["kernel", "recurrent", "bias"])
def test_a_constraint_that_tells_signs_comes_along(part):
    option = {f"{part}_constraint": "non_neg"}
    ours = from_keras(KERAS["GRU"](5, **option))
    assert type(getattr(ours.cell, f"{part}_constraint")) is keras.constraints.NonNeg


def test_keras_has_only_the_cells_of_the_notes():
    with pytest.raises(ValueError, match=r"to_keras expects an RNNCell, .* Received: Dense .* keep it as it is"):
        to_keras(keras.layers.Dense(3))


# Whole models


def bilstm_tagger():
    return keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            keras.layers.Embedding(11, 4, mask_zero=True),
            keras.layers.Bidirectional(keras.layers.LSTM(5, return_sequences=True, dropout=0.2)),
            KERAS["GRU"](3, return_sequences=True),
            keras.layers.LayerNormalization(),
            keras.layers.TimeDistributed(keras.layers.Dense(7, activation="softmax")),
        ]
    )


def encoder_decoder():
    source, target = keras.Input((None, 4), name="source"), keras.Input((None, 3), name="target")
    _, *states = keras.layers.LSTM(5, return_state=True)(source)
    decoded = keras.layers.LSTM(5, return_sequences=True)(target, initial_state=states)
    return keras.Model([source, target], keras.layers.Dense(2)(decoded))


def siamese_with_a_shared_layer():
    shared = KERAS["GRU"](5)
    left, right = keras.Input((6, 4)), keras.Input((6, 4))
    return keras.Model([left, right], keras.layers.subtract([shared(left), shared(right)]))


def model_in_models():
    words = keras.Sequential([keras.Input((6, 4)), KERAS["SimpleRNN"](5), keras.layers.BatchNormalization()])
    sentences = keras.Input((2, 6, 4))
    inner = keras.Input((2, 5))
    stack = keras.layers.RNN([keras.layers.LSTMCell(3), keras.layers.LSTMCell(2)])
    head = keras.Model(inner, keras.layers.Dense(1)(stack(inner)))
    return keras.Model(sentences, head(keras.layers.TimeDistributed(words)(sentences)))


def time_distributed_layer():
    return keras.Sequential(
        [keras.Input((2, 6, 4)), keras.layers.TimeDistributed(keras.layers.LSTM(5)), KERAS["GRU"](2)]
    )


def normalized():
    normalization = keras.layers.Normalization()
    normalization.adapt(np.random.default_rng(0).normal(3, 2, (50, 4)))
    return keras.Sequential([keras.Input((6, 4)), normalization, KERAS["SimpleRNN"](5)])


TOKENS = np.array([[3, 1, 4, 1, 5, 9, 0, 0], [2, 6, 0, 0, 0, 0, 0, 0], [5, 3, 5, 8, 9, 7, 9, 3]], "int32")
MODELS = {
    "sequential": (bilstm_tagger, TOKENS),
    "states passed on": (encoder_decoder, [inputs(features=4), inputs(features=3)]),
    "shared layer": (siamese_with_a_shared_layer, [inputs(1), inputs(2)]),
    "nested models": (model_in_models, normal(np.random.default_rng(0), 3, 2, 6, 4)),
    "time distributed": (time_distributed_layer, normal(np.random.default_rng(0), 3, 2, 6, 4)),
    "normalization": (normalized, inputs()),
}


def recurrent(model, ours=False):
    layers = [layer for layer in layers_in(model) if isinstance(layer, keras.layers.RNN)]
    return [layer for layer in layers if isinstance(layer, RNN) is ours]


@pytest.mark.parametrize("name", few_on_jax(MODELS))
def test_a_whole_model_there_and_back(name):
    make, x = MODELS[name]
    theirs = make()
    if make is not normalized:
        scatter(theirs)
        theirs.set_weights([np.abs(w) if w.ndim == 1 else w for w in theirs.get_weights()])
    expected = array(theirs(x))
    ours = convert_model(theirs)
    assert not recurrent(ours) and len(recurrent(ours, ours=True)) == len(recurrent(theirs))
    assert_close(ours(x), expected, atol=1e-6)
    back = convert_model(ours, to="keras")
    assert not recurrent(back, ours=True) and len(recurrent(back)) == len(recurrent(theirs))
    assert_close(back(x), expected, atol=1e-6)


def test_a_trained_model_predicts_the_same_and_goes_on_training():
    keras.utils.set_random_seed(0)
    theirs = keras.Sequential([keras.Input((6, 4)), keras.layers.LSTM(5), keras.layers.Dense(1)])
    theirs.compile("adam", "mse", metrics=["mae"])
    x, y = inputs(), np.ones((3, 1), "float32")
    theirs.fit(x, y, epochs=3, verbose=0)
    ours = convert_model(theirs)
    assert_close(ours(x), theirs(x), atol=1e-6)
    assert ours.evaluate(x, y, verbose=0) == pytest.approx(theirs.evaluate(x, y, verbose=0), abs=1e-5)
    before = [np.array(weight) for weight in theirs.get_weights()]
    losses = ours.fit(x, y, epochs=5, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    for now, then in zip(theirs.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_a_converted_model_is_saved_and_loaded(tmp_path):
    ours = convert_model(scatter(bilstm_tagger()))
    ours.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert_close(loaded(TOKENS), ours(TOKENS), atol=0)


def test_the_names_of_layers_and_models_stay():
    theirs = keras.Sequential([keras.Input((6, 4)), keras.layers.LSTM(5, name="reader")], name="whole")
    ours = convert_model(theirs)
    assert ours.name == "whole" and [layer.name for layer in ours.layers] == ["reader"]


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="strings in a model need TensorFlow")
def test_a_vocabulary_comes_along():
    texts = keras.layers.TextVectorization(output_mode="int")
    texts.adapt(["a film that is not good", "a good film"])
    theirs = keras.Sequential(
        [keras.Input((1,), dtype="string"), texts, keras.layers.Embedding(9, 4), keras.layers.LSTM(5)]
    )
    x = ops.convert_to_tensor([["not a good film"], ["that is a film"]])
    assert_close(convert_model(theirs)(x), theirs(x), atol=1e-6)


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.lstm = keras.layers.LSTM(5)

    def call(self, x):
        return self.lstm(x)


class Overridden(keras.Model):
    def call(self, x):
        return 2 * super().call(x)


class Block(keras.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.lstm = keras.layers.LSTM(5)

    def call(self, x):
        return self.lstm(x)


def overridden():
    x = keras.Input((6, 4))
    return Overridden(x, keras.layers.LSTM(5)(x))


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (Subclassed, "Subclassed"),
        (overridden, "Overridden"),
        (lambda: keras.Sequential([keras.Input((6, 4)), Block()]), "Block"),
        (lambda: keras.layers.LSTM(5), "LSTM"),
    ],
    ids=["subclassed", "call overridden", "layer with a recurrent layer inside", "no model"],
)
def test_what_runs_code_of_its_own_is_refused(make, name):
    with pytest.raises(ValueError, match=rf"convert_model expects .* Received: {name} '.*whose own code.* one by one"):
        convert_model(make())


def test_a_model_with_another_function_inside_is_refused():
    model = keras.Sequential([keras.Input((6, 4)), keras.layers.GRU(5, name="second")])
    with pytest.raises(ValueError, match="of GRU 'second' with reset_after=True, another function"):
        convert_model(model)


def test_there_are_two_ways_to_convert():
    with pytest.raises(ValueError, match=r"to must be one of \['seqzoo', 'keras'\]. Received: to='torch'"):
        convert_model(keras.Sequential([keras.Input((6, 4)), keras.layers.LSTM(5)]), to="torch")


# torch


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


def outputs_of(module, x):
    """What torch gives first, with the batch first."""
    import torch

    x = torch.tensor(x, dtype=next(module.parameters()).dtype)
    with torch.no_grad():
        out = module(x if module.batch_first else x.transpose(0, 1))[0]
    return (out if module.batch_first else out.transpose(0, 1)).cpu().numpy()


def parameters(module):
    return {name: value.detach().cpu().numpy() for name, value in module.named_parameters()}


@pytest.mark.parametrize(
    ("layers", "bidirectional", "bias"),
    few_on_jax([(3, True, True), (1, True, False), (3, False, False), (1, False, True)]),
)
@pytest.mark.parametrize("kind", ["RNN", "LSTM"])
def test_a_module_of_torch_there_and_back(torch, kind, layers, bidirectional, bias):
    torch.manual_seed(0)
    options = {"num_layers": layers, "bidirectional": bidirectional, "bias": bias}
    module = getattr(torch.nn, kind)(4, 5, batch_first=True, **options)
    ours = from_torch(module)
    assert_close(ours(inputs()), outputs_of(module, inputs()), atol=1e-6)
    back = to_torch(ours)
    assert repr(back) == repr(module) and back.batch_first
    assert_close(outputs_of(back, inputs()), outputs_of(module, inputs()), atol=1e-6)
    for name, value in parameters(back).items():
        if name.startswith("weight"):
            np.testing.assert_array_equal(value, parameters(module)[name])
        if name.startswith("bias_hh"):
            assert not value.any()


@pytest.mark.parametrize("bidirectional", [False, True])
def test_padding_in_torch_is_a_mask_here(torch, bidirectional):
    module = torch.nn.LSTM(4, 5, num_layers=2, bidirectional=bidirectional, batch_first=True)
    lengths = RIGHT_PADDED.sum(axis=1)
    packed = torch.nn.utils.rnn.pack_padded_sequence(
        torch.tensor(inputs()), torch.tensor(lengths), batch_first=True, enforce_sorted=False
    )
    expected, _ = torch.nn.utils.rnn.pad_packed_sequence(module(packed)[0], batch_first=True)
    outputs = array(from_torch(module)(inputs(), mask=RIGHT_PADDED))
    assert_close(outputs[RIGHT_PADDED], expected.detach().numpy()[RIGHT_PADDED], atol=1e-6)


def test_the_nonlinearity_comes_along(torch):
    module = torch.nn.RNN(4, 5, nonlinearity="relu", batch_first=True)
    assert_close(from_torch(module)(inputs()), outputs_of(module, inputs()), atol=1e-6)
    assert to_torch(from_torch(module)).nonlinearity == "relu"


def test_the_order_of_the_axes_is_that_of_keras(torch):
    module = torch.nn.LSTM(4, 5)
    assert_close(from_torch(module)(inputs()), outputs_of(module, inputs()), atol=1e-6)
    back = to_torch(from_torch(module), batch_first=False)
    assert not back.batch_first
    assert_close(outputs_of(back, inputs()), outputs_of(module, inputs()), atol=1e-6)


@pytest.mark.parametrize("layers", [1, 2])
def test_the_last_outputs_of_both_directions_are_the_last_states_of_torch(torch, layers):
    module = torch.nn.LSTM(4, 5, num_layers=layers, bidirectional=True, batch_first=True)
    _, (h, _) = module(torch.tensor(inputs()))
    last = from_torch(module, return_sequences=False)(inputs())
    assert_close(last, np.concatenate(h[-2:].detach().numpy(), axis=-1), atol=1e-6)


def test_the_dropout_between_layers_comes_along(torch):
    module = torch.nn.LSTM(4, 5, num_layers=3, dropout=0.25)
    ours = from_torch(module)
    assert [type(layer).__name__ for layer in ours.layers] == ["RNN", "Dropout", "RNN", "Dropout", "RNN"]
    assert {layer.rate for layer in ours.layers[1::2]} == {0.25}
    assert to_torch(ours).dropout == 0.25


def test_the_dtype_comes_along(torch):
    if keras.backend.backend() == "jax":
        pytest.skip("JAX has no float64 unless it is told to")
    module = torch.nn.LSTM(4, 5, num_layers=2, batch_first=True, dtype=torch.float64)
    ours = from_torch(module)
    assert {weight.dtype for weight in ours.weights} == {"float64"}
    x = inputs().astype("float64")
    # On torch, Keras multiplies float64 matrices in float32.
    atol = 1e-6 if keras.backend.backend() == "torch" else 1e-12
    np.testing.assert_allclose(array(ours(x)), outputs_of(module, x), rtol=0, atol=atol)
    assert to_torch(ours).weight_ih_l0.dtype == torch.float64


@pytest.mark.parametrize("kind", ["RNNCell", "LSTMCell"])
@pytest.mark.parametrize("bias", [False, True])
def test_a_cell_of_torch_there_and_back(torch, kind, bias):
    module = getattr(torch.nn, kind)(4, 5, bias=bias)
    ours = from_torch(module)
    rng = np.random.default_rng(0)
    x, states = normal(rng, 3, 4), [normal(rng, 3, 5) for _ in range(2 if kind == "LSTMCell" else 1)]
    _, after = ours(x, states)
    given = [torch.tensor(state) for state in states]
    for cell in (module, to_torch(ours)):
        assert type(cell) is type(module)
        expected = cell(torch.tensor(x), tuple(given) if len(given) == 2 else given[0])
        expected = expected if isinstance(expected, tuple) else (expected,)
        assert_close(after, [e.detach().numpy() for e in expected], atol=1e-6)


@pytest.mark.parametrize("cell", [RNNCell, LSTMCell])
def test_a_list_of_cells_is_a_stack_of_torch(torch, cell):
    ours = built(RNN([cell(5), cell(5)], return_sequences=True))
    module = to_torch(ours)
    assert module.num_layers == 2
    assert_close(outputs_of(module, inputs()), ours(inputs()), atol=1e-6)


def test_a_list_of_layers_is_a_stack_of_torch(torch):
    layers = [built(RNN(LSTMCell(5), return_sequences=True)), built(RNN(LSTMCell(5)), (3, 6, 5))]
    module = to_torch(layers)
    assert_close(outputs_of(module, inputs())[:, -1], layers[1](layers[0](inputs())), atol=1e-6)


def test_what_is_another_function_in_torch_is_refused(torch):
    for gru in (torch.nn.GRU(4, 5), torch.nn.GRUCell(4, 5)):
        with pytest.raises(ValueError, match="Received: GRU.* after the recurrent product, .* Train a GRUCell anew"):
            from_torch(gru)
    with pytest.raises(ValueError, match="Received: LSTM with proj_size=2, which multiplies .* proj_size=0"):
        from_torch(torch.nn.LSTM(4, 5, proj_size=2))
    with pytest.raises(ValueError, match="from_torch expects .* Received: Linear. No cell of the notes"):
        from_torch(torch.nn.Linear(4, 5))


def both(cell, **kwargs):
    return built(keras.layers.Bidirectional(RNN(cell, return_sequences=True), **kwargs))


REFUSED = {
    "GRU": (lambda: built(RNN(GRUCell(5))), "GRUCell. torch's GRU applies the reset gate after"),
    "a GRU cell": (lambda: GRUCell(5), "Received: GRUCell"),
    "not built": (lambda: RNN(LSTMCell(5)), "expects layers with weights. Received: .* not built. Call the layer"),
    "a cell that is not built": (lambda: LSTMCell(5), "expects layers with weights"),
    "activation": (lambda: built(RNN(RNNCell(5, activation="sigmoid"))), "with activation=sigmoid"),
    "LSTM with relu": (lambda: built(RNN(LSTMCell(5, activation="relu"))), "with activation=relu"),
    "gates": (
        lambda: built(RNN(LSTMCell(5, recurrent_activation="hard_sigmoid"))),
        "with recurrent_activation=hard_sigmoid",
    ),
    "dropout": (lambda: built(RNN(LSTMCell(5, dropout=0.5))), "with dropout=0.5, .* Set both to 0.0"),
    "backwards": (lambda: built(RNN(LSTMCell(5), go_backwards=True)), "with go_backwards=True"),
    "stateful": (lambda: built(RNN(LSTMCell(5), stateful=True)), "with stateful=True"),
    "sum of directions": (lambda: both(LSTMCell(5), merge_mode="sum"), "merge_mode='concat'.* merge_mode='sum'"),
    "lists in both directions": (lambda: both([LSTMCell(5), LSTMCell(5)]), "around a list of cells"),
    "other sizes": (lambda: built(RNN([LSTMCell(5), LSTMCell(3)])), "one kind of cell in all layers"),
    "other kinds": (lambda: built(RNN([LSTMCell(5), RNNCell(5)])), "one kind of cell in all layers"),
    "some directions": (
        lambda: [both(LSTMCell(5)), built(RNN(LSTMCell(5)), (3, 6, 10))],
        "same directions in every layer",
    ),
    "a layer that gives its last output": (
        lambda: [built(RNN(LSTMCell(5))), built(RNN(LSTMCell(5)), (3, 6, 5))],
        "return_sequences=True in every layer but the last",
    ),
    "dropout at the end": (
        lambda: [built(RNN(LSTMCell(5))), keras.layers.Dropout(0.5)],
        "the same Dropout between all layers",
    ),
    "nothing": (lambda: [], "Received"),
    "another layer": (lambda: keras.layers.Dense(5), "expects RNN, .* Received: Dense"),
    "a layer of Keras": (lambda: keras.layers.LSTM(5), "expects RNN, .* Received: LSTM"),
}


@pytest.mark.parametrize(("make", "message"), REFUSED.values(), ids=REFUSED)
def test_what_torch_does_not_have_is_refused(torch, make, message):
    with pytest.raises(ValueError, match=message):
        to_torch(make())
