"""Draws the picture of the README and of the site's first page: what four presets answer.

python docs/picture.py docs/pictures/reads.svg   # their data are in TFDS_DATA_DIR

The string of digits and the movement are the first of their test splits, the movement the first that the
preset names rightly; the texts are of nobody's data.
"""

import argparse
import re
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

import seqzoo
from seqzoo.plots.series import COLOURS
from seqzoo.tasks.sentiment.plots import draw_word_by_word

SENTENCE = "It begins slowly and the first hour is dull , but the ending is wonderful ."
ADDRESS = "Anna Nowak, 1600 N Pennsylvania Ave NW, Washington, DC 20500"
BLUE = COLOURS[0]
STYLE = {
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "seqzoo",
}


def read_sentence(axis):
    """P(positive) of what was read so far, after each word."""
    draw_word_by_word(axis, seqzoo.from_preset("sentiment_gru"), SENTENCE)
    axis.set_title("sentiment_gru, after each word", loc="left")


def tag_address(axis):
    """Each token of an address above what it is."""
    (tagged,) = seqzoo.from_preset("ner_gru").answer(ADDRESS)
    labels = list(dict.fromkeys(label for _, label in tagged))
    step = 1 / len(tagged)
    for place, (token, label) in enumerate(tagged):
        colour = COLOURS[labels.index(label) % 6]
        kind = "\n".join(_words(label))
        axis.axvspan(place * step, (place + 1) * step - 0.008, 0.55, 1, color=colour, alpha=0.25, linewidth=0)
        axis.text((place + 0.5) * step - 0.004, 0.775, token, ha="center", va="center", fontsize=10)
        axis.text((place + 0.5) * step - 0.004, 0.48, kind, ha="center", va="top", fontsize=8)
    axis.set(xlim=(0, 1), ylim=(0, 1))
    axis.set_axis_off()
    axis.set_title("ner_gru, what each word of an address is", loc="left")


def follow_movement(track_axis, axis):
    """The track of a hand, and the probability of each movement as it goes on."""
    from seqzoo.datasets.whole import whole

    model = seqzoo.from_preset("video_gru")
    films, kinds = whole(seqzoo.get_task("video").batches("mini", "test", batch_size=8).take(1))
    film, kind = next((x, k) for x, k in zip(films, kinds) if model.answer(x[None])[0][0] == model.labels[k])
    so_far = np.stack([np.where(np.arange(len(film))[:, None] < t, film, -1) for t in range(1, len(film) + 1)])
    p = model.predict(so_far, verbose=0)
    track_axis.scatter(film[:, 0], film[:, 1], c=np.arange(len(film)), cmap="viridis", s=14)
    for place, word in ((film[0], "begins"), (film[-1], "ends")):
        track_axis.annotate(word, place, (0, -12), textcoords="offset points", ha="center", va="top")
    track_axis.set(xticks=[], yticks=[], aspect="equal")
    track_axis.invert_yaxis()
    track_axis.margins(0.2)
    track_axis.set_title("a hand's track", loc="left")
    others = np.delete(p, kind, axis=1).max(axis=1)
    axis.plot(others, color="grey", linestyle="--", label="likeliest other")
    axis.plot(p[:, kind], color=BLUE, linewidth=2, label=model.labels[kind])
    axis.set(ylim=(0, 1.02), yticks=(0, 0.5, 1), xlabel="frames seen", ylabel="P")
    axis.legend(frameon=False, loc="center left", bbox_to_anchor=(0.05, 0.12))
    axis.set_title("video_gru, as it goes on", loc="left")


def listen(axis):
    """The digits that stand out of the blank while a string of them is heard."""
    from keras import ops

    model = seqzoo.from_preset("speech_gru")
    sounds, _ = next(iter(seqzoo.get_task("speech").batches("mini", "test", batch_size=1)))
    frames = model.preprocessor.inputs(model.preprocessor.rows(sounds))["frames"]
    p = ops.convert_to_numpy(ops.softmax(model.network(frames, training=False)))[0]
    best = p.argmax(axis=1)
    axis.plot(p[:, 0], color="0.75", label="blank")
    for place, symbol in enumerate(np.unique(best[best > 0])):
        axis.plot(p[:, symbol], color=COLOURS[place])
        axis.text(
            p[:, symbol].argmax(), 1.03, model.labels[symbol - 1], color=COLOURS[place], weight="bold", ha="center"
        )
    axis.set(ylim=(0, 1.15), yticks=(0, 0.5, 1), xlabel="frame of sound")
    axis.legend(frameon=False, loc="center left", bbox_to_anchor=(0, 0.5))
    axis.set_title("speech_gru, which digits it hears", loc="left")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("picture", type=Path)
    picture = parser.parse_args().picture
    with plt.rc_context(STYLE):
        figure = plt.figure(figsize=(10, 6.4), layout="constrained")
        rows = figure.add_gridspec(3, 1, height_ratios=(1.25, 0.75, 1.9))
        read_sentence(figure.add_subplot(rows[0]))
        tag_address(figure.add_subplot(rows[1]))
        below = rows[2].subgridspec(1, 3, width_ratios=(0.8, 1.2, 1.3))
        follow_movement(figure.add_subplot(below[0]), figure.add_subplot(below[1]))
        listen(figure.add_subplot(below[2]))
        picture.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(picture, metadata={"Date": None})
    print(f"{picture}: {picture.stat().st_size:,} bytes")


def _words(label):
    return re.findall("[A-Z][a-z]+", label) or [label]


if __name__ == "__main__":
    main()
