"""Speech recognition, many-to-many with Tx ≠ Ty: sound in, the words that are said out."""

import numpy as np

from seqzoo.task import OwnData, Reference, Task
from seqzoo.tasks.speech.dataset import LABELS, SOURCES, batches
from seqzoo.tasks.speech.network import create_model
from seqzoo.tasks.speech.recipe import RECIPE
from seqzoo.tasks.speech.score import score


def own_data() -> OwnData:
    """Sounds and what is said in them, as people bring their own: two words, a low and a high tone."""
    low, high = (0.5 * np.sin(pitch * np.arange(480, dtype="float32")) for pitch in (0.2, 0.9))
    sounds = [np.concatenate(pair) for pair in ([low, high], [high, low], [low, low], [high, high])]
    transcripts = ["low high", "high low", "low low", "high high"]
    return OwnData(options={"sounds": sounds, "labels": ["low", "high"], "rate": 8000}, x=sounds, y=transcripts)


task = Task(
    name="speech",
    title="Speech recognition",
    architecture="many-to-many, Tx ≠ Ty",
    datasets=tuple(SOURCES),
    labels_of=LABELS,
    recipe=RECIPE,
    create_model=create_model,
    batches=batches,
    score=score,
    own_data=own_data,
    references={
        "mini": Reference(
            "exact", 0.877, "logistic regression that is told where digits begin, measured for this project"
        ),
        "speech_commands": Reference("exact", 0.882, "the convolutional network of Warden 2018, version 2"),
    },
    limits=(
        "The speakers of the test split are those of the training split: other voices, microphones and noises "
        "are harder. The mini one takes frames of 13 coefficients as its package computes them, no sound."
    ),
)
