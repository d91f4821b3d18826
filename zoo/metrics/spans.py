"""Spans: the runs of tokens that belong together, and how well they are found."""

from seqzoo.extras import import_extra

# What begins a span, is within it, ends it, and is a span alone.
SCHEMES = {"bioes": "BIES", "bilou": "BILU"}


def bio(labels, scheme="bio"):
    """Marks where spans begin: B- on a span's first token, I- on the others, O outside.

    Labels that have no B- or I- of their own form one span while they stay the same. Those
    that have begin one at each B-, and at an I- that follows another kind, as the script of
    CoNLL reads them. In BIOES and BILOU only whole spans count, S- or B- I- … E-: a span that
    is begun and not ended, or the other way round, is outside.

    Args:
        labels: list of strings, a label a token.
        scheme: `"bio"`, `"bioes"` or `"bilou"`.

    Returns:
        List of strings, as many.

    Raises:
        ValueError: a label that the scheme does not have.

    Example:

    >>> bio(["Street", "Street", "City"])
    ['B-Street', 'I-Street', 'B-City']
    >>> bio(["O", "I-PER", "B-PER", "I-LOC"])
    ['O', 'B-PER', 'B-PER', 'B-LOC']
    >>> bio(["B-PER", "E-PER", "S-LOC", "B-LOC"], "bioes")
    ['B-PER', 'I-PER', 'B-LOC', 'O']
    """
    if scheme in SCHEMES:
        return _whole_spans(labels, scheme)
    marked, before = [], None
    for label in labels:
        kind = label.removeprefix("B-").removeprefix("I-")
        begins = label.startswith("B-") or kind != before
        marked.append("O" if kind == "O" else f"{'B' if begins else 'I'}-{kind}")
        before = kind
    return marked


def _whole_spans(labels, scheme):
    begin, inside, end, alone = SCHEMES[scheme]
    marked = ["O"] * len(labels)
    first = kind = None  # of the span that is open
    for i, label in enumerate(labels):
        part, _, of = label.partition("-")
        if label != "O" and not (part in (begin, inside, end, alone) and of):
            raise ValueError(
                f"Expected O or labels of {scheme.upper()}: {begin}-, {inside}-, {end}- or {alone}- and a kind. "
                f"Received: {label[:60]!r}. Name the scheme that the labels follow."
            )
        if part == begin or part == alone:
            first, kind = i, of
        elif of != kind or label == "O":
            first = kind = None
        if first is not None and part in (end, alone):
            marked[first : i + 1] = [f"B-{of}", *[f"I-{of}"] * (i - first)]
            first = kind = None
    return marked


def find_scheme(sentences):
    """Tells by the labels of sentences how they mark spans.

    Args:
        sentences: list of sentences, each the list of its tokens' labels.

    Returns:
        `"bioes"` where labels begin with E- or S- and all others with B- or I-, `"bilou"` with
        L- or U- likewise, otherwise `"bio"`.

    Raises:
        ValueError: the labels have parts of both.

    Example:

    >>> find_scheme([["O", "B-PER", "E-PER"]]), find_scheme([["O", "B-PER", "I-PER"]]), find_scheme([["City"]])
    ('bioes', 'bio', 'bio')
    """
    labels = {label for each in sentences for label in each} - {"O"}
    parts = {label[0] if label[1:2] == "-" and label[2:] else "" for label in labels}
    if parts <= {*"BI"} or not parts <= {*"BIESLU"}:
        return "bio"
    for scheme, letters in SCHEMES.items():
        if parts <= {*letters}:
            return scheme
    raise ValueError(
        "Expected labels of one scheme, BIOES or BILOU. "
        f"Received: parts {', '.join(sorted(parts))}. Name the scheme, or mend the labels."
    )


def span_scores(truth, predicted, scheme="auto"):
    """Precision, recall and F1 of the spans: right means the same tokens and the same kind.

    Counted by `nervaluate`, its strict evaluation.

    Args:
        truth: list of sentences, each the list of its tokens' labels.
        predicted: the same, of the same lengths.
        scheme: how the labels mark spans: `"bio"` (also labels without marks), `"bioes"` or
            `"bilou"`, see `bio`; `"auto"` tells it by the truth's labels, see `find_scheme`.

    Returns:
        Pair: a dictionary with the `precision`, `recall` and `f1` of all spans, and one
        from each kind of span in the truth to such a dictionary with its `spans` too.

    Raises:
        ValueError: the sentences do not have the same lengths, no such scheme, or labels that
            the scheme does not have.
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
    if scheme not in ("auto", "bio", *SCHEMES):
        raise ValueError(f"Expected scheme 'auto', 'bio', 'bioes' or 'bilou'. Received: {scheme!r}. Use one of them.")
    if scheme == "auto":
        marked = any(label != "O" for labels in truth for label in labels)
        scheme = find_scheme(truth if marked else predicted)
    truth, predicted = ([bio(labels, scheme) for labels in each] for each in (truth, predicted))
    kinds = sorted({label[2:] for labels in truth + predicted for label in labels if label != "O"})
    if not truth:
        return dict.fromkeys(("precision", "recall", "f1"), 0.0), {}
    nervaluate = import_extra("nervaluate")
    results = nervaluate.Evaluator(truth, predicted, tags=kinds, loader="list").evaluate()
    by_kind = {kind: results["entities"][kind]["strict"] for kind in kinds if kind in results["entities"]}
    return _figures(results["overall"]["strict"]), {
        kind: {**_figures(result), "spans": result.possible} for kind, result in by_kind.items() if result.possible
    }


def _figures(result):
    return {name: float(getattr(result, name)) for name in ("precision", "recall", "f1")}
