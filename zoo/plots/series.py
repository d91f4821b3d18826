"""Colours, marks and lines that tell series apart: those of the layers' pictures too."""

from seqzoo.layers.inspection.series import COLOURS, LINES, MARKS, series

__all__ = ["COLOURS", "LINES", "MARKS", "series"]
