"""DNA sequence analysis, many-to-one: a stretch of bases in, what kind it is out."""

from seqzoo.metrics.accuracy import accuracy
from seqzoo.task import OwnData, Reference, Task
from seqzoo.tasks.dna.dataset import LABELS, SOURCES, batches
from seqzoo.tasks.dna.network import create_model
from seqzoo.tasks.dna.recipe import RECIPE


def own_data() -> OwnData:
    """Stretches of bases and what kind they are, as people bring their own."""
    sequences = ["ATGGCGTGCAAC", "TATATTAAATA", "GGCCGCUGGC", "aattnatat"]
    return OwnData(
        options={"labels": ["rich in GC", "rich in AT"]},
        x=sequences,
        y=["rich in GC", "rich in AT", "rich in GC", "rich in AT"],
    )


task = Task(
    name="dna",
    title="DNA sequence analysis",
    architecture="many-to-one",
    datasets=tuple(SOURCES),
    labels_of=LABELS,
    recipe=RECIPE,
    create_model=create_model,
    batches=batches,
    score=accuracy,
    own_data=own_data,
    references={
        "mini": Reference("accuracy", 0.96, "both flanks read inwards, measured for this project on a random split"),
    },
    limits=(
        "It answers EI, IE or N to whatever it gets, a sequence that is no gene too. What it takes for a "
        "border without one, or overlooks, nearly always has GT after the middle, or AG before it."
    ),
)
