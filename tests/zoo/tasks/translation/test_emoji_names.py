import unicodedata

import pytest
import tensorflow_datasets as tfds

from seqzoo.datasets import package_index, sources
from seqzoo.tasks.translation import dataset
from seqzoo.tasks.translation.emoji_names import (
    ENGLISH,
    FRENCH,
    PACKAGE,
    has_skin_tone,
    parse,
    split_of,
    without_skin_tone,
)

SIZES = {
    "phrases": {"train": 1631, "validation": 190, "test": 219},
    "names": {"train": 3183, "validation": 379, "test": 401},
}


@pytest.fixture(scope="module")
def configs(mini_data_dir):
    """Every config's splits, as lists of (emoji, English, French)."""
    return {config: _splits(config, mini_data_dir) for config in SIZES}


def _splits(config, data_dir):
    source = {"phrases": dataset.EMOJI_PHRASES, "names": dataset.EMOJI_NAMES}[config]
    builder = sources.prepare(source, data_dir)
    return {
        split: [
            tuple(example[part].decode() for part in ("emoji", "en", "fr"))
            for example in tfds.as_numpy(builder.as_dataset(split=split))
        ]
        for split in ("train", "validation", "test")
    }


def test_sizes(configs):
    sizes = {config: {s: len(names) for s, names in splits.items()} for config, splits in configs.items()}
    assert sizes == SIZES


@pytest.mark.parametrize("config", SIZES)
def test_no_name_and_no_emoji_is_in_two_splits_or_twice(configs, config):
    names = [name for split in configs[config].values() for name in split]
    emoji, english, french = (list(part) for part in zip(*names))
    plain = ["".join(c for c in e if unicodedata.name(c, "") != "VARIATION SELECTOR-16") for e in emoji]
    for part in (plain, english, french):
        assert len(set(part)) == len(part)


def test_both_configs_split_alike(configs):
    for split, phrases in configs["phrases"].items():
        assert set(phrases) <= set(configs["names"][split])
        assert {n for n in configs["names"][split] if has_skin_tone(n[1])} == set(phrases)


def test_held_out_phrases_are_new_pairs_of_known_things_and_tones(configs):
    known = {without_skin_tone(english) for _, english, _ in configs["phrases"]["train"]}
    for split in ("validation", "test"):
        assert {without_skin_tone(english) for _, english, _ in configs["phrases"][split]} <= known


def test_a_phrase_has_the_skin_tones_of_its_emoji(configs):
    for emoji, english, _ in (n for split in configs["phrases"].values() for n in split):
        tones = [c for c in emoji if "FITZPATRICK" in unicodedata.name(c, "")]
        assert english.count("skin tone") == len(tones) or len(set(tones)) == 1


def test_names_arrive_unharmed(configs):
    names = {english: french for split in configs["names"].values() for _, english, french in split}
    assert names["carrot"] == "carotte"
    assert names["1st place medal"] == "médaille d’or"
    assert names["man dark skin tone bald"] == "homme peau foncée et chauve"
    assert not any(mark in name for pair in names.items() for name in pair for mark in ":_\n")


def test_a_skin_tone_alone_is_not_a_phrase():
    assert has_skin_tone("waving hand dark skin tone")
    assert not has_skin_tone("dark skin tone") and not has_skin_tone("waving hand")


def test_only_fully_qualified_emoji_are_taken(mini_data_dir):
    archive = mini_data_dir / "downloads" / PACKAGE.file
    tables = [package_index.read(archive, member).decode() for member in (ENGLISH, FRENCH)]
    assert len(parse(*tables)) == 3963
    entries = '{"☘️": {"en": ":shamrock:", "status": 2}, "☘": {"en": ":shamrock:", "status": 4}}'
    assert len(parse(entries, '{"☘️": ":trèfle:", "☘": ":trèfle:"}')) == 1


def test_a_second_preparation_gives_the_same(configs, mini_data_dir, tmp_path):
    (tmp_path / "downloads").symlink_to(mini_data_dir / "downloads")
    assert _splits("phrases", tmp_path) == configs["phrases"]


def test_the_words_decide_the_split():
    assert split_of("Waving hand!") == split_of("waving hand")
    assert {split_of(f"hand {i}") for i in range(100)} == {"train", "validation", "test"}
