"""A picture with sliders under the reader's hand, and a still one where nobody moves them."""

import base64
import io
import os
from collections.abc import Callable

from matplotlib.figure import Figure

from seqzoo.plots.alt import alt_text
from seqzoo.still import STILL


class Sliders:
    """What `plot_with_sliders` returns: a widget to those who can show one, a still picture to others.

    Args:
        widget: of ipywidgets.
        still: the picture of the first values.
    """

    def __init__(self, widget, still: Figure):
        self.widget, self.still = widget, still

    def _repr_mimebundle_(self, include=None, exclude=None):
        png = base64.b64encode(_png(self.still)).decode()
        return {**self.widget._repr_mimebundle_(), "image/png": png}, {"image/png": {"alt": alt_text(self.still)}}


def plot_with_sliders(draw: Callable[..., Figure], **values: tuple[float, float, float]) -> "Figure | Sliders":
    """Draws a picture anew whenever a slider moves.

    Without ipywidgets, and in a notebook that `seqzoo run` runs, it is the picture of the first
    values. A viewer that cannot show widgets shows this picture too.

    Args:
        draw: from the sliders' values to a figure.
        **values: of each argument of `draw` the least, the most and the first value. Whole
            numbers make a slider of whole numbers.

    Returns:
        `matplotlib.figure.Figure`, or a widget that shows one.

    Example:

    >>> plot_with_sliders(lambda t: plot_gates(trace(layer, x[:, :t])), t=(1, 10, 5))  # doctest: +SKIP
    """
    still = draw(**{name: first for name, (_, _, first) in values.items()})
    if os.environ.get(STILL):
        return still
    try:
        import ipywidgets
    except ImportError:
        return still
    image, sliders = ipywidgets.Image(value=_png(still), format="png"), {}
    for name, (least, most, first) in values.items():
        whole = isinstance(first, int)
        kind = ipywidgets.IntSlider if whole else ipywidgets.FloatSlider
        step = 1 if whole else (most - least) / 50
        # It draws when it is let go: while it moves, pictures would queue up.
        sliders[name] = kind(value=first, min=least, max=most, step=step, continuous_update=False, description=name)

    def draw_anew(_):
        image.value = _png(draw(**{name: slider.value for name, slider in sliders.items()}))

    for slider in sliders.values():
        slider.observe(draw_anew, "value")
    # As wide as it is, and no wider than the page; without this, a box stretches it.
    image.layout = ipywidgets.Layout(max_width="100%", object_fit="contain", align_self="flex-start")
    return Sliders(ipywidgets.VBox([*sliders.values(), image]), still)


def _png(figure):
    file = io.BytesIO()
    figure.savefig(file, format="png", bbox_inches="tight")
    return file.getvalue()
