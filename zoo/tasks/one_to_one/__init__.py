"""One input, one output: which penguin is it? A standard network, as one step of a cell."""

from seqzoo.metrics.accuracy import accuracy
from seqzoo.task import OwnData, Reference, Task
from seqzoo.tasks.one_to_one.dataset import LABELS, SOURCES, batches
from seqzoo.tasks.one_to_one.network import create_model
from seqzoo.tasks.one_to_one.recipe import RECIPE


def own_data() -> OwnData:
    """A table of birds and their species, as people bring their own."""
    birds = {
        "island": ["Biscoe", "Dream", "Biscoe", "Dream", "Biscoe"],
        "body_mass_g": [5100.0, 3700.0, 4900.0, float("nan"), 5600.0],
    }
    species = ["Gentoo", "Adelie", "Gentoo", "Adelie", "Gentoo"]
    return OwnData(options={"columns": birds, "labels": ["Adelie", "Gentoo"]}, x=birds, y=species)


task = Task(
    name="one_to_one",
    title="One input, one output",
    architecture="one-to-one",
    datasets=tuple(SOURCES),
    labels_of=LABELS,
    recipe=RECIPE,
    create_model=create_model,
    batches=batches,
    score=accuracy,
    own_data=own_data,
    references={"mini": Reference("accuracy", 1.0, "logistic regression on the same columns and split")},
    limits=(
        "Where the test split is small, as the 50 birds of mini, one more mistake is 2 points. Whatever it is "
        "shown gets one of the labels."
    ),
)
