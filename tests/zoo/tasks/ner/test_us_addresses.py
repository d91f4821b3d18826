import re

import pytest
import tensorflow_datasets as tfds

from seqzoo.datasets import sources
from seqzoo.tasks.ner.dataset import LABELS, US_ADDRESSES, load
from seqzoo.tasks.ner.us_addresses import UsAddresses, normalise, parse, split_of

SIZES = {"train": (1186, 8463), "validation": (138, 956), "test": (146, 989)}


@pytest.fixture(scope="module")
def splits(mini_data_dir):
    return {name: list(load("mini", name, mini_data_dir).as_numpy_iterator()) for name in SIZES}


def test_info(tmp_path):
    info = UsAddresses(data_dir=tmp_path).info
    assert tuple(info.features["labels"].feature.names) == LABELS["mini"]
    assert len(LABELS["mini"]) == 29
    assert info.supervised_keys == ("tokens", "labels")


def test_sizes(splits):
    sizes = {name: (len(part), sum(len(y) for _, y in part)) for name, part in splits.items()}
    assert sizes == SIZES


def test_every_token_has_its_label(splits):
    for part in splits.values():
        assert all(len(sentence.decode().split(" ")) == len(labels) for sentence, labels in part)
    used = {y for part in splits.values() for _, labels in part for y in labels}
    assert used == set(range(29))
    by_text = {sentence.decode(): labels for part in splits.values() for sentence, labels in part}
    labels = by_text["205 N. Michigan Avenue, Chicago, IL 60601"]
    assert [LABELS["mini"][y] for y in labels] == [
        "AddressNumber", "StreetNamePreDirectional", "StreetName", "StreetNamePostType",
        "PlaceName", "StateName", "ZipCode",
    ]  # fmt: skip


def test_no_address_nor_its_neighbour_is_in_two_splits(splits):
    streets = [{re.sub(r"\d+", "0", normalise(s.decode().split())) for s, _ in part} for part in splits.values()]
    assert len(set.union(*streets)) == sum(map(len, streets))


def test_no_address_is_repeated(splits):
    words = [normalise(s.decode().split()) for part in splits.values() for s, _ in part]
    assert len(set(words)) == len(words)


def test_a_second_preparation_needs_no_network_and_gives_the_same(splits, mini_data_dir, tmp_path, no_network):
    (tmp_path / "downloads").mkdir()
    (archive,) = (mini_data_dir / "downloads").glob("usaddress*")
    (tmp_path / "downloads" / archive.name).symlink_to(archive)
    sources.prepare(US_ADDRESSES, tmp_path)
    again = list(load("mini", "test", tmp_path).as_numpy_iterator())
    assert [s for s, _ in again] == [s for s, _ in splits["test"]]


def test_parse():
    number, name = "<AddressNumber>7</AddressNumber>", "<StreetName>Elm\n</StreetName>"
    twin = "<AddressNumber>7,</AddressNumber><ZipCode>ELM</ZipCode>"
    assert parse(f"<A><S>{number} {name}</S><S>{twin}</S><S>{name}</S></A>") == {
        0: {"tokens": ["7", "Elm"], "labels": ["AddressNumber", "StreetName"]},
        2: {"tokens": ["Elm"], "labels": ["StreetName"]},
    }
    for wrong in ("Elm St", "", " "):
        with pytest.raises(ValueError, match="one word in each element"):
            parse(f"<A><S><StreetName>{wrong}</StreetName></S></A>")


def test_split_depends_on_words_alone():
    assert split_of(["12", "Elm", "St.,"]) == split_of(["(9", "ELM", "st"])
    names = [split_of([str(i), "Street", "abcdefghij"[i % 10] * (i // 10 + 1)]) for i in range(1000)]
    assert 0.75 < names.count("train") / 1000 < 0.85


def test_labels_of_conll2003_are_those_of_tfds(tmp_path):
    names = tfds.builder("conll2003", data_dir=tmp_path).info.features["ner"].feature.names
    assert tuple(names) == LABELS["conll2003"] == LABELS["full"]
