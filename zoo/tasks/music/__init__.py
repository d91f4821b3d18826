"""Music generation, one-to-many: a rhythm in, a tune out."""

from seqzoo.task import OwnData, Reference, Task
from seqzoo.tasks.music.dataset import SOURCES, batches
from seqzoo.tasks.music.nats_per_character import METRIC, score
from seqzoo.tasks.music.network import create_model
from seqzoo.tasks.music.recipe import RECIPE


def own_data() -> OwnData:
    """Tunes in ABC notation and their rhythms, as people bring their own."""
    rhythms = ["reel", "jig", "reel", "jig"]
    tunes = ["GABd edBA|", "GED DED|", "dBAG ABGE|", "GEG AGA|"]
    return OwnData(options={"texts": tunes, "rhythms": rhythms}, x=rhythms, y=tunes)


task = Task(
    name="music",
    title="Music generation",
    architecture="one-to-many",
    datasets=tuple(SOURCES),
    recipe=RECIPE,
    create_model=create_model,
    batches=batches,
    score=score,
    own_data=own_data,
    references={"mini": Reference(METRIC, 1.48, "a plain GRU of 128 units, measured for this project")},
    limits=(
        "One voice, in the manner of its training split, for the rhythms that this names. Nothing makes the "
        "bars of a tune add up, or keeps it from a tune that it has read."
    ),
)
