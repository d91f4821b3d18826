"""What the notebooks say of their data in numbers is so."""

import collections

import numpy as np
import pytest

import seqzoo
from seqzoo.datasets.whole import whole
from seqzoo.plots.inside import moved, trace_model
from seqzoo.preprocessing.text import split, standardize
from seqzoo.runs.notebook import find_notebook


@pytest.fixture
def train(mini_data_dir):
    return lambda name: whole(seqzoo.get_task(name).batches("mini", "train", data_dir=mini_data_dir))


def said(name, *sentences):
    text = " ".join(source for kind, source, _ in find_notebook(name).cells if kind == "markdown")
    assert all(sentence in text for sentence in sentences)


def test_sentiment_of_the_word_not(train):
    sentences = [f" {sentence.lower()} " for sentence in train("sentiment")[0]]
    assert len(sentences) == 8090 and sum(" not " in s for s in sentences) == 557
    assert sum("not bad" in s for s in sentences) == 3
    # By words, as the model reads them: "not," is one too, and "not badly" is another.
    words = split(train("sentiment")[0], standardize)
    assert sum("not" in row for row in words) == 582
    assert sum(("not", "bad") in zip(row, row[1:]) for row in words) == 2
    said("sentiment", "8,090", "582", "only 2")


def test_ner_of_corners_and_boxes(train):
    labels, places = seqzoo.get_task("ner").labels("mini"), collections.Counter()
    sentences, ids = train("ner")
    addresses = [[(token, labels[y]) for token, y in zip(s.split(), row)] for s, row in zip(sentences, ids)]
    for token, label in (pair for address in addresses for pair in address):
        places[label] += token.lower() == "of"
    assert len(addresses) == 1186 and (places["CornerOf"], places["StreetName"]) == (2, 7)
    boxes = [[label for _, label in address] for address in addresses]
    boxes = [address for address in boxes if "USPSBoxID" in address]
    assert len(boxes) == 128
    after = [a[i + 1] for a in boxes for i in range(len(a) - 1) if a[i] == "USPSBoxID"]
    assert "StreetName" not in after and "AddressNumber" not in after
    streets = [
        [token for token, label in address if label == "PlaceName"]
        for address in addresses
        for (_, box), (_, label) in zip(address, address[1:])
        if box == "USPSBoxID" and label.startswith("StreetName")
    ]
    assert streets == [["Lake", "Butler,"]] * 2
    said(
        "ner",
        "1,186",
        "Only 2 of them",
        "in 7",
        "Of the 128 post office boxes two stand before a street",
        "of one place",
    )


def test_dna_of_the_letters_at_the_border(train):
    sequences, kinds = train("dna")
    ends, begins = (np.array([s[at] for s in sequences]) for at in (slice(30, 32), slice(28, 30)))
    labels = seqzoo.get_task("dna").labels("mini")
    assert np.mean(ends[kinds == labels.index("EI")] == "GT") > 0.99
    assert np.mean(begins[kinds == labels.index("IE")] == "AG") > 0.99
    said("dna", "GT follows nearly every end of an exon, AG stands before nearly every beginning")


def test_one_to_one_of_the_chinstraps_island(train):
    birds, species = train("one_to_one")
    of_chinstraps = birds["island"][species == seqzoo.get_task("one_to_one").labels("mini").index("Chinstrap")]
    commonest = collections.Counter(birds["island"]).most_common(1)[0][0]
    assert len(set(of_chinstraps)) == 1 and commonest not in set(of_chinstraps)
    said("one_to_one", "they live on one island, which is not the commonest")


def test_sentiment_of_what_moves_the_state(mini_data_dir):
    read, _ = whole(seqzoo.get_task("sentiment").batches("mini", "validation", data_dir=mini_data_dir).take(2))
    model = seqzoo.from_preset("sentiment_mini_gru")
    inside = trace_model(model, read)
    rated = np.abs(model.preprocessor.inputs(model.preprocessor.rows(read))["ratings"]).reshape(len(read), -1)
    for direction in ("forward", "backward"):
        gate = inside[f"{direction}/Γu"].mean(axis=-1)
        assert np.nanmin(gate) > 0.39 and np.nanmax(gate) < 0.62
        steps = moved(inside, f"{direction}/c")
        assert 1.6 < np.nanmean(steps[rated > 0.2]) / np.nanmean(np.where(rated == 0, steps, np.nan)) < 2.5
    said("sentiment", "between 0.4 and 0.61 at every word", "about twice as far")


def test_dna_of_what_moves_the_state(mini_data_dir):
    read, kinds = whole(seqzoo.get_task("dna").batches("mini", "test", data_dir=mini_data_dir))
    model = seqzoo.from_preset("dna_gru")
    inside = trace_model(model, read)
    steps = [moved(inside, "c")[kinds == i].mean(axis=0) for i in range(3)]
    border = [model.labels.index(label) for label in ("EI", "IE")]
    assert all(steps[i][-1] > 1.5 * steps[i][-2] for i in border)
    assert steps[model.labels.index("N")][-1] < 1.1 * steps[model.labels.index("N")][-2]
    units = inside["Γu"][:, 1:].mean(axis=(0, 1))
    assert np.mean(units > 0.9) > 0.2 and 0.1 < np.mean(units < 0.3) < 0.2
    assert units.std() > 2 * inside["Γu"][:, 1:].std(axis=(0, 1)).mean()
    said("dna", "more than half as far again", "hardly further than before", "a fifth of them and more", "one in seven")
