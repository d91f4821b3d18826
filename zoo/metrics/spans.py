"""Spans: the runs of tokens that belong together, and how well they are found."""

from seqzoo.extras import import_extra


def bio(labels):
    """Marks where spans begin: B- on a span's first token, I- on the others, O outside.

    Labels that have no B- or I- of their own form one span while they stay the same. Those
    that have begin one at each B-, and at an I- that follows another kind, as the script of
    CoNLL reads them.

    Args:
        labels: list of strings, a label a token.

    Returns:
        List of strings, as many.

    Example:

    >>> bio(["Street", "Street", "City"])
    ['B-Street', 'I-Street', 'B-City']
    >>> bio(["O", "I-PER", "B-PER", "I-LOC"])
    ['O', 'B-PER', 'B-PER', 'B-LOC']
    """
    marked, before = [], None
    for label in labels:
        kind = label.removeprefix("B-").removeprefix("I-")
        begins = label.startswith("B-") or kind != before
        marked.append("O" if kind == "O" else f"{'B' if begins else 'I'}-{kind}")
        before = kind
    return marked


def span_scores(truth, predicted):
    """Precision, recall and F1 of the spans: right means the same tokens and the same kind.

    Counted by `nervaluate`, its strict evaluation.

    Args:
        truth: list of sentences, each the list of its tokens' labels.
        predicted: the same, of the same lengths.

    Returns:
        Pair: a dictionary with the `precision`, `recall` and `f1` of all spans, and one
        from each kind of span in the truth to such a dictionary with its `spans` too.

    Raises:
        ValueError: the sentences do not have the same lengths.
        MissingExtraError: `nervaluate` is not installed; it comes with `seqzoo[notebooks]`.

    Example:

    >>> whole, by_kind = span_scores([["Street", "Street", "City"]], [["Street", "City", "City"]])
    >>> whole["f1"], by_kind["City"]["spans"]
    (0.0, 1)
    >>> span_scores([["O", "B-PER", "B-LOC"]], [["O", "B-PER", "O"]])[0]
    {'precision': 1.0, 'recall': 0.5, 'f1': 0.6666666666666666}
    """
    lengths = [len(labels) for labels in truth], [len(labels) for labels in predicted]
    if lengths[0] != lengths[1]:
        raise ValueError(
            "truth and predicted must have the same number of labels in each sentence. "
            f"Received: {sum(lengths[0])} labels in {len(truth)} sentences and {sum(lengths[1])} "
            f"in {len(predicted)}. Tag the same sentences, whole."
        )
    truth, predicted = [bio(labels) for labels in truth], [bio(labels) for labels in predicted]
    kinds = sorted({label[2:] for labels in truth + predicted for label in labels if label != "O"})
    nervaluate = import_extra("nervaluate")
    results = nervaluate.Evaluator(truth, predicted, tags=kinds, loader="list").evaluate()
    by_kind = {kind: results["entities"][kind]["strict"] for kind in kinds if kind in results["entities"]}
    return _figures(results["overall"]["strict"]), {
        kind: {**_figures(result), "spans": result.possible}
        for kind, result in by_kind.items()
        if result.possible
    }


def _figures(result):
    return {name: float(getattr(result, name)) for name in ("precision", "recall", "f1")}
