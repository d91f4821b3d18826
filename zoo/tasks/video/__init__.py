"""Video activity recognition, many-to-one: a film in, what is going on out."""

import numpy as np

from seqzoo.metrics.accuracy import accuracy
from seqzoo.task import OwnData, Reference, Task
from seqzoo.tasks.video.dataset import LABELS, SOURCES, batches
from seqzoo.tasks.video.network import create_model
from seqzoo.tasks.video.recipe import RECIPE


def own_data() -> OwnData:
    """Tracks of different lengths and where they lead, as people bring their own."""
    tracks, labels = [], []
    for length in (4, 6, 9):
        along, still = np.linspace(0.1, 0.9, length), np.full(length, 0.5)
        tracks += [np.stack([along, still], axis=-1), np.stack([still, along], axis=-1)]
        labels += ["to the right", "down"]
    return OwnData(options={"shape": (None, 2), "labels": ["to the right", "down"]}, x=tracks, y=labels)


task = Task(
    name="video",
    title="Video activity recognition",
    architecture="many-to-one",
    datasets=tuple(SOURCES),
    labels_of=LABELS,
    recipe=RECIPE,
    create_model=create_model,
    batches=batches,
    score=accuracy,
    own_data=own_data,
    references={
        "mini": Reference("accuracy", 0.90, "an LSTM of 64 units on place and velocity, measured for this project"),
    },
    limits=(
        "It names one of its movements whatever it sees. Of the mini one's films of a circle nearly all go "
        "anti-clockwise, and all straight lines go to the left or up."
    ),
)
