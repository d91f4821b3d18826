"""Sentiment classification, many-to-one: a sentence in, positive or negative out."""

from seqzoo.metrics.accuracy import accuracy
from seqzoo.task import OwnData, Reference, Task
from seqzoo.tasks.sentiment.dataset import LABELS, SOURCES, batches
from seqzoo.tasks.sentiment.network import create_model
from seqzoo.tasks.sentiment.recipe import RECIPE, RECIPES

SST2 = Reference("accuracy", 0.849, "LSTM, Tai et al. 2015")


def own_data() -> OwnData:
    """Sentences and what they say, as people bring their own."""
    sentences = ["A good film!", "A bad film.", "good", "so bad, so slow"]
    return OwnData(options={"texts": sentences}, x=sentences, y=["positive", "negative", "positive", "negative"])


task = Task(
    name="sentiment",
    title="Sentiment classification",
    architecture="many-to-one",
    datasets=tuple(SOURCES),
    labels_of={name: LABELS for name in SOURCES},
    recipe=RECIPE,
    recipes=RECIPES,
    create_model=create_model,
    batches=batches,
    score=accuracy,
    own_data=own_data,
    references={
        "mini": Reference("accuracy", 0.767, "a plain GRU of 32 units, measured for this project"),
        "full": SST2,
        "glue/sst2": SST2,
        "imdb_reviews": Reference(
            "accuracy", 0.865, "LSTM with tuning and dropout, Dai and Le 2015, on the published test split"
        ),
    },
    limits=(
        'Texts in English about films. It goes mostly by single words: a "not" before them seldom turns them '
        "round, and irony passes it by. A text without an opinion gets one of the labels all the same."
    ),
)
