"""A look inside a layer: its gates and states over time, and how far back its gradient reaches."""

from seqzoo.layers.inspection.gradients import gradient_norms
from seqzoo.layers.inspection.plots import plot_gates, plot_gradient_norms
from seqzoo.layers.inspection.tracing import Trace, trace

__all__ = ["Trace", "gradient_norms", "plot_gates", "plot_gradient_norms", "trace"]
