"""The words of a picture say what is drawn in it."""

import types

import matplotlib.pyplot as plt
import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from matplotlib.figure import Figure

from seqzoo.layers import plot_cell, plot_gates
from seqzoo.plots import plot_confusion, plot_curves
from seqzoo.plots.alt import MOST, alt_text, alt_texts
from seqzoo.plots.groups import plot_right_by
from seqzoo.plots.unrolled import plot_architecture
from seqzoo.tasks.ner.plots import plot_tags


def test_lines_are_told_by_their_ends_and_their_turns():
    words = alt_text(plot_curves({"loss": [0.9, 0.5, 0.2], "val_loss": [0.8, 0.4, 0.7]}))
    assert words == "loss over epoch 1 to 3: training from 0.9 to 0.2; validation from 0.8 to 0.7, least 0.4 at 2."


def test_a_small_heat_map_is_told_row_by_row():
    words = alt_text(plot_confusion([0, 0, 1, 1], [0, 0, 0, 1], ["bad", "good"]))
    assert "true down (bad good), predicted across (bad good)" in words
    assert "bad at bad 1.00, good at bad 0.50" in words


def test_a_large_heat_map_is_told_by_its_size_and_range():
    inside = {"Γu": np.linspace(0.1, 0.9, 60).reshape(1, 3, 20), "c": np.full((1, 3, 20), np.nan)}
    inside["c"][0, 0] = -2.0
    words = alt_text(plot_gates(inside, ["so", "it", "is"]))
    assert words.startswith("2 pictures. Γu: heat map, unit down (20)") and "from 0.1 to 0.9." in words
    assert "across (so it is), from -2 to -2." in words  # what is masked is left out


def test_of_signed_numbers_the_furthest_from_nothing_are_told_with_their_places():
    figure, axis = plt.subplots()
    axis.imshow([[0.1, 0.0, -0.7], [0.3, -0.2, 0.0]])
    axis.set_xticks(range(3), "AGA")
    axis.set_yticks(range(2), "CT")
    plt.close(figure)
    assert alt_text(figure).endswith("furthest from 0 in each row: C at A (place 3) -0.70, T at A (place 1) 0.30.")


def test_shares_with_their_bars_are_told_one_by_one():
    words = alt_text(plot_right_by([True, True, False, True], {"words": [3, 3, 9, 4]}, most=2))
    assert words == "share that is right over words: 3 of 2: 1, 4 to 9 of 2: 0.5."


def test_a_cell_is_told_by_its_equations_as_far_as_it_is_drawn():
    assert alt_text(plot_cell("lstm")).endswith("c = Γu ∗ c̃ + Γf ∗ c⟨t−1⟩; a = Γo ∗ tanh(c).")
    assert "c = a = Γu ∗ c̃ + (1 − Γu) ∗ c⟨t−1⟩." in alt_text(plot_cell("gru"))
    assert alt_text(plot_cell("gru", ("Γu",))) == "The inside of a cell. Γu = σ(Wu [c⟨t−1⟩, x⟨t⟩] + bu)."


@pytest.mark.parametrize(
    ("architecture", "options", "expected"),
    [
        ("many-to-one", {"bidirectional": True}, "of the forward state at x⟨Tx⟩ and the backward state at x⟨1⟩."),
        ("many-to-many, Tx = Ty", {}, "reads x⟨1⟩, x⟨2⟩, x⟨3⟩, …, x⟨Tx⟩ and answers ŷ⟨1⟩, ŷ⟨2⟩, ŷ⟨3⟩, ŷ⟨Tx⟩."),
        ("many-to-many, Tx ≠ Ty", {"attention": True}, "the encoder ends at x⟨Tx⟩, and there the decoder begins. Each"),
        ("many-to-one", {}, "answers ŷ, of the state at x⟨Tx⟩."),
        ("many-to-one", {"labels": ["GRU, 3 units", "GRU, 2 units"]}, "time: GRU, 3 units; then GRU, 2 units. It"),
    ],
)
def test_a_network_is_told_by_what_it_reads_and_answers(architecture, options, expected):
    assert expected in alt_text(plot_architecture(architecture, **options))


def test_tokens_are_told_with_their_labels():
    words = alt_text(plot_tags([[("12", "number"), ("Elm", "name")], [("Elm", "name")]]))
    assert words == "12 (number) Elm (name). Elm (name)."


def test_words_end_somewhere():
    figure, axes = plt.subplots(40)
    for axis in axes:
        axis.plot([1, 2], [3, 4], label="a line")
    plt.close(figure)
    words = alt_text(figure)
    assert len(words) <= MOST + 2 and words.endswith(" …")


def test_a_picture_in_a_notebook_keeps_its_words_however_often_they_are_asked_for(monkeypatch):
    shell = types.SimpleNamespace(display_formatter=DisplayFormatter())
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    formatter = shell.display_formatter.formatters["image/png"]
    formatter.for_type(Figure, lambda figure: b"a picture")
    figure = plot_curves({"loss": [0.6, 0.4]})
    for _ in range(2):
        alt_texts()
        assert formatter(figure) == (b"a picture", {"alt": alt_text(figure)})


def test_one_epoch_is_told_too_and_what_is_no_number_is_left_out():
    assert "training 0.6" in alt_text(plot_curves({"loss": [0.6], "val_loss": [0.5]}))
    told = alt_text(plot_curves({"loss": [0.5, 0.4, float("nan")], "val_loss": [0.5, 0.4, 0.3]}))
    assert "training from 0.5 to 0.4" in told and "validation from 0.5 to 0.3" in told
