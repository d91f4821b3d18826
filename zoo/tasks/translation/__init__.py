"""Machine translation, many-to-many with Tx ≠ Ty: a sentence in, a sentence out."""

from seqzoo.task import OwnData, Reference, Task
from seqzoo.tasks.translation.dataset import SOURCES, batches
from seqzoo.tasks.translation.network import create_model
from seqzoo.tasks.translation.recipe import RECIPE
from seqzoo.tasks.translation.scores import score


def own_data() -> OwnData:
    """Sentences and their translations, as people bring their own."""
    english = ["red hand", "Red foot!", "old hand", "old foot"]
    french = ["main rouge", "pied rouge !", "vieille main", "vieux pied"]
    return OwnData(options={"pairs": (english, french)}, x=english, y=french)


task = Task(
    name="translation",
    title="Machine translation",
    architecture="many-to-many, Tx ≠ Ty",
    datasets=tuple(SOURCES),
    recipe=RECIPE,
    create_model=create_model,
    batches=batches,
    score=score,
    own_data=own_data,
    references={
        "mini": Reference("exact", 0.995, "a BiGRU with attention, measured for this project"),
        "mini/names": Reference("bleu", 52.14, "that of the most similar training name, measured for this project"),
    },
    limits=(
        "The mini one knows names of emoji with people in them, all with a skin tone. Of what it does not "
        "know it makes a phrase that it knows, fluently, and does not say so."
    ),
)
