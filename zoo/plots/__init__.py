"""The pictures that the notebooks share. Each function returns its matplotlib figure."""

from seqzoo.plots.confusion import plot_confusion
from seqzoo.plots.curves import plot_curves

__all__ = ["plot_confusion", "plot_curves"]
