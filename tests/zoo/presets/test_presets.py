"""Presets: those that come with seqzoo keep their word, and a folder that was changed is refused."""

import json
import shutil

import pytest
import tensorflow_datasets as tfds

import seqzoo
from seqzoo.presets import PresetError, folder, read_metadata
from seqzoo.presets.figure import figure

SHIPPED = seqzoo.list_presets()


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_preset_reaches_the_figure_on_its_card(name, mini_data_dir):
    known = read_metadata(name)
    run, data_dir = known["run"], str(mini_data_dir)
    if run["dataset"] == "imdb_reviews":
        data_dir, reviews = None, tfds.builder("imdb_reviews")
        if not reviews.data_path.exists() or reviews.info.splits["test"].num_examples != 5_000:
            pytest.skip("the reviews that its card names are not on this machine")
    assert figure(name, data_dir) == pytest.approx(known["figure"], abs=1e-3)
    assert known["figure"] == pytest.approx(run["figure"], abs=0.003)
    card = (folder.find_preset(name) / "README.md").read_text(encoding="utf-8")
    assert f"{run['metric']} {known['figure']:.3f}" in card and run["command"] in card and "## Limits" in card


def test_every_task_and_three_cells_of_two_tasks_are_shipped_in_12_megabytes():
    cells = {}
    for name in SHIPPED:
        cells.setdefault(read_metadata(name)["task"], set()).add(read_metadata(name)["run"]["cell"])
    assert set(cells) == set(seqzoo.list_tasks())
    assert sum(found == {"rnn", "gru", "lstm"} for found in cells.values()) >= 2
    assert sum(folder.size(name) for name in SHIPPED) <= 12e6


def test_the_sentiment_preset_answers_sentences_of_ones_own():
    model = seqzoo.from_preset("sentiment_gru")
    answers = model.answer(["A wonderful film, I loved every minute!", "Boring, badly acted and far too long."])
    assert [label for label, _ in answers] == ["positive", "negative"]
    assert all(probability > 0.8 for _, probability in answers)


@pytest.fixture
def preset(tmp_path):
    """A copy of a preset, to change."""
    return shutil.copytree(folder.find_preset("one_to_one_rnn"), tmp_path / "preset")


@pytest.mark.parametrize("name", folder.FILES)
def test_a_changed_or_missing_file_is_named(preset, name):
    content = (preset / name).read_bytes()
    (preset / name).write_bytes(content[:-1])
    with pytest.raises(PresetError, match=f"Expected: {name} with the sha256 "):
        seqzoo.from_preset(preset)
    (preset / name).unlink()
    with pytest.raises(PresetError, match="Received: no file at "):
        seqzoo.from_preset(preset)


@pytest.mark.parametrize(
    "hostile",
    [
        {"module": "os", "class_name": "system", "config": {}, "registered_name": "system"},
        {"class_name": "__lambda__", "config": {"value": "x"}},
        {"module": "subprocess", "class_name": "function", "config": "getoutput", "registered_name": "function"},
    ],
)
@pytest.mark.parametrize("place", ["model", "network", "preprocessor"])
def test_classes_that_nobody_registered_are_refused(preset, hostile, place):
    file = preset / ("preprocessor.json" if place == "preprocessor" else "config.json")
    config = json.loads(file.read_text())
    if place == "network":
        config["config"]["network"] = hostile
    else:
        config = hostile
    file.write_text(json.dumps(config))
    known = json.loads((preset / "metadata.json").read_text())
    known["sha256"][file.name] = folder._digest(file)  # whoever writes the one writes the other
    (preset / "metadata.json").write_text(json.dumps(known))
    with pytest.raises(PresetError, match="a model of a task|classes of Keras, or registered ones"):
        seqzoo.from_preset(preset)


def test_a_preset_of_a_later_format_asks_for_a_later_seqzoo(preset):
    known = json.loads((preset / "metadata.json").read_text())
    (preset / "metadata.json").write_text(json.dumps({**known, "format": 2}))
    with pytest.raises(PresetError, match="(?s)format 2.*update seqzoo"):
        seqzoo.from_preset(preset)
    (preset / "metadata.json").write_text('{"format"')
    with pytest.raises(PresetError, match="metadata.json"):
        seqzoo.from_preset(preset)


def test_an_unknown_name_lists_what_there_is():
    with pytest.raises(PresetError, match="(?s)dna_gru.*'dna_gur'.*Did you mean 'dna_gru'"):
        seqzoo.from_preset("dna_gur")


def test_a_preset_is_not_written_among_other_files(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(PresetError, match="thesis.txt"):
        seqzoo.from_preset("dna_rnn").save_to_preset(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("written", [1, 2, 3])
def test_a_save_that_was_cut_off_is_no_preset_and_may_be_done_again(tmp_path, written):
    model = seqzoo.from_preset("one_to_one_rnn")
    whole = sorted(model.save_to_preset(tmp_path / "whole").iterdir())
    (tmp_path / "cut").mkdir()
    for file in [file for file in whole if file.name != folder.METADATA][:written]:
        (tmp_path / "cut" / file.name).write_bytes(file.read_bytes()[:-1])
    with pytest.raises(PresetError):
        seqzoo.from_preset(tmp_path / "cut")
    assert seqzoo.from_preset(model.save_to_preset(tmp_path / "cut")).labels == model.labels


def test_half_precision_halves_the_weights_and_keeps_what_it_cannot_hold(tmp_path):
    model = seqzoo.create_model("dna", labels=["left", "right"], units=200)
    weights = model.network.get_weights()
    weights[-1][0] = 1e6  # beyond float16
    model.network.set_weights(weights)
    sizes = {d: folder.size(model.save_to_preset(tmp_path / d, dtype=d)) for d in ("float32", "float16")}
    assert sizes["float16"] < 0.65 * sizes["float32"]
    halved = seqzoo.from_preset(tmp_path / "float16").network.get_weights()
    assert halved[-1][0] == 1e6
    for before, after in zip(weights, halved):
        assert after == pytest.approx(before, rel=1e-3, abs=1e-4)
