"""Programs for `keras.layers`, side by side with themselves once their import is changed."""

import inspect
import types

import keras
import numpy as np
import pytest
from keras import ops

import seqzoo.layers
from seqzoo.layers import GRU, LSTM, RNN, GRUCell, LSTMCell, RNNCell, SimpleRNN, convert_model
from seqzoo.layers.nested import layers_in
from tools import BACKEND, array, assert_close, few_on_jax, normal

NAMES = ["SimpleRNN", "GRU", "LSTM"]
BEFORE = {"GRU": {"reset_after": False}}  # what Keras has to be told
each_name = pytest.mark.parametrize("name", NAMES)


class Imports(types.SimpleNamespace):
    """`keras.layers`, with some names from elsewhere."""

    def __getattr__(self, name):
        return getattr(keras.layers, name)


OURS = Imports(
    SimpleRNN=SimpleRNN, GRU=GRU, LSTM=LSTM, RNN=RNN, SimpleRNNCell=RNNCell, GRUCell=GRUCell, LSTMCell=LSTMCell
)


def both(kind, /, *args, **kwargs):
    """The layer of ours and that of Keras, made by the same call."""
    return (getattr(layers, kind)(*args, **BEFORE.get(kind, {}), **kwargs) for layers in (OURS, keras.layers))


def distinct(layer, seed=0):
    """Other random numbers in every weight of a built layer or model."""
    rng = np.random.default_rng(seed)
    layer.set_weights([rng.normal(size=w.shape).astype(w.dtype) * 0.4 for w in layer.get_weights()])
    return layer


# A layer alone


@each_name
def test_the_arguments_and_their_defaults_are_those_of_keras(name):
    ours, theirs = (inspect.signature(getattr(layers, name)).parameters for layers in (OURS, keras.layers))
    assert list(ours) == list(theirs)
    defaults = {argument: p.default for argument, p in theirs.items()} | BEFORE.get(name, {})
    assert {argument: p.default for argument, p in ours.items()} == defaults


@each_name
def test_the_attributes_are_those_of_keras(name):
    ours, theirs = both(name, 3, dropout=0.1, return_state=True, zero_output_for_mask=True, name="mine")
    for layer in (ours, theirs):
        layer.build((2, 5, 4))
    config = theirs.get_config()
    for attribute in {*config} - {"dtype", "seed"}:
        mine, its = getattr(ours, attribute), getattr(theirs, attribute)
        assert mine == its or type(mine) is type(its), attribute
    assert ours.state_size == theirs.state_size and ours.states is theirs.states is None
    assert [(w.path, w.shape) for w in ours.weights] == [(w.path, w.shape) for w in theirs.weights]


@each_name
def test_it_is_a_recurrent_layer_of_keras(name):
    ours, _ = both(name, 3)
    assert isinstance(ours, keras.layers.RNN) and isinstance(ours, RNN)
    assert isinstance(RNN(LSTMCell(3)), keras.layers.RNN)


CHANGED = {
    "activation": "relu",
    "use_bias": False,
    "kernel_initializer": "he_normal",
    "recurrent_regularizer": "l2",
    "activity_regularizer": "l1",
    "kernel_constraint": "max_norm",
    "dropout": 0.1,
    "recurrent_dropout": 0.2,
    "return_sequences": True,
    "return_state": True,
    "go_backwards": True,
    "stateful": True,
    "unroll": True,
    "zero_output_for_mask": True,
    "dtype": "mixed_float16",
    "trainable": False,
    "name": "mine",
}


@each_name
def test_the_configuration_is_that_of_keras_and_is_taken_both_ways(name):
    for options in ({"name": "mine"}, CHANGED):
        ours, theirs = both(name, 3, **options)
        expected, config = theirs.get_config(), ours.get_config()
        if name == "SimpleRNN":  # Keras loses two of its arguments
            assert config.pop("seed") is None
            expected["activity_regularizer"] = config["activity_regularizer"]
        assert config == expected
        assert type(theirs).from_config(config).get_config()["units"] == 3
        again = type(ours).from_config(theirs.get_config()).get_config()
        again["activity_regularizer"] = config["activity_regularizer"]
        assert {key: again[key] for key in config} == config


def test_what_keras_does_not_save_is_saved_where_it_was_told():
    ours = LSTM.from_config(LSTM(3, use_cudnn=False, seed=4).get_config())
    assert ours.use_cudnn is False and ours.cell.seed == 4
    assert SimpleRNN.from_config(SimpleRNN(3, seed=4).get_config()).cell.seed == 4


@pytest.mark.parametrize("name", ["GRU", "LSTM"])
def test_the_implementation_is_taken(name):
    ours, theirs = both(name, 3, implementation=1)
    x = normal(np.random.default_rng(0), 2, 5, 4)
    theirs.build(x.shape), ours.build(x.shape)
    ours.set_weights(distinct(theirs).get_weights())
    assert_close(ours(x), theirs(x), atol=1e-6)


def test_a_gru_that_resets_after_the_product_is_refused():
    for make in (lambda: GRU(3, reset_after=True), lambda: GRU.from_config(keras.layers.GRU(3).get_config())):
        with pytest.raises(ValueError, match=r"Expected: reset_after=False.*Received: reset_after=True"):
            make()


def test_an_argument_that_nobody_has_is_refused():
    with pytest.raises(ValueError, match="passed to LSTM: {'unit': 3}"):
        LSTM(3, unit=3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RNN(LSTMCell(3), dropout=0.1), r"Received: dropout, which the cell takes.\nTo do: RNN\(LSTMCell\(\.\.\., dr"),
        (lambda: RNN([GRUCell(3), LSTMCell(3)], unit_forget_bias=False), r"To do: RNN\(LSTMCell\(\.\.\., unit_forget"),
        (lambda: RNN(keras.layers.LSTMCell(3), use_bias=False), r"To do: RNN\(LSTMCell\(\.\.\., use_bias="),
        (lambda: LSTMCell(3, return_sequences=True), r"return_sequences, which the layer takes.\nTo do: RNN\(LSTMCell"),
        (lambda: RNNCell(3, stateful=True, unroll=True), r"Received: stateful, unroll, .*\nTo do: RNN\(RNNCell\(\.\.\.\), st"),
        (lambda: RNN(LSTMCell), r"must be an object. Received: the class LSTMCell.*LSTMCell\(64\)"),
        (lambda: RNN([LSTMCell(3), LSTMCell]), "must be an object. Received: the class LSTMCell"),
        (lambda: RNN(keras.layers.LSTM(3)), "Received: LSTM, a whole layer"),
        (lambda: RNN(LSTM(3)), "Received: LSTM, a whole layer"),
        (lambda: RNN([LSTMCell(3), keras.layers.GRU(3)]), "Received: GRU, a whole layer"),
        (lambda: RNN(keras.layers.Dense(3)), "Received: Dense, without `state_size`"),
    ],
)  # fmt: skip
def test_what_is_given_in_the_wrong_place_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


# Programs


def imdb(layers, **options):
    """Reviews, read in both directions twice."""
    return keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            layers.Embedding(12, 5, mask_zero=True),
            layers.Bidirectional(layers.LSTM(4, return_sequences=True, **options)),
            layers.Bidirectional(layers.LSTM(3)),
            layers.Dense(1, activation="sigmoid"),
        ]
    ), "binary_crossentropy"


def reviews(padding):
    rng = np.random.default_rng(1)
    rows = [rng.integers(1, 12, size) for size in (7, 3, 5, 1, 6, 2, 7, 4)]
    return keras.utils.pad_sequences(rows, padding=padding), rng.integers(0, 2, (8, 1))


def imdb_padded_in_front(layers):
    return *imdb(layers), *reviews("pre")


def imdb_padded_behind(layers):
    return *imdb(layers, dropout=0.3, seed=3), *reviews("post")


def seq2seq(layers):
    """An encoder whose states the decoder starts from."""
    source, target = keras.Input((None, 6)), keras.Input((None, 5))
    _, h, c = layers.LSTM(4, return_state=True)(source)
    outputs, _, _ = layers.LSTM(4, return_sequences=True, return_state=True)(target, initial_state=[h, c])
    model = keras.Model([source, target], layers.Dense(5, activation="softmax")(outputs))
    rng = np.random.default_rng(1)
    x = [normal(rng, 8, 7, 6), normal(rng, 8, 5, 5)]
    return model, "sparse_categorical_crossentropy", x, rng.integers(0, 5, (8, 5))


def characters(layers):
    """Two stateful layers, which go on where the last batch ended."""
    model = keras.Sequential(
        [
            keras.Input(batch_shape=(4, 6), dtype="int32"),
            layers.Embedding(9, 5),
            layers.LSTM(4, return_sequences=True, stateful=True),
            layers.LSTM(3, return_sequences=True, stateful=True, recurrent_initializer="glorot_uniform"),
            layers.Dense(9),
        ]
    )
    rng = np.random.default_rng(1)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return model, loss, rng.integers(0, 9, (8, 6)), rng.integers(0, 9, (8, 6))


def ctc(layers):
    """Frames of sound and the letters that are heard in them."""
    frames = keras.Input((None, 6))
    x = layers.Conv1D(5, 3, padding="same", activation="relu")(frames)
    for seed in (1, 2):
        gru = layers.GRU(4, return_sequences=True, reset_after=False, dropout=0.2, seed=seed)
        x = layers.Bidirectional(gru)(x)
    model = keras.Model(frames, layers.Dense(5)(x))
    rng = np.random.default_rng(1)
    return model, keras.losses.CTC(), normal(rng, 8, 9, 6), rng.integers(1, 5, (8, 3))


def video(layers):
    """Pictures, each seen by the same network, then read in their order."""
    model = keras.Sequential(
        [
            keras.Input((5, 6, 6, 2)),
            layers.TimeDistributed(layers.Conv2D(3, 3, activation="relu")),
            layers.TimeDistributed(layers.GlobalAveragePooling2D()),
            layers.GRU(4, reset_after=False),
            layers.Dense(3, activation="softmax"),
        ]
    )
    rng = np.random.default_rng(1)
    return model, "sparse_categorical_crossentropy", normal(rng, 8, 5, 6, 6, 2), rng.integers(0, 3, 8)


def sentences_of_words(layers):
    """A layer for the words of each sentence within one for the sentences."""
    model = keras.Sequential(
        [
            keras.Input((3, 5, 4)),
            layers.TimeDistributed(layers.LSTM(4)),
            layers.SimpleRNN(3, return_sequences=True),
            layers.TimeDistributed(layers.Dense(2)),
        ]
    )
    rng = np.random.default_rng(1)
    return model, "mse", normal(rng, 8, 3, 5, 4), normal(rng, 8, 3, 2)


def forecast(layers):
    """Positional arguments, an activation, both kinds of merging, penalties."""
    model = keras.Sequential(
        [
            keras.Input((10, 3)),
            layers.SimpleRNN(6, "relu", return_sequences=True, kernel_regularizer="l2"),
            layers.Bidirectional(
                layers.GRU(5, return_sequences=True, reset_after=False, recurrent_activation="hard_sigmoid"),
                merge_mode="sum",
            ),
            layers.LSTM(4, go_backwards=True, activity_regularizer="l2", kernel_constraint="max_norm"),
            layers.Dense(1),
        ]
    )
    rng = np.random.default_rng(1)
    return model, "mse", normal(rng, 8, 10, 3), normal(rng, 8, 1)


class Loop(keras.Model):
    """Cells alone, called in a loop of the reader's own."""

    def __init__(self, layers):
        super().__init__()
        self.lstm, self.gru = layers.LSTMCell(4), layers.GRUCell(3, reset_after=False)
        self.simple, self.last = layers.SimpleRNNCell(3), layers.Dense(2)

    def call(self, x, training=False):
        batch = ops.shape(x)[0]
        states = [cell.get_initial_state(batch) for cell in (self.lstm, self.gru, self.simple)]
        output = None
        for t in range(x.shape[1]):
            output, states[0] = self.lstm(x[:, t], states[0], training=training)
            output, states[1] = self.gru(output, states[1], training=training)
            output, states[2] = self.simple(output, states[2], training=training)
        return self.last(output)


def cells_alone(layers):
    rng = np.random.default_rng(1)
    model = Loop(layers)
    x = normal(rng, 8, 5, 4)
    model(x)
    return model, "mse", x, normal(rng, 8, 2)


def cells_in_layers(layers):
    """A list of cells in `RNN`."""
    cells = [layers.LSTMCell(4), layers.GRUCell(3, reset_after=False), layers.SimpleRNNCell(3)]
    model = keras.Sequential([keras.Input((None, 4)), layers.RNN(cells, return_sequences=True), layers.Dense(2)])
    rng = np.random.default_rng(1)
    return model, "mse", normal(rng, 8, 5, 4), normal(rng, 8, 5, 2)


PROGRAMS = [
    imdb_padded_behind,
    seq2seq,
    forecast,
    cells_in_layers,
    characters,
    imdb_padded_in_front,
    ctc,
    video,
    sentences_of_words,
    cells_alone,
]
each_program = pytest.mark.parametrize("program", few_on_jax(PROGRAMS, few=3), ids=lambda program: program.__name__)
in_one_file = pytest.mark.parametrize(
    "program",
    few_on_jax([forecast, characters, imdb_padded_behind, seq2seq, ctc, video, sentences_of_words]),
    ids=lambda program: program.__name__,
)


def losses(program, layers, weights=None):
    """The loss of each step of a `fit`, and the weights before it; random ones where none are given."""
    keras.utils.set_random_seed(3)
    model, loss, x, y = program(layers)
    if weights is None:
        weights = distinct(model).get_weights()
    model.set_weights(weights)
    eagerly = BACKEND == "tensorflow" and layers is keras.layers  # costs less than a graph of Keras's loops
    model.compile(keras.optimizers.SGD(0.1), loss, run_eagerly=eagerly)
    found = []
    after_each = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: found.append(logs["loss"]))
    model.fit(x, y, batch_size=4, epochs=3, shuffle=False, verbose=0, callbacks=[after_each])
    return found, weights, array(model.predict(x, batch_size=4, verbose=0))


@each_program
def test_a_program_trains_the_same(program):
    if BACKEND != "tensorflow" and program is characters:
        pytest.skip("Keras's own stateful layers do not train on torch, and forget their states in fit on JAX")
    theirs, weights, predicted = losses(program, keras.layers)
    ours, _, predicted_by_ours = losses(program, OURS, weights)
    assert len(theirs) == 6 and max(theirs) - min(theirs) > 1e-3
    np.testing.assert_allclose(ours, theirs, rtol=2e-5)
    np.testing.assert_allclose(predicted_by_ours, predicted, atol=2e-5)


@pytest.mark.parametrize(
    "program",
    few_on_jax([characters, ctc, seq2seq, imdb_padded_behind, video]),
    ids=lambda program: program.__name__,
)
def test_a_seed_gives_the_same_first_weights(program):  # not with a SimpleRNN, which draws its seeds in another order
    models = []
    for layers in (keras.layers, OURS):
        keras.utils.set_random_seed(3)
        models.append(program(layers)[0])
    for theirs, ours in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@in_one_file
def test_a_file_of_weights_is_read_both_ways(program, tmp_path):
    """Not those of cells alone or in a list, which Keras files under the names of their classes."""
    (theirs, _, x, _), (ours, *_) = program(keras.layers), program(OURS)
    distinct(theirs).save_weights(tmp_path / "theirs.weights.h5")
    expected = array(theirs(x[:4]))
    ours.load_weights(tmp_path / "theirs.weights.h5")
    assert_close(ours(x[:4]), expected, atol=1e-6)
    ours.save_weights(tmp_path / "ours.weights.h5")
    again, *_ = program(keras.layers)
    again.load_weights(tmp_path / "ours.weights.h5")
    np.testing.assert_array_equal(array(again(x[:4])), expected)


@pytest.mark.skipif(BACKEND != "tensorflow", reason="this loop is TensorFlow's")
def test_a_gradient_penalty_trains_the_same():
    import tensorflow as tf

    def penalised(layers, weights=None):
        critic = keras.Sequential([keras.Input((6, 3)), layers.LSTM(4), layers.Dense(1)])
        weights = weights or distinct(critic).get_weights()
        critic.set_weights(weights)
        optimizer, found = keras.optimizers.SGD(0.1), []
        for step in range(4):
            x = tf.constant(normal(np.random.default_rng(step), 8, 6, 3))
            with tf.GradientTape() as outer:
                with tf.GradientTape() as inner:
                    inner.watch(x)
                    score = critic(x, training=True)
                norm = tf.norm(tf.reshape(inner.gradient(score, x), (8, -1)), axis=1)
                loss = tf.reduce_mean(score) + 10 * tf.reduce_mean((norm - 1) ** 2)
            optimizer.apply(outer.gradient(loss, critic.trainable_variables), critic.trainable_variables)
            found.append(float(loss))
        return found, weights

    theirs, weights = penalised(keras.layers)
    ours, _ = penalised(OURS, weights)
    np.testing.assert_allclose(ours, theirs, rtol=2e-5)


def test_a_decoder_of_trained_layers_writes_the_same():
    """The second half of the seq2seq program: the layers once more, with states as inputs."""
    written, weights = [], None
    for layers in (keras.layers, OURS):
        model, _, x, _ = seq2seq(layers)
        weights = weights or distinct(model).get_weights()
        model.set_weights(weights)
        recurrent = [layer for layer in model.layers if isinstance(layer, keras.layers.RNN)]
        states = [keras.Input((4,)), keras.Input((4,))]
        token = keras.Input((1, 5))
        output, *after = recurrent[1](token, initial_state=states)
        step = keras.Model([token, *states], [model.layers[-1](output), *after])
        _, *state = recurrent[0](x[0])
        symbol, steps = ops.zeros((8, 1, 5)), []
        for _ in range(4):
            probability, *state = step([symbol, *state])
            steps.append(array(probability))
            symbol = ops.one_hot(ops.argmax(probability, axis=-1), 5)
        written.append(np.concatenate(steps, axis=1))
    assert_close(written[1], written[0], atol=1e-6)


def test_states_are_reset_between_texts():
    outputs = []
    for layers in (keras.layers, OURS):
        model, _, x, _ = characters(layers)
        outputs.append([])
        keras.utils.set_random_seed(0)
        model.set_weights([0.4 * np.random.normal(size=w.shape) for w in model.get_weights()])
        for reset in (False, False, True):
            if reset:
                for layer in model.layers:
                    if getattr(layer, "stateful", False):
                        layer.reset_states()
            outputs[-1].append(array(model(x[:4])))
    theirs, ours = outputs
    assert_close(ours, theirs, atol=1e-6)
    assert np.abs(ours[0] - ours[1]).max() > 1e-3
    np.testing.assert_array_equal(ours[0], ours[2])


# Files


@in_one_file
def test_a_saved_model_is_loaded(program, tmp_path):
    model, _, x, _ = program(OURS)
    distinct(model).save(tmp_path / "ours.keras")
    expected = array(model(x[:4]))
    loaded = keras.models.load_model(tmp_path / "ours.keras")
    np.testing.assert_array_equal(array(loaded(x[:4])), expected)
    kinds = [{type(layer) for layer in layers_in(each)} for each in (model, loaded)]
    assert kinds[0] == kinds[1] and kinds[0] & {SimpleRNN, GRU, LSTM}


@in_one_file
def test_a_saved_model_of_keras_is_converted(program, tmp_path):
    theirs, _, x, _ = program(keras.layers)
    distinct(theirs).save(tmp_path / "theirs.keras")
    expected = array(theirs(x[:4]))
    ours = convert_model(keras.models.load_model(tmp_path / "theirs.keras"))
    assert_close(ours(x[:4]), expected, atol=1e-6)
    assert [layer.name for layer in ours.layers] == [layer.name for layer in theirs.layers]
    program(keras.layers)[0].save_weights(tmp_path / "new.weights.h5")
    ours.load_weights(tmp_path / "new.weights.h5")


@each_name
def test_an_old_file_of_weights_is_the_same_function(name, tmp_path):
    x = normal(np.random.default_rng(0), 3, 6, 4)
    theirs, ours = (
        keras.Sequential([keras.Input((6, 4)), keras.layers.Bidirectional(layer), keras.layers.Dense(2)])
        for layer in reversed([*both(name, 3)])
    )
    distinct(theirs).save(tmp_path / "old.h5")
    ours.load_weights(tmp_path / "old.h5")
    assert_close(ours(x), theirs(x), atol=1e-6)


def test_the_names_are_public():
    assert {*NAMES} <= {*seqzoo.layers.__all__}


@each_name
def test_with_one_seed_the_weights_are_those_of_keras(name):
    def made(layers):
        keras.utils.set_random_seed(1)
        layer = lambda **more: getattr(layers, name)(3, **BEFORE.get(name, {}), **more)
        return keras.Sequential(
            [keras.Input((None, 2)), layer(return_sequences=True), layer(dropout=0.5, seed=2), keras.layers.Dense(1)]
        )

    ours, theirs = map(made, (OURS, keras.layers))
    for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, other)
    assert [layer.get_config()["seed"] for layer in ours.layers[:2]] == [None, 2]
