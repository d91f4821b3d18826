import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqzoo.metrics.spans import bio, find_scheme, span_scores


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


def whole_spans(labels):
    """The whole spans of a BIOES sentence by a pattern over its parts: a set of (kind, first, last)."""
    kinds = {label[2:] for label in labels} - {""}
    found = set()
    for kind in kinds:
        parts = "".join(label[0] if label[2:] == kind else "_" for label in labels)
        found |= {(kind, m.start(), m.end() - 1) for m in re.finditer("S|BI*E", parts)}
    return found


bioes = st.sampled_from(["O", *(f"{part}-{kind}" for part in "BIES" for kind in "XY")])


@given(st.lists(st.lists(st.tuples(bioes, bioes), min_size=1, max_size=8), min_size=1, max_size=4))
def test_scores_of_whole_spans_are_those_of_the_definition(sentences):
    truth, predicted = ([[pair[i] for pair in each] for each in sentences] for i in (0, 1))
    there, said = ({(i, *s) for i, each in enumerate(all_) for s in whole_spans(each)} for all_ in (truth, predicted))
    f1 = pytest.approx(2 * len(there & said) / max(len(there) + len(said), 1))
    assert span_scores(truth, predicted, "bioes")[0]["f1"] == f1
    as_bilou = str.maketrans("ES", "LU")
    truth, predicted = ([[label.translate(as_bilou) for label in each] for each in all_] for all_ in (truth, predicted))
    assert span_scores(truth, predicted, "bilou")[0]["f1"] == f1


@pytest.mark.parametrize("end, alone", ["ES", "LU"])
def test_the_scheme_is_told_by_the_truth(end, alone):
    """One of two spans found, and the other begun but not ended: precision 1, recall 1/2."""
    truth = [["B-PER", f"{end}-PER", "O", "B-LOC", f"{end}-LOC"]]
    predicted = [["B-PER", f"{end}-PER", "O", "B-LOC", "I-LOC"]]
    whole = span_scores(truth, predicted)[0]
    assert whole == {"precision": 1.0, "recall": 0.5, "f1": pytest.approx(2 / 3)}
    assert span_scores([["O", "O"]], [["O", f"{alone}-PER"]])[0]["precision"] == 0
    assert span_scores([[f"{alone}-PER"]], [[f"{alone}-PER"]])[1]["PER"]["spans"] == 1


def test_names_that_only_look_like_parts_are_kinds():
    assert find_scheme([["S-Bahn", "Bus", "E-Bike"]]) == "bio"
    assert span_scores([["S-Bahn", "S-Bahn", "Bus"]], [["S-Bahn", "S-Bahn", "Bus"]])[1]["S-Bahn"]["spans"] == 1


def test_labels_of_two_schemes_or_of_another_one_are_refused():
    with pytest.raises(ValueError, match="Expected labels of one scheme.*Received: parts E, U"):
        span_scores([["E-X", "U-X"]], [["O", "O"]])
    with pytest.raises(ValueError, match="labels of BIOES.*Received: 'U-X'"):
        span_scores([["S-X"]], [["U-X"]])
    with pytest.raises(ValueError, match="Expected scheme.*'iobes'"):
        span_scores([["S-X"]], [["S-X"]], scheme="iobes")
