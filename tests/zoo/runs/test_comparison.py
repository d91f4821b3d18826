import json

import pandas as pd
import pytest

from seqzoo.runs.comparison import changed, plot_cells, plot_parameter, plot_seconds, read_run, read_runs, summary


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
    dots = [y for line in axis.lines if line.get_marker() == "o" for y in line.get_ydata()]
    assert sorted(dots) == [0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9]


@pytest.mark.parametrize("plot", [plot_cells, plot_seconds])
def test_pictures_hold_every_finished_run(folder, plot):
    write_run(folder / "dna", "dna", metrics={"task": "dna", "accuracy": 0.9}, cell="gru", seed=0)
    first, second = plot(read_runs(folder)).axes
    dots = [sum(len(line.get_ydata()) for line in a.lines if line.get_marker() == "o") for a in (first, second)]
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
