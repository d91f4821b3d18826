import hashlib

import pytest
import tensorflow_datasets as tfds

from seqzoo.datasets import package_index, sources
from seqzoo.tasks.music import dataset
from seqzoo.tasks.music.oneills import FILES, PACKAGE, RHYTHMS, default_length, opening, parse, split_of

SIZES = {"train": (1584, 390_824), "validation": (217, 54_471), "test": (207, 50_331)}


@pytest.fixture(scope="module")
def splits(mini_data_dir):
    builder = sources.prepare(dataset.ONEILLS, mini_data_dir)
    return {name: list(tfds.as_numpy(builder.as_dataset(split=name))) for name in SIZES}


def test_sizes(splits):
    sizes = {name: (len(part), sum(len(e["tune"]) for e in part)) for name, part in splits.items()}
    assert sizes == SIZES


def test_every_tune_has_its_head_its_rhythm_and_notes(splits):
    for example in [e for part in splits.values() for e in part]:
        tune = example["tune"].decode()
        metre, length, key, *body = tune.splitlines()
        assert (metre[:2], length[:2], key[:2]) == ("M:", "L:", "K:") and len(opening(tune)) > 4
        assert example["rhythm"].decode() in RHYTHMS and 0 <= example["number"] <= 1850
        assert tune.endswith("\n") and "  " not in tune and "\n\n" not in tune and '"' not in tune
        assert body[-1][-1] != "\\"


def test_no_tune_nor_its_transposition_is_in_two_splits(splits):
    openings = [{str(opening(e["tune"].decode())) for e in part} for part in splits.values()]
    assert len(set.union(*openings)) == sum(map(len, openings))


def test_no_tune_is_repeated(splits):
    tunes = [e["tune"] for part in splits.values() for e in part]
    assert len(set(tunes)) == len(tunes) == 2008


def test_all_tunes_of_the_package_are_there(mini_data_dir, splits):
    archive = mini_data_dir / "downloads" / PACKAGE.file
    assert hashlib.sha256(archive.read_bytes()).hexdigest() == PACKAGE.sha256
    books = [package_index.read(archive, file).decode() for file in FILES]
    tunes = [e["tune"] for book in books for e in parse(book)]
    assert len(tunes) == 2009 and len(set(tunes)) == 2008
    assert {tune: split_of(tune) for tune in tunes} == {
        e["tune"].decode(): name for name, part in splits.items() for e in part
    }


def test_what_is_not_played_is_left_out():
    book = (
        'X:7\nT:One\nT:Two\nM:2/4\nR:\nK:Gm % minor\nN:"slow"\nA:| "tr"B !f!c %x\nK:D\n d   e \\\n\nX:8\nM:C\nK:C\nc\n'
    )
    first, second = parse(book)
    assert first == {
        "number": 7,
        "title": "One",
        "rhythm": "air",
        "tune": "M:2/4\nL:1/16\nK:Gm\nA:| B c\nK:D\nd e\n",
    }
    assert second["tune"] == "M:C\nL:1/8\nK:C\nc\n"


def test_abc_takes_a_sixteenth_below_three_quarters():
    units = {m: default_length(m) for m in ("2/4", "3/8", "3/4", "6/8", "C", "C|", "9/8")}
    assert [m for m, unit in units.items() if unit == "1/16"] == ["2/4", "3/8"]
