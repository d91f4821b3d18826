"""A picture moves under a reader's sliders, and stands still where there is none."""

import builtins

import matplotlib.pyplot as plt
import pytest
from matplotlib.figure import Figure

from seqzoo.plots.sliders import STILL, plot_with_sliders


@pytest.fixture
def drawn():
    return []


@pytest.fixture
def draw(drawn):
    def draw(temperature, width=3):
        drawn.append((temperature, width))
        figure, _ = plt.subplots(figsize=(width, 1))
        plt.close(figure)
        return figure

    return draw


def test_a_slider_that_moves_draws_anew(draw, drawn):
    shown = plot_with_sliders(draw, temperature=(0.1, 2.0, 0.7), width=(1, 9, 4))
    temperature, width, image = shown.widget.children
    at_first = image.value
    assert (temperature.min, temperature.max, temperature.value) == (0.1, 2.0, 0.7)
    assert width.value == 4 and drawn[0] == (0.7, 4)
    width.value = 8
    assert drawn[-1] == (0.7, 8) and image.value != at_first
    temperature.value = 1.5
    assert drawn[-1] == (1.5, 8)


def test_a_viewer_without_widgets_has_the_still_picture(draw):
    bundle, metadata = plot_with_sliders(draw, temperature=(0.1, 2.0, 0.7))._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle and bundle["image/png"].startswith("iVBOR")
    assert "alt" in metadata["image/png"]


def test_a_notebook_that_runs_by_itself_has_a_still_picture(draw, drawn, monkeypatch):
    monkeypatch.setenv(STILL, "1")
    assert isinstance(plot_with_sliders(draw, temperature=(0.1, 2.0, 0.7)), Figure) and drawn == [(0.7, 3)]


def test_without_ipywidgets_it_is_still(draw, monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name == "ipywidgets":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    assert isinstance(plot_with_sliders(draw, temperature=(0.1, 2.0, 0.7)), Figure)
