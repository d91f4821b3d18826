import numpy as np
import pytest

import oracle
from seqzoo.layers import GRUCell, LSTMCell, RNNCell
from tools import BACKEND, CELLS, array, normal, randomise, states_of

each_cell = pytest.mark.parametrize("cell_class", CELLS)


def table(cell):
    lines = []
    cell.summary(print_fn=lines.append)
    return lines


@each_cell
def test_the_symbols_of_one_cell_make_another_the_same(cell_class):
    rng = np.random.default_rng(0)
    source, target = (randomise(cell_class(3), rng, features=4) for _ in range(2))
    x, states = normal(rng, 2, 4), states_of(source, rng, 2)
    assert not np.allclose(array(source(x, states)[0]), array(target(x, states)[0]))
    target.symbols = source.symbols
    for ours, theirs in zip(target.get_weights(), source.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@each_cell
def test_the_step_is_the_equations_of_the_notes_on_the_symbols_that_were_set(cell_class):
    rng = np.random.default_rng(0)
    cell = cell_class(3)
    cell.build((None, 4))
    cell.symbols = given = {name: rng.normal(size=value.shape) for name, value in cell.symbols.items()}
    if cell_class is RNNCell:
        given["Wa"] = np.concatenate([cell.Waa, cell.Wax], axis=1)
    x, states = normal(rng, 2, 4), states_of(cell, rng, 2)
    output, after = cell(x, states)
    for row in range(2):
        expected, expected_after = oracle.STEPS[cell_class.__name__](given, x[row], [s[row] for s in states])
        np.testing.assert_allclose(array(output)[row], expected, atol=1e-5)
        for ours, theirs in zip(after, expected_after, strict=True):
            np.testing.assert_allclose(array(ours)[row], theirs, atol=1e-5)


def test_symbols_that_are_left_out_keep_their_values():
    cell = randomise(GRUCell(3), np.random.default_rng(0), features=4)
    before = cell.symbols
    cell.symbols = {"Wu": np.zeros((3, 7)), "br": np.ones(3)}
    assert not cell.Wu.any() and (cell.br == 1).all()
    for name in ("Wr", "Wc", "bu", "bc"):
        np.testing.assert_array_equal(getattr(cell, name), before[name])


def test_a_symbol_that_the_cell_does_not_have_is_refused():
    cell = GRUCell(3, name="cell")
    cell.build((None, 4))
    with pytest.raises(ValueError, match=r"'cell' has the symbols \['Wu', .*Received: \['Wf'\]. Take the names"):
        cell.symbols = {"Wf": np.zeros((3, 7))}
    cell = GRUCell(3, use_bias=False)
    cell.build((None, 4))
    with pytest.raises(ValueError, match=r"Received: \['bu'\]"):
        cell.symbols = {"bu": np.zeros(3)}


@pytest.mark.parametrize("bad", [np.zeros((7, 3)), np.full((3, 7), np.nan)])
def test_a_value_that_is_refused_leaves_all_as_it_was(bad):
    cell = randomise(LSTMCell(3, name="cell"), np.random.default_rng(0), features=4)
    before = cell.get_weights()
    with pytest.raises(ValueError, match="Wo of 'cell' must"):
        cell.symbols = {"Wc": np.zeros((3, 7)), "bf": np.zeros(3), "Wo": bad}
    for now, then in zip(cell.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_the_summary_has_a_line_for_each_symbol():
    cell = LSTMCell(40, name="mine")
    cell.build((None, 20))
    head, names, *rows, total = table(cell)
    assert head == "LSTMCell 'mine'"
    assert names.split() == ["symbol", "shape", "acts", "on", "parameters"]
    assert [row.split()[0] for row in rows] == ["Wc", "Wu", "Wf", "Wo", "bc", "bu", "bf", "bo"]
    assert "(40, 60)" in rows[0] and "[a⟨t−1⟩, x⟨t⟩]" in rows[0]
    assert rows[0].endswith(" 2,400") and rows[4].endswith(" 40")
    assert total.split() == ["total", "9,760"]
    assert len({len(row) for row in (names, *rows, total)}) == 1


def test_the_summary_says_what_the_gates_of_the_gru_act_on():
    cell = GRUCell(3)
    cell.build((None, 4))
    lines = {line.split()[0]: line for line in table(cell)}
    assert "[c⟨t−1⟩, x⟨t⟩]" in lines["Wu"] and "[c⟨t−1⟩, x⟨t⟩]" in lines["Wr"]
    assert "[Γr ∗ c⟨t−1⟩, x⟨t⟩]" in lines["Wc"]


def test_the_total_counts_wa_once():
    cell = RNNCell(3, use_bias=False)
    cell.build((None, 4))
    *rows, total = table(cell)
    assert [row.split()[0] for row in rows[2:]] == ["Waa", "Wax", "Wa"]
    assert total.split() == ["total", "21"] and "(Waa Wax)" in rows[-1]


def test_the_summary_is_printed(capsys):
    cell = RNNCell(3)
    cell.build((None, 4))
    cell.summary()
    assert capsys.readouterr().out.splitlines() == table(cell)


@pytest.mark.skipif(BACKEND == "torch", reason="torch.nn.Module replaces an AttributeError's message")
def test_a_cell_that_is_not_built_has_no_summary_yet():
    with pytest.raises(AttributeError, match="it is not built yet. Call the layer"):
        GRUCell(3).summary()


@each_cell
@pytest.mark.parametrize("wrong", [1e300, 1 + 2j, None, "one"])
def test_what_is_no_number_of_the_weights_is_refused_and_nothing_is_set(cell_class, wrong):
    cell = randomise(cell_class(3), np.random.default_rng(0), features=4)
    before, (first, *_, last) = cell.get_weights(), list(cell.symbols)
    given = {first: np.ones_like(cell.symbols[first]), last: np.full(cell.symbols[last].shape, wrong)}
    with pytest.raises(ValueError, match=f"{last} of .* must (be finite|hold real numbers)"):
        cell.symbols = given
    for now, then in zip(cell.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)


@each_cell
def test_a_cell_of_half_precision_takes_its_own_symbols(cell_class):
    cell = cell_class(3, dtype="bfloat16", recurrent_initializer="glorot_uniform")
    cell.build((None, 4))
    cell.symbols = cell.symbols
