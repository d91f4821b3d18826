import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqzoo.metrics.spans import bio, span_scores


def spans(labels):
    """The spans of one sentence by their definition: a set of (kind, first, last)."""
    found = set()
    for first in range(len(labels)):
        kind = labels[first].split("-")[-1]
        begins = first == 0 or labels[first][0:2] == "B-" or labels[first - 1].split("-")[-1] != kind
        if kind != "O" and begins:
            last = first
            while last + 1 < len(labels) and labels[last + 1] in (f"I-{kind}", kind):
                last += 1
            found.add((kind, first, last))
    return found


plain = st.lists(st.tuples(st.sampled_from("XYZO"), st.sampled_from("XYZO")), min_size=1, max_size=8)
conll = st.sampled_from(["O", "B-X", "I-X", "B-Y", "I-Y"])
marked = st.lists(st.tuples(conll, conll), min_size=1, max_size=8)


@given(st.one_of(st.lists(plain, min_size=1, max_size=4), st.lists(marked, min_size=1, max_size=4)))
def test_scores_are_those_of_the_definition(sentences):
    truth = [[a for a, _ in each] for each in sentences]
    predicted = [[b for _, b in each] for each in sentences]
    there = {(i, *span) for i, each in enumerate(truth) for span in spans(each)}
    said = {(i, *span) for i, each in enumerate(predicted) for span in spans(each)}
    whole, by_kind = span_scores(truth, predicted)
    assert whole["f1"] == pytest.approx(2 * len(there & said) / max(len(there) + len(said), 1))
    assert whole["precision"] == pytest.approx(len(there & said) / max(len(said), 1))
    assert whole["recall"] == pytest.approx(len(there & said) / max(len(there), 1))
    counts = {kind: figures["spans"] for kind, figures in by_kind.items()}
    kinds = {span[1] for span in there}
    assert counts == {kind: sum(span[1] == kind for span in there) for kind in kinds}
    for kind in kinds:
        a, b = ({span for span in each if span[1] == kind} for each in (there, said))
        assert by_kind[kind]["f1"] == pytest.approx(2 * len(a & b) / (len(a) + len(b)))


def test_adjacent_equal_labels_form_one_span_and_b_begins_another():
    assert bio(["X", "X", "Y", "X"]) == ["B-X", "I-X", "B-Y", "B-X"]
    assert bio(["B-X", "B-X", "I-X", "O", "I-X"]) == ["B-X", "B-X", "I-X", "O", "B-X"]


def test_sentences_of_other_lengths_are_refused():
    with pytest.raises(ValueError, match="same number of labels.*3 labels in 2 sentences and 2 in 1"):
        span_scores([["X", "X"], ["Y"]], [["X", "X"]])
