"""The figure that counts, after each epoch."""

from collections.abc import Callable, Iterable
from typing import Any

import keras


class Scored(keras.callbacks.Callback):
    """Adds the figures of a task's `score` on validation data to what training says of an epoch.

    It asks for them where the model's own metrics do not have what is monitored. It stands after
    `keras.callbacks.SwapEMAWeights`, and before what reads the figures.

    Args:
        monitor: what decides which epoch is kept, for example `"val_span_f1"`.
        score: `(model, batches)` to a dictionary of figures.
        validation: batches.

    Example:

    >>> scored, said = Scored("val_f1", lambda model, batches: {"f1": 0.5}, []), {"val_loss": 1.0}
    >>> scored.on_epoch_end(0, said)
    >>> said
    {'val_loss': 1.0, 'val_f1': 0.5}
    """

    def __init__(self, monitor: str, score: Callable[..., dict[str, float]], validation: Iterable):
        super().__init__()
        self.monitor, self.score, self.validation = monitor, score, validation

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if logs is not None and self.monitor not in logs:
            figures = self.score(self.model, self.validation)
            logs.update({f"val_{name}": value for name, value in figures.items()})
