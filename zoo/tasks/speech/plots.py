"""Pictures of the speech task."""

from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np
from keras import ops
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqzoo.plots.series import series
from seqzoo.plots.text import text_is_text

if TYPE_CHECKING:
    from seqzoo.tasks.speech.transcriber import Transcriber


@text_is_text
def plot_frames(frames: np.ndarray, transcript: str = "", axis: Axes | None = None) -> Figure:
    """Draws frames of sound: time across, the coefficients or bands up, each to its own scale.

    Args:
        frames: array of shape `(time, features)`.
        transcript: what is said, for the title.
        axis: where to draw; a new figure when None.

    Returns:
        `matplotlib.figure.Figure`.

    Example:

    >>> plot_frames(np.random.rand(20, 13), "4 7").axes[0].get_title()
    '4 7'
    """
    if axis is None:
        figure, axis = plt.subplots(figsize=(7, 2.2), layout="constrained")
        plt.close(figure)
    spread = frames.std(axis=0)
    x = (frames - frames.mean(axis=0)) / np.where(spread > 0, spread, 1)
    axis.imshow(x.T, aspect="auto", origin="lower", cmap="magma", interpolation="nearest", vmin=-2.5, vmax=2.5)
    axis.set(title=transcript, xlabel="frame t", ylabel="x⟨t⟩")
    return axis.figure


@text_is_text
def plot_listening(model: "Transcriber", sound: Any) -> Figure:
    """Draws what a model does with a sound, below what it hears.

    With CTC: the probability of each word and of the blank at each frame. With attention: at
    which frames it looks for each word that it writes.

    Args:
        model: a `Transcriber`.
        sound: a single one, padded or not.

    Returns:
        `matplotlib.figure.Figure`.

    Example:

    >>> import seqzoo
    >>> model = seqzoo.create_model("speech", sounds=[np.ones((9, 4))], labels=["yes", "no"], units=4)
    >>> len(plot_listening(model, np.ones((9, 4))).axes)
    2
    """
    preprocessor = model.preprocessor
    rows = preprocessor.rows(sound)
    frames, (steps,) = preprocessor.inputs(rows)["frames"], preprocessor.lengths(rows).clip(1)
    figure, (above, below) = plt.subplots(
        2, 1, figsize=(7, 4.4), sharex=True, layout="constrained", height_ratios=(1, 1.3)
    )
    plt.close(figure)
    plot_frames(frames[0, :steps], f"written: {model.predict(sound)[0]}", above)
    above.set_xlabel("")
    if hasattr(model, "alignment"):
        _draw_attention(below, *model.alignment(sound))
    else:
        ŷ = ops.softmax(model.network(frames, training=False))[0]
        _draw_words(below, ops.convert_to_numpy(ŷ)[:steps], model.labels)
    return figure


def _draw_attention(axis, α, words):
    axis.imshow(α, aspect="auto", cmap="Blues", interpolation="nearest", vmin=0)
    axis.set_yticks(range(len(words)), words)
    axis.set(xlabel="frame t′", ylabel="written", title="α⟨t, t′⟩")


def _draw_words(axis, ŷ, labels):
    axis.plot(ŷ[:, 0], color="0.8", label="blank")
    best = ŷ.argmax(axis=1)
    looks = {symbol: series(i) for i, symbol in enumerate(np.unique(best[best > 0]))}
    for symbol, look in looks.items():
        axis.plot(ŷ[:, symbol], **{**look, "marker": ""})
    for t, symbol in enumerate(best):
        if symbol and (t == 0 or best[t - 1] != symbol):
            axis.text(t, 1.03, labels[symbol - 1], color=looks[symbol]["color"], weight="bold")
    axis.set(xlabel="frame t", ylabel="ŷ⟨t⟩", ylim=(-0.03, 1.2))
    axis.legend(loc="center right", frameon=False, fontsize="small")
