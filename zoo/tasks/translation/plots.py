"""The picture of where a translator looks."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from seqzoo.plots.text import text_is_text
from seqzoo.tasks.translation.translator import Translator


@text_is_text
def plot_attention(model: Translator, sentence: str, translation: str | None = None) -> Figure:
    """Draws α⟨t, t′⟩: for every token that is written, how much it owes to each token read.

    Args:
        model: a `Translator` with attention.
        sentence: the source, a string.
        translation: the target; what the model itself writes when None.

    Returns:
        `matplotlib.figure.Figure`, a row for each token written and a column for each read.

    Raises:
        ValueError: the model was built without attention.

    Example:

    >>> import seqzoo
    >>> pairs = [("red hand", "main rouge"), ("red hand", "main rouge")]
    >>> model = seqzoo.create_model("translation", pairs=pairs, units=4)
    >>> figure = plot_attention(model, "red hand", "main rouge")
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['▁main', '▁rouge', 'end']
    """
    α, read, written = model.alignment(sentence, translation)
    figure, axis = plt.subplots(figsize=(1.2 + 0.5 * len(read), 1 + 0.4 * len(written)), layout="constrained")
    axis.imshow(α, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    axis.set_xticks(range(len(read)), read, rotation=60, ha="left", rotation_mode="anchor")
    axis.set_yticks(range(len(written)), written)
    axis.xaxis.tick_top()
    axis.set(ylabel="written")
    axis.set_xlabel("read")
    plt.close(figure)
    return figure
