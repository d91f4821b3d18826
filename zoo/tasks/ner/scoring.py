"""The figures of named entity recognition."""

from collections.abc import Iterable

from seqzoo.metrics.spans import span_scores
from seqzoo.pipeline import labelled
from seqzoo.tasks.ner.tagger import Tagger

Tags = list[list[str]]


def true_and_predicted(model: Tagger, batches: Iterable) -> tuple[Tags, Tags]:
    """The labels of all tokens of batches, true and predicted, each sentence at its own length.

    The batches are gone through once: what is shuffled comes in another order the next time.

    Args:
        model: from `create_model`.
        batches: pairs (x, y).

    Returns:
        Pair of lists of sentences, each a list of label names.

    Example:

    >>> import seqzoo
    >>> model = seqzoo.create_model("ner", texts=["12 Elm St"], labels=["number", "name"], units=4)
    >>> truth, predicted = true_and_predicted(model, [(["12 Elm", "7"], [[0, 1], [0, -1]])])
    >>> truth
    [['number', 'name'], ['number']]
    """
    sentences, truth = [], []
    for x, y in labelled(batches):
        rows = model.preprocessor.rows(x)
        places = model.preprocessor.target_rows(y, rows)
        sentences += rows
        truth += [[model.labels[place] for place in row] for row in places]
    return truth, [[label for _, label in each] for each in model.answer(sentences)]


def score(model: Tagger, batches: Iterable) -> dict[str, float]:
    """How well a model finds spans, and labels tokens.

    Args:
        model: from `create_model`.
        batches: pairs (x, y).

    Returns:
        Dictionary: `span_f1`, see `seqzoo.metrics.spans`, and `token_accuracy`.

    Example:

    >>> import seqzoo
    >>> model = seqzoo.create_model("ner", texts=["12 Elm St"], labels=["number", "name"], units=4)
    >>> sorted(score(model, [(["12 Elm", "7"], [["number", "name"], ["number"]])]))
    ['span_f1', 'token_accuracy']
    """
    return figures(*true_and_predicted(model, batches))


def figures(truth: Tags, predicted: Tags) -> dict[str, float]:
    """The figures of labels.

    Example:

    >>> figures([["O", "B-PER", "B-LOC"]], [["O", "B-PER", "O"]])
    {'span_f1': 0.6666666666666666, 'token_accuracy': 0.6666666666666666}
    """
    whole, _ = span_scores(truth, predicted)
    pairs = [pair for each in zip(truth, predicted) for pair in zip(*each)]
    return {"span_f1": whole["f1"], "token_accuracy": sum(a == b for a, b in pairs) / max(len(pairs), 1)}
