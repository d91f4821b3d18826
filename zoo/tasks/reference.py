from dataclasses import dataclass


@dataclass(frozen=True)
class Reference:
    """A figure to hold a task's own against.

    Args:
        metric: the name of the metric, as in the task's metrics.
        figure: its value on the test split.
        source: what reached it, and who measured it.
    """

    metric: str
    figure: float
    source: str
