"""The picture of a cell's inside is that of what the cell computes."""

import keras
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from seqzoo.layers import Bias, Cell, GRUCell, LSTMCell, RNNCell, Weight, plot_cell
from seqzoo.layers.inspection import read_cell

FUNCTIONS = {
    "": lambda z: z,
    "tanh": np.tanh,
    "σ": lambda z: 1 / (1 + np.exp(-z)),
    "1 −": lambda z: 1 - z,
    "∗": np.multiply,
    "+": np.add,
    "stack": lambda *vectors: np.concatenate(vectors),
}
CELLS = {"rnn": RNNCell, "gru": GRUCell, "lstm": LSTMCell}
ARROWS = {  # into each, by what stands in it
    "gru": {"[c⟨t−1⟩, x⟨t⟩]": 2, "Γu": 1, "Γr": 1, "[Γr ∗ c⟨t−1⟩, x⟨t⟩]": 2, "c̃": 1, "1 −": 1, "+": 2, "∗": 6},
    "lstm": {"[a⟨t−1⟩, x⟨t⟩]": 2, "Γu": 1, "Γf": 1, "Γo": 1, "c̃": 1, "+": 2, "tanh": 1, "∗": 6},
    "rnn": {"[a⟨t−1⟩, x⟨t⟩]": 2, "a": 1},
}


class KeepingCell(Cell):
    """A cell that the package does not know, with a gate that does not look back."""

    gates = ("k", "a")
    Wk, Wa = Weight("k", parts=("kernel",), acts_on="x⟨t⟩"), Weight("a")
    bk, ba = Bias("k"), Bias("a")

    def call(self, x, states, training=False):
        (a,) = states
        Γk = self.activation(self.linear("k", None, x, training))
        a = Γk * a + (1 - Γk) * self.activation(self.linear("a", a, x, training))
        self.record(Γk=Γk, a=a)
        return a, [a]


def built(kind):
    rng = np.random.default_rng(1)
    cell = kind(4)
    cell.build((None, 3))
    cell.symbols = {name: rng.normal(size=value.shape) for name, value in cell.symbols.items()}
    return cell, rng.normal(size=3), [rng.normal(size=4) for _ in keras.tree.flatten(cell.state_size)]


def computed(graph, node, cell, values):
    """A value within a cell, as the graph says that it is made."""
    if node not in values:
        inputs = [computed(graph, each, cell, values) for each in node.inputs]
        if node.kind == "unit":
            W, b = (np.float64(cell.symbols[name]) for name in node.weights)
            inputs = [W @ inputs[0] + b]
        values[node] = FUNCTIONS[node.function if node.kind == "unit" else node.kind](*inputs)
    return values[node]


@pytest.mark.parametrize("kind", [*CELLS.values(), KeepingCell])
def test_what_is_drawn_computes_what_the_cell_computes(kind):
    cell, x, states = built(kind)
    graph = read_cell(cell)
    values = dict(zip(graph.before, states))
    values[next(node for node in graph.nodes if node.kind == "x")] = x
    drawn = [computed(graph, node, cell, values) for node in graph.after]
    _, after = cell(x[None].astype("float32"), [state[None].astype("float32") for state in states])
    for by_graph, by_cell in zip(drawn, after):
        np.testing.assert_allclose(by_graph, keras.ops.convert_to_numpy(by_cell)[0], atol=1e-5)


@pytest.mark.parametrize("name", CELLS)
def test_every_symbol_of_the_cell_is_in_its_picture(name):
    cell, *_ = built(CELLS[name])
    texts = " ".join(text.get_text() for text in plot_cell(cell).axes[0].texts)
    whole = [symbol for symbol in cell.symbols if symbol not in ("Waa", "Wax")]  # of which Wa is made
    assert all(f"${symbol[0]}_{{{symbol[1:]}}}$" in texts for symbol in whole)
    shown = {text.get_gid() for text in plot_cell(name).axes[0].texts}
    assert shown >= ARROWS[name].keys() - {"a"} | {"x⟨t⟩", *{"lstm": ("a⟨t⟩", "c⟨t⟩")}.get(name, ())}


def test_the_relevance_gate_acts_before_the_product():
    graph = read_cell(GRUCell(4))
    nodes = {graph.symbol(node): node for node in graph.nodes}
    (stack,) = nodes["c̃"].inputs
    product, x = stack.inputs
    assert product.kind == "∗" and set(product.inputs) == {nodes["Γr"], nodes["c⟨t−1⟩"]}
    assert x is nodes["x⟨t⟩"] and nodes["Γu"].weights == ("Wu", "bu")


@pytest.mark.parametrize("name", CELLS)
def test_as_many_arrows_come_to_a_node_as_it_is_made_of(name):
    axis = plot_cell(name).axes[0]
    heads = [text.xy for text in axis.texts if getattr(text, "arrow_patch", None)]
    for symbol, count in ARROWS[name].items():
        places = [text.get_position() for text in axis.texts if text.get_gid() == symbol]
        across = 0.3 if symbol in FUNCTIONS else 1.3
        near = [(x, y) for x, y in heads if any(-across < x - u < 0.3 and abs(y - v) < 0.45 for u, v in places)]
        assert len(near) == count, symbol


def inked(figure):
    """What is not pale, by what stands in it, and the arrows that are not."""
    texts = figure.axes[0].texts
    words = {text.get_gid() for text in texts if text.get_gid() and text.get_color() == "black"}
    arrows = [text for text in texts if getattr(text, "arrow_patch", None)]
    return words, [text.xy for text in arrows if text.arrow_patch.get_edgecolor()[0] == 0], len(arrows)


@pytest.mark.parametrize(
    ("name", "up_to", "expected", "arrows"),
    [
        ("gru", ("Γu", "Γr"), {"x⟨t⟩", "c⟨t−1⟩", "[c⟨t−1⟩, x⟨t⟩]", "Γu", "Γr"}, 4),
        ("gru", ("c̃",), {"x⟨t⟩", "c⟨t−1⟩", "[c⟨t−1⟩, x⟨t⟩]", "Γr", "∗", "[Γr ∗ c⟨t−1⟩, x⟨t⟩]", "c̃"}, 8),
        ("lstm", ("Γo",), {"x⟨t⟩", "a⟨t−1⟩", "[a⟨t−1⟩, x⟨t⟩]", "Γo"}, 3),
        ("lstm", ("c",), {"x⟨t⟩", "a⟨t−1⟩", "c⟨t−1⟩", "[a⟨t−1⟩, x⟨t⟩]", "Γu", "Γf", "c̃", "∗", "+", "c⟨t⟩"}, 12),
    ],
)
def test_a_stage_is_what_its_values_are_made_of(name, up_to, expected, arrows):
    words, black, count = inked(plot_cell(name, up_to))
    assert words == expected
    assert len(black) == arrows < count  # the rest is there, pale


def test_the_last_stage_is_the_whole_cell():
    for figure in (plot_cell("lstm", ("a", "c")), plot_cell("lstm")):
        words, black, count = inked(figure)
        assert {"a⟨t⟩", "c⟨t⟩", "Γo"} <= words and len(black) == count


def test_a_stage_of_a_value_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="names of values that the cell records, of .*Γu.*Received: Γf. To do"):
        plot_cell("gru", ("Γf",))


@pytest.mark.parametrize("name", CELLS)
def test_nothing_lies_over_anything_else(name):
    figure = plot_cell(name)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    boxes = [text.get_window_extent(canvas.get_renderer()) for text in figure.axes[0].texts if text.get_text()]
    assert not [(a, b) for i, a in enumerate(boxes) for b in boxes[:i] if a.overlaps(b)]


def test_what_cannot_be_read_is_refused():
    class Halving(KeepingCell):
        def call(self, x, states, training=False):
            return 0.5 * states[0], [0.5 * states[0]]

    with pytest.raises(ValueError, match="Expected: a cell whose call is written with self.linear.*Received: Halving"):
        plot_cell(Halving(3))
    with pytest.raises(ValueError, match="one of 'rnn', 'gru', 'lstm'.*Received: 'gur'"):
        plot_cell("gur")
