"""Named entity recognition, many-to-many with Tx = Ty: a sentence in, a label for each token out."""

from seqzoo.task import OwnData, Reference, Task
from seqzoo.tasks.ner.dataset import LABELS, SOURCES, batches
from seqzoo.tasks.ner.network import create_model
from seqzoo.tasks.ner.recipe import RECIPE, RECIPES
from seqzoo.tasks.ner.scoring import score

LAMPLE = Reference(
    "span_f1", 0.9094, "LSTM-CRF with pre-trained vectors, Lample et al. 2016, on the published test split"
)


def own_data() -> OwnData:
    """Addresses and what their tokens are, as people bring their own."""
    addresses = ["12 Elm St", "9007 Main St Apt 4", "7 Oak St", "100 Elm Tree Ave"]
    labels = [
        ["number", "name", "type"],
        ["number", "name", "type", "unit", "unit"],
        ["number", "name", "type"],
        ["number", "name", "name", "type"],
    ]
    return OwnData(options={"texts": addresses, "labels": ["number", "name", "type", "unit"]}, x=addresses, y=labels)


task = Task(
    name="ner",
    title="Named entity recognition",
    architecture="many-to-many, Tx = Ty",
    datasets=tuple(SOURCES),
    labels_of=LABELS,
    recipe=RECIPE,
    recipes=RECIPES,
    create_model=create_model,
    batches=batches,
    score=score,
    own_data=own_data,
    references={
        "mini": Reference("span_f1", 0.891, "the CRF of usaddress 0.5.16, trained on the same split"),
        "full": LAMPLE,
        "conll2003": LAMPLE,
    },
    limits=(
        "What is rare in its training split it does not know: the mini one holds addresses in the United "
        "States alone. It gives one reading, and cannot say that there are two."
    ),
)
