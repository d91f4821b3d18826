"""A look inside a layer: its gates and states over time, and how far back its gradient reaches."""

from seqzoo.layers.inspection.cell_graph import read_cell
from seqzoo.layers.inspection.cell_plot import plot_cell
from seqzoo.layers.inspection.gradients import gradient_norms
from seqzoo.layers.inspection.plots import plot_gates, plot_gradient_norms
from seqzoo.layers.inspection.tracing import Trace, trace

__all__ = ["Trace", "gradient_norms", "plot_cell", "plot_gates", "plot_gradient_norms", "read_cell", "trace"]
