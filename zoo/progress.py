"""How training goes: a progress bar for a terminal, a notebook and a log, a check, and TensorBoard."""

import math
import sys
import time
from pathlib import Path

import keras
from tqdm import tqdm
from tqdm.keras import TqdmCallback


class ProgressBar(TqdmCallback):
    """Shows epochs and figures in one line while `model.fit(..., verbose=0)` runs.

    It writes text, not a widget, so that an executed notebook keeps it. Where training ends
    early, the bar ends with it, and says so.

    Example:

    >>> import keras, numpy as np
    >>> model = keras.Sequential([keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> x = np.ones((4, 2))
    >>> history = model.fit(x, x[:, :1], verbose=0, callbacks=[ProgressBar()])
    training: ...100%...
    """

    def __init__(self):
        super().__init__(verbose=0, tqdm_class=tqdm, desc="training", file=sys.stdout)

    def on_epoch_begin(self, epoch, logs=None):
        if self.epoch_bar.n < epoch:  # it goes on where it was cut off
            self.epoch_bar.n = self.epoch_bar.initial = epoch
        super().on_epoch_begin(epoch, logs)

    def on_train_end(self, logs=None):
        bar = self.epoch_bar
        if bar.total and bar.n < bar.total:
            bar.set_description_str(f"training, ended early of {bar.total} epochs", refresh=False)
            bar.total = bar.n
        bar.refresh()
        super().on_train_end(logs)


class Seconds(keras.callbacks.Callback):
    """Says of each epoch how many seconds it took until here, validation included; a `History` keeps them.

    Example:

    >>> import keras, numpy as np
    >>> model = keras.Sequential([keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> history = model.fit(np.ones((4, 2)), np.ones(4), epochs=2, verbose=0, callbacks=[Seconds()])
    >>> len(history.history["seconds"])
    2
    """

    def on_epoch_begin(self, epoch, logs=None):
        self._begin = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        if logs is not None:
            logs["seconds"] = time.perf_counter() - self._begin


class WholeEpochs(keras.callbacks.Callback):
    """Ends training with an error when an epoch saw fewer batches than there are, or than one before.

    Keras only warns of that, and the figure would be one of less data.

    Raises:
        RuntimeError: at the end of such an epoch.

    Example:

    >>> import keras, numpy as np
    >>> model = keras.Sequential([keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> history = model.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0, callbacks=[WholeEpochs()])
    """

    def __init__(self):
        super().__init__()
        self._seen, self._most = {}, {}

    def on_epoch_begin(self, epoch, logs=None):
        self._seen = {}

    def on_train_batch_end(self, batch, logs=None):
        self._seen["training"] = batch + 1

    def on_test_batch_end(self, batch, logs=None):
        self._seen["validation"] = batch + 1

    def on_epoch_end(self, epoch, logs=None):
        self._most.setdefault("training", self.params["steps"] or 0)
        for what, seen in self._seen.items():
            self._most[what] = max(seen, self._most.get(what, 0))
            self._require(what, seen, self._most[what], epoch)

    def _require(self, what, seen, there, epoch):
        if seen < there:
            raise RuntimeError(
                f"Expected {there} batches for {what} in epoch {epoch + 1}. Received: {seen}, then the data "
                "ran out. Run it again; if it happens again, prepare the dataset anew."
            )


class FiniteLoss(keras.callbacks.Callback):
    """Ends training with an error once the loss is not a number any more: no later figure would mean anything.

    Raises:
        RuntimeError: at the end of such a batch.

    Example:

    >>> FiniteLoss().on_train_batch_end(7, {"loss": float("nan")})
    Traceback (most recent call last):
    RuntimeError: Expected a finite loss. Received: nan after batch 8. Lower the learning rate, or look for ...
    """

    def on_train_batch_end(self, batch, logs=None):
        loss = float((logs or {}).get("loss", 0.0))
        if not math.isfinite(loss):
            raise RuntimeError(
                f"Expected a finite loss. Received: {loss} after batch {batch + 1}. "
                "Lower the learning rate, or look for what is unusual in the data."
            )


def watch(metrics_file: str | None = None, tensorboard: bool = False) -> list[keras.callbacks.Callback]:
    """The callbacks with which training shows how it goes, and stops where it goes wrong.

    Args:
        metrics_file: path of the run's metrics; needed for TensorBoard alone.
        tensorboard: whether to write TensorBoard's logs too, into the folder `tensorboard`
            beside them.

    Example:

    >>> bar, whole, finite, logs = watch("runs/1/metrics.json", tensorboard=True)
    training: ...
    >>> logs.log_dir
    'runs/1/tensorboard'
    """
    callbacks = [ProgressBar(), WholeEpochs(), FiniteLoss()]
    if tensorboard:
        folder = Path(metrics_file or "metrics.json").with_name("tensorboard")
        callbacks.append(keras.callbacks.TensorBoard(folder, write_graph=False))
    return callbacks
