"""What works for a cell that nothing in the package names: everything but the fast path."""

import keras
import numpy as np
import pytest
from min_gru import MinGRUCell

import seqzoo
from seqzoo.layers import RNN, GRUCell, LSTMCell, Stream, gradient_norms, plot_gates, to_keras, trace
from seqzoo.plots.unrolled import architecture_of, plot_unrolled
from tools import BACKEND, array, assert_close, normal, randomise

CELLS = {
    "name": "mingru",
    "class": MinGRUCell,
    "object": MinGRUCell(8),
    "of Keras": keras.layers.LSTMCell(8),
    "stack": keras.layers.StackedRNNCells([LSTMCell(6), MinGRUCell(8)]),
}
MASK = np.array([[0, 1, 1, 0, 1, 0], [1, 1, 1, 1, 0, 0], [0] * 6], bool)


def oracle(symbols, x, mask, h):
    """h⟨1⟩ … h⟨Tx⟩ in double precision."""
    Wz, Wh, bz, bh = (np.asarray(symbols[name], "float64") for name in ("Wz", "Wh", "bz", "bh"))
    outputs = []
    for t in range(x.shape[1]):
        z = 1 / (1 + np.exp(-(x[:, t] @ Wz.T + bz)))
        new = (1 - z) * h + z * (x[:, t] @ Wh.T + bh)
        h = np.where(mask[:, t, None], new, h)
        outputs.append(h)
    return np.stack(outputs, axis=1)


def layer_and_data(**options):
    rng = np.random.default_rng(0)
    layer = RNN(randomise(MinGRUCell(4), rng, features=3), **options)
    return layer, normal(rng, 3, 6, 3), normal(rng, 3, 4)


@pytest.mark.parametrize("masked", [False, True], ids=["unmasked", "masked"])
def test_it_is_its_equations(masked):
    layer, x, h = layer_and_data(return_sequences=True)
    mask = MASK if masked else np.ones_like(MASK)
    expected = oracle(layer.cell.symbols, x.astype("float64"), mask, h.astype("float64"))
    assert_close(layer(x, initial_state=[h], mask=mask), expected, atol=1e-6)
    assert_close(keras.layers.RNN(layer.cell, return_sequences=True)(x, initial_state=[h]), layer(x, initial_state=[h]))


def test_it_has_the_weights_that_its_symbols_name():
    layer, _, _ = layer_and_data()
    assert [(w.name, w.shape) for w in layer.cell.weights] == [("kernel", (3, 8)), ("bias", (8,))]
    shapes = {name: value.shape for name, value in layer.cell.symbols.items()}
    assert shapes == {"Wz": (4, 3), "Wh": (4, 3), "bz": (4,), "bh": (4,)}
    without = MinGRUCell(4, use_bias=False)
    without.build((None, 3))
    assert list(without.symbols) == ["Wz", "Wh"]


def test_it_steps_plainly_and_says_so():
    sentence = "Plain steps: the fast path knows the cells of the notes, not MinGRUCell."
    assert RNN(MinGRUCell(2)).explain() == RNN(MinGRUCell(2)).explain(training=True) == sentence


def test_a_subclass_of_a_cell_of_the_notes_is_a_cell_of_its_own():
    class Slow(GRUCell):
        def call(self, x, states, training=False):
            _, (c,) = super().call(x, states, training)
            c = 0.5 * states[0] + 0.5 * c
            return c, [c]

    x = normal(np.random.default_rng(0), 2, 1, 3)
    slow, gru = (randomise(make(4), np.random.default_rng(1), 3) for make in (Slow, GRUCell))
    assert list(slow.symbols) == list(gru.symbols)
    assert RNN(slow).explain().startswith("Plain steps")
    assert_close(RNN(slow)(x), 0.5 * array(RNN(gru)(x)), atol=1e-6)


def test_its_gates_are_shown_and_drawn():
    layer, x, h = layer_and_data()
    inside, w = trace(layer, x, mask=MASK, initial_state=[h]), layer.cell.symbols
    assert list(inside) == ["Γz", "h̃", "h"]
    assert_close(inside["Gamma_z"][MASK], 1 / (1 + np.exp(-(x @ w["Wz"].T + w["bz"])[MASK])), atol=1e-6)
    assert_close(inside.h_tilde[MASK], (x @ w["Wh"].T + w["bh"])[MASK], atol=1e-5)
    expected = oracle(w, x.astype("float64"), MASK, h.astype("float64"))
    assert_close(inside["h"][MASK], expected[MASK], atol=1e-6)
    figure = plot_gates(inside, names=["Gamma_z", "h_tilde"])
    assert [axis.get_title(loc="left") for axis in figure.axes[:2]] == ["Γz", "h̃"]
    assert gradient_norms(layer, x).shape == (3, 6)


def test_it_streams():
    layer, x, _ = layer_and_data(return_sequences=True)
    stream = Stream(layer)
    parts = [array(stream.step(x[:, 0]))[:, None], array(stream(x[:, 1:4])), array(stream(x[:, 4:]))]
    assert_close(np.concatenate(parts, axis=1), layer(x), atol=1e-6)


def test_what_keras_does_not_have_is_not_converted():
    with pytest.raises(ValueError, match="to_keras expects .*Received: MinGRUCell"):
        to_keras(layer_and_data()[0])


def sequence_model(build):
    return lambda **options: build((6, 3), outputs=5, **options)


rng = np.random.default_rng(0)
SEQUENCES, VECTORS, LABELS, IDS = (
    normal(rng, 4, 6, 3),
    normal(rng, 4, 3),
    np.array([0, 1, 2, 4]),
    rng.integers(1, 5, (4, 6)),
)
ARCHITECTURES = {
    "one-to-one": (lambda **o: seqzoo.one_to_one((3,), outputs=5, **o), VECTORS, LABELS),
    "many-to-one": (sequence_model(seqzoo.many_to_one), SEQUENCES, LABELS),
    "many-to-many, Tx = Ty": (sequence_model(seqzoo.many_to_many), SEQUENCES, IDS),
    "one-to-many": (lambda **o: seqzoo.one_to_many((3,), outputs=5, embedding=4, **o), [VECTORS, IDS], IDS),
    "many-to-many, Tx ≠ Ty": (
        lambda **o: seqzoo.encoder_decoder((None, 3), outputs=5, embedding=4, **o),
        [SEQUENCES, np.pad(IDS, [[0, 0], [1, 0]], constant_values=1)[:, :-1]],
        IDS,
    ),
}
TWO_DIRECTIONS = ("many-to-one", "many-to-many, Tx = Ty", "many-to-many, Tx ≠ Ty")


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_architecture_is_built_trained_saved_loaded_and_drawn(architecture, tmp_path):
    build, x, y = ARCHITECTURES[architecture]
    directions = {"bidirectional": True} if architecture in TWO_DIRECTIONS else {}
    model = build(cell=MinGRUCell(8), **directions)
    logits = "≠" in architecture or architecture == "one-to-many"
    eagerly = BACKEND == "tensorflow" and architecture != "many-to-one"  # the graphs of the others cost more
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=logits), run_eagerly=eagerly)
    before = array(model(x))
    model.fit(x, y, verbose=0)
    expected = array(model(x))
    assert np.isfinite(expected).all() and not np.allclose(expected, before)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(array(loaded(x)), expected)
    assert architecture_of(loaded) == architecture
    assert "MinGRU, 8 units" in [text.get_text() for text in plot_unrolled(loaded).axes[0].texts]


LABELS_DRAWN = {
    "name": "MinGRU, 8 units",
    "class": "MinGRU, 8 units",
    "of Keras": "LSTM, 8 units",
    "stack": "LSTM, 6 units; MinGRU, 8 units",
}


@pytest.mark.parametrize("kind", LABELS_DRAWN)
def test_a_cell_is_a_name_a_class_or_any_cell(kind, tmp_path):
    build, x, _ = ARCHITECTURES["many-to-many, Tx ≠ Ty"]
    units = {"units": 8} if kind in ("name", "class") else {}
    model = build(cell=CELLS[kind], bidirectional=False, **units)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(array(loaded(x)), array(model(x)))
    assert LABELS_DRAWN[kind] in [text.get_text() for text in plot_unrolled(loaded).axes[0].texts]


@pytest.mark.parametrize("cell", [CELLS["object"], CELLS["stack"]], ids=["object", "stack"])
def test_the_architectures_that_write_give_step_by_step_what_they_give_at_once(cell):
    units = {} if isinstance(cell, keras.layers.Layer) else {"units": 8}
    for architecture in ("one-to-many", "many-to-many, Tx ≠ Ty"):
        build, x, _ = ARCHITECTURES[architecture]
        model = build(cell=cell, layers=2, **units)
        read, written = x
        # one_to_many moves its symbols on by one step itself
        given = written if architecture != "one-to-many" else np.pad(written, [[0, 0], [1, 0]])[:, :-1]
        states, steps = model.start(read), []
        for t in range(given.shape[1]):
            logits, states = model.step(given[:, t], states)
            steps.append(array(logits))
        assert_close(np.stack(steps, axis=1), model(x))


def test_each_layer_and_direction_has_a_cell_of_its_own():
    template = MinGRUCell(8, dropout=0.25)
    model = seqzoo.many_to_one((6, 3), outputs=5, cell=template, units=3, layers=2, bidirectional=True)
    both = [layer for layer in model.layers if isinstance(layer, keras.layers.Bidirectional)]
    cells = [one.cell for layer in both for one in (layer.forward_layer, layer.backward_layer)]
    assert len({id(cell) for cell in [template, *cells]}) == 5
    assert {(type(cell), cell.units, cell.dropout) for cell in cells} == {(MinGRUCell, 8, 0.25)}
    assert not template.built


@pytest.mark.parametrize(
    "cell", [keras.layers.LSTM(4), RNN(GRUCell(4)), keras.layers.Dense(4), keras.layers.LSTM, 3, None]
)
def test_what_is_no_cell_is_refused(cell):
    with pytest.raises(ValueError, match="(?s)cell.*Received: "):
        seqzoo.many_to_one((6, 3), outputs=5, cell=cell)


def test_a_name_that_is_taken_is_refused():
    from seqzoo.layers import register_cell

    with pytest.raises(ValueError, match="Received: 'gru' for MinGRUCell, which is GRUCell's"):
        register_cell("gru")(MinGRUCell)
    with pytest.raises(
        ValueError, match="'rnn', 'gru', 'lstm'.*'mingru'.*Received: cell='mingur'. Did you mean 'mingru'"
    ):
        seqzoo.many_to_one((6, 3), outputs=5, cell="mingur")
