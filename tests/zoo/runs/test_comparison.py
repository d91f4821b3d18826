import json

import pandas as pd
import pytest

from seqzoo.runs.comparison import (
    changed,
    plot_cells,
    plot_parameter,
    plot_seconds,
    read_runs,
    summary,
    without_figure,
)
from seqzoo.runs.record import read_run
from seqzoo.runs.results_table import collect


def write_run(folder, notebook="ner", status="ok", metrics=None, **parameters):
    folder.mkdir(parents=True)
    run = dict(notebook=notebook, parameters=parameters, status=status, seconds=8.0, error=None, started="2026")
    (folder / "run.json").write_text(json.dumps(run))
    if status == "ok":
        (folder / "metrics.json").write_text(json.dumps(metrics))


@pytest.fixture
def folder(tmp_path):
    figures = {"rnn": (0.5, 0.7, 0.6), "gru": (0.8, 0.9, 0.85)}
    for cell, values in figures.items():
        for seed, value in enumerate(values):
            metrics = {"task": "ner", "dataset": "mini", "span_f1": value, "epochs": 3 + seed}
            parameters = dict(cell=cell, seed=seed, units=16, epochs=9, dataset="mini")
            write_run(tmp_path / cell / str(seed), metrics=metrics, **parameters)
    write_run(tmp_path / "bad", status="failed", cell="lstm", seed=0, units=16, epochs=9, dataset="mini")
    return tmp_path


def test_every_run_is_a_row_with_its_figure(folder):
    runs = read_runs(folder)
    assert len(runs) == 7 and (runs["status"] == "ok").sum() == 6
    gru = runs[(runs["cell"] == "gru") & (runs["seed"] == 1)].iloc[0]
    assert (gru["metric"], gru["figure"], gru["epochs"]) == ("span_f1", 0.9, 9)


@pytest.mark.parametrize("name", ["run.json", "metrics.json"])
@pytest.mark.parametrize("content", ["", '{"notebook": "ner", "par', "[]", "\0" * 9])
def test_a_damaged_run_is_left_out_and_named(folder, name, content):
    damaged = folder / "gru" / "1" / name
    damaged.write_text(content)
    with pytest.warns(UserWarning, match=f"(?s)left out.*{damaged}"):
        runs = read_runs(folder)
    assert len(runs) == 6
    with pytest.warns(UserWarning, match="left out"):
        collect(folder)


def test_summary_gives_the_median_and_the_ends(folder):
    table = summary(read_runs(folder)).set_index("cell")
    assert table.loc["rnn", ["median", "least", "most", "seeds", "seconds"]].tolist() == [0.6, 0.5, 0.7, 3, 8.0]
    assert "lstm" not in table.index


def test_what_differs_is_found_and_drawn(folder):
    assert changed(read_runs(folder)) == []
    metrics = {"task": "ner", "dataset": "mini", "span_f1": 0.4}
    write_run(folder / "wide", metrics=metrics, cell="rnn", seed=0, units=64, epochs=9, dataset="mini")
    runs = read_runs(folder)
    assert changed(runs) == ["units"]
    (axis,) = plot_parameter(runs, "units").axes
    assert [label.get_text() for label in axis.get_xticklabels()] == ["16", "64"]
    dots = [y for line in axis.lines if line.get_marker() != "None" for y in line.get_ydata()]
    assert sorted(dots) == [0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9]


@pytest.mark.parametrize("plot", [plot_cells, plot_seconds])
def test_pictures_hold_every_finished_run(folder, plot):
    write_run(folder / "dna", "dna", metrics={"task": "dna", "accuracy": 0.9}, cell="gru", seed=0)
    first, second = plot(read_runs(folder)).axes
    dots = [sum(len(line.get_ydata()) for line in a.lines if line.get_marker() != "None") for a in (first, second)]
    assert sorted(dots) == [1, 6]
    assert {first.get_ylabel(), second.get_ylabel()} == {"span_f1", "accuracy"}


def test_a_run_under_way_has_no_figure(tmp_path):
    write_run(tmp_path / "a", status="running", cell="gru")
    assert read_run(tmp_path / "a" / "run.json")["status"] == "running"
    assert pd.isna(read_runs(tmp_path)["figure"]).all()


def test_an_empty_folder_is_refused_in_words(tmp_path):
    with pytest.raises(ValueError, match=r"Expected a folder of runs.*Run a notebook first"):
        read_runs(tmp_path)


def test_a_cell_of_ones_own_stands_beside_the_notes_in_tables_and_pictures(folder):
    metrics = {"task": "ner", "dataset": "mini", "span_f1": 0.95}
    write_run(folder / "own", metrics=metrics, cell="min_gru", seed=0, units=32, epochs=9, dataset="mini")
    runs = read_runs(folder)
    assert summary(runs).set_index("cell").loc["min_gru", "median"] == 0.95
    ticks = [tick.get_text() for tick in plot_cells(runs).axes[0].get_xticklabels()]
    assert ticks == ["rnn", "gru", "min_gru"]
    legend = [text.get_text() for text in plot_parameter(runs, "units").axes[0].get_legend().get_texts()]
    assert "min_gru" in legend


def medians(axis):
    """The heights of the bars of a panel."""
    return sorted(float(line.get_ydata()[0]) for line in axis.lines if line.get_marker() == "None")


def test_runs_of_different_sizes_are_not_taken_together(folder):
    for seed, value in enumerate((0.1, 0.2, 0.3)):
        metrics = {"task": "ner", "dataset": "mini", "span_f1": value}
        parameters = dict(cell="gru", seed=seed, units=64, epochs=9, dataset="mini")
        write_run(folder / "wide" / str(seed), metrics=metrics, **parameters)
    runs = read_runs(folder)
    (axis,) = plot_cells(runs).axes
    assert medians(axis) == [0.2, 0.6, 0.85]
    assert {text.get_text() for text in axis.get_legend().get_texts()} == {"units=16", "units=64"}
    assert sorted(summary(runs)["median"]) == [0.2, 0.6, 0.85]
    (axis,) = plot_seconds(runs).axes
    assert {text.get_text() for text in axis.get_legend().get_texts()} == {
        "rnn, units=16",
        "gru, units=16",
        "gru, units=64",
    }


def test_dataset_epochs_and_limit_are_always_said(folder):
    write_run(folder / "short", metrics={"span_f1": 0.1}, cell="gru", seed=0, epochs=1, limit=100, dataset="mini")
    table = summary(read_runs(folder))
    assert {"dataset", "epochs", "limit"} <= set(table.columns)
    row = table[table["epochs"] == 1].iloc[0]
    assert (row["limit"], row["median"]) == (100, 0.1)


def test_notebooks_without_a_figure_are_not_left_out(folder):
    write_run(folder / "notes", "notes", metrics={"task": "notes", "largest_difference": 1e-7}, seed=0)
    runs = read_runs(folder)
    assert without_figure(runs) == {"notes": 1}
    assert summary(runs).set_index("notebook").loc["notes", "seconds"] == 8.0
    assert len(plot_cells(runs).axes) == 1
    metrics = {"task": "ner", "dataset": "mini", "span_f1": 0.4}
    write_run(folder / "wide", metrics=metrics, cell="rnn", seed=0, units=64, epochs=9, dataset="mini")
    (axis,) = plot_cells(read_runs(folder)).axes
    assert {text.get_text() for text in axis.get_legend().get_texts()} == {"units=16", "units=64"}


def test_each_dataset_has_a_panel_and_its_own_figure(tmp_path):
    for dataset, metrics in {"mini": {"bleu": 80.0}, "mini/phrases": {"exact": 0.9}}.items():
        metrics = {"task": "translation", "dataset": dataset, **metrics}
        write_run(
            tmp_path / dataset.replace("/", "-"), "translation", metrics=metrics, cell="gru", seed=0, dataset=dataset
        )
    first, second = plot_cells(read_runs(tmp_path)).axes
    assert {(axis.get_title(), axis.get_ylabel()) for axis in (first, second)} == {
        ("translation", "bleu"),
        ("translation, mini/phrases", "exact"),
    }


def test_only_notebooks_without_a_figure_make_empty_pictures(tmp_path):
    write_run(tmp_path / "notes", "notes", metrics={"task": "notes"}, seed=0)
    runs = read_runs(tmp_path)
    assert not plot_cells(runs).axes[0].lines and not plot_seconds(runs).axes[0].lines


def test_runs_of_ones_own_notebook_need_no_seed_no_cell_and_no_dataset(tmp_path):
    for size in ([1], [1, 2]):
        write_run(tmp_path / str(len(size)), notebook="mine", metrics={"task": "ner", "span_f1": 0.5}, sizes=size)
    runs = read_runs(tmp_path)
    assert summary(runs)["median"].tolist() == [0.5, 0.5] and changed(runs) == ["sizes"]
    for draw in (plot_cells, plot_seconds):
        assert len(draw(runs).axes) == 1
    assert len(plot_parameter(runs, "sizes").axes) == 1
