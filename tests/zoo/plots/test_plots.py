import io

import numpy as np
from matplotlib.text import Text

from seqzoo import plots
from seqzoo.layers import RNN, GRUCell, plot_gates, trace
from seqzoo.tasks.ner.plots import plot_tags


def test_curves_show_training_and_validation():
    history = {"loss": [0.7, 0.5], "val_loss": [0.7, 0.6], "accuracy": [0.5, 0.8], "val_accuracy": [0.5, 0.7]}
    loss, accuracy = plots.plot_curves(history).axes
    assert [line.get_ydata().tolist() for line in accuracy.lines] == [[0.5, 0.8], [0.5, 0.7]]
    assert [text.get_text() for text in loss.get_legend().get_texts()] == ["training", "validation"]


def test_confusion_counts_true_labels_in_rows():
    axis = plots.plot_confusion([0, 0, 0, 1], [False, True, True, True], ["no", "yes"]).axes[0]
    counts = {text.get_position(): text.get_text().split("\n")[0] for text in axis.texts}
    assert counts == {(0, 0): "1", (1, 0): "2", (0, 1): "0", (1, 1): "1"}


def test_confusion_of_many_labels_is_empty_where_nothing_was_confused():
    axis = plots.plot_confusion([0, 1, 1], [0, 1, 5], list("abcdef")).axes[0]
    assert {text.get_position() for text in axis.texts} == {(0, 0), (1, 1), (5, 1)}


NO_FORMULA = "$5 of $\\frac{9"  # which matplotlib refuses to set as one


def drawn(figure):
    figure.savefig(io.BytesIO())
    return {text.get_text() for text in figure.findobj(Text) if not text.get_parse_math()}


def test_dollars_are_no_formulas():
    assert NO_FORMULA in drawn(plots.plot_confusion([0, 1], [0, 1], [NO_FORMULA, "b"]))
    assert NO_FORMULA in drawn(plot_tags([[(NO_FORMULA, "Occupancy")]]))
    layer = RNN(GRUCell(2), return_sequences=True)
    assert NO_FORMULA in drawn(plot_gates(trace(layer, np.ones((1, 2, 3), "float32")), tokens=[NO_FORMULA, "b"]))
