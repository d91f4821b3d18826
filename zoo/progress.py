"""How training goes: a progress bar that reads well in a terminal, a notebook and a log, and TensorBoard."""

import sys
from pathlib import Path

import keras
from tqdm import tqdm
from tqdm.keras import TqdmCallback


class ProgressBar(TqdmCallback):
    """Shows epochs and figures in one line while `model.fit(..., verbose=0)` runs.

    It writes text, not a widget, so that an executed notebook keeps it.

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


def watch(metrics_file, tensorboard=False):
    """The callbacks with which the notebooks show how training goes.

    Args:
        metrics_file: path of the run's metrics.
        tensorboard: whether to write TensorBoard's logs too, into the folder `tensorboard`
            beside them.

    Returns:
        List of Keras callbacks.

    Example:

    >>> bar, logs = watch("runs/1/metrics.json", tensorboard=True)
    training: ...
    >>> logs.log_dir
    'runs/1/tensorboard'
    """
    folder = Path(metrics_file).with_name("tensorboard")
    logs = [keras.callbacks.TensorBoard(folder, write_graph=False)] if tensorboard else []
    return [ProgressBar(), *logs]
