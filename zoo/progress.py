"""A progress bar for training that reads well in a terminal, a notebook and a log."""

import sys

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
