"""Runs of notebooks: with parameters, many at once, and what came out."""

from seqzoo.runs.metrics import write_metrics

__all__ = ["write_metrics"]
