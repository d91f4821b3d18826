"""Machine translation, many-to-many with Tx ≠ Ty: a sentence in, a sentence out."""

from seqzoo.task import OwnData, Reference, Task
from seqzoo.tasks.translation.dataset import SOURCES, batches
from seqzoo.tasks.translation.network import create_model
from seqzoo.tasks.translation.recipe import RECIPE, RECIPES
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
    recipes=RECIPES,
    create_model=create_model,
    batches=batches,
    score=score,
    own_data=own_data,
    references={
        "mini": Reference("bleu", 52.14, "that of the most similar training name, measured for this project"),
        "mini/phrases": Reference("exact", 0.995, "a BiGRU with attention, measured for this project"),
    },
    limits=(
        "The mini ones know names of emoji, that of mini/phrases none without people in it and a skin tone. Of what "
        "they do not know they make a phrase that they know, fluently, and do not say so."
    ),
)
