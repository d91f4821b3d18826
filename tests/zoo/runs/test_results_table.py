import json
from pathlib import Path

import pytest

from seqzoo.registry import get_task, list_tasks
from seqzoo.runs.notebook import find_notebook
from seqzoo.runs.results_table import collect, markdown, shipped, update, write

ROOT = Path(__file__).parents[3]


def write_run(folder, cell="gru", seed=0, accuracy=0.79, started="2026-01-01", status="ok", seconds=60.0, **parameters):
    folder.mkdir(parents=True)
    defaults = {name: p.default for name, p in find_notebook("sentiment").parameters.items()}
    run = {
        "notebook": "sentiment",
        "parameters": {**defaults, "cell": cell, "seed": seed, **parameters},
        "status": status,
        "seconds": seconds,
        "started": started,
    }
    metrics = {
        "task": "sentiment",
        "dataset": run["parameters"]["dataset"],
        "cell": cell,
        "seed": seed,
        "accuracy": accuracy,
    }
    (folder / "run.json").write_text(json.dumps(run))
    (folder / "metrics.json").write_text(json.dumps(metrics))


def test_seeds_make_one_result_with_their_median(tmp_path):
    for seed, (accuracy, seconds) in enumerate([(0.8, 30), (0.7, 90), (0.78, 60)]):
        write_run(tmp_path / str(seed), seed=seed, accuracy=accuracy, seconds=seconds)
    (result,) = collect(tmp_path)
    assert result["seeds"] == [0, 1, 2] and result["figures"] == [0.8, 0.7, 0.78]
    assert "| accuracy 0.780 (0.700–0.800) | 3 |" in markdown([result])
    assert "| 1.0 | `seqzoo run sentiment` |" in markdown([result])


def test_a_run_with_its_datasets_own_recipe_has_default_settings(tmp_path):
    settings = get_task("sentiment").recipe_of("imdb_reviews").settings()
    own = {
        name: settings[name] for name in find_notebook("sentiment").parameters if name in settings and name != "cell"
    }
    write_run(tmp_path / "a", dataset="imdb_reviews", **own)
    write_run(tmp_path / "b", dataset="imdb_reviews", seed=1)  # with the settings of mini
    (result,) = collect(tmp_path)
    assert result["seeds"] == [0] and result["command"] == "seqzoo run sentiment -p dataset=imdb_reviews"


def test_the_latest_run_of_a_seed_counts(tmp_path):
    write_run(tmp_path / "a", accuracy=0.7, started="2026-01-02")
    write_run(tmp_path / "b", accuracy=0.8, started="2026-01-01")
    assert collect(tmp_path)[0]["figures"] == [0.7]


def test_runs_with_other_settings_and_failed_runs_do_not_count(tmp_path):
    write_run(tmp_path / "a", units=64)
    write_run(tmp_path / "b", limit=100)
    write_run(tmp_path / "c", status="failed")
    assert collect(tmp_path) == []
    write_run(tmp_path / "d", cell="rnn", data_dir="elsewhere")
    (result,) = collect(tmp_path)
    assert result["command"] == "seqzoo run sentiment -p cell=rnn"


def test_cells_come_in_the_order_of_the_notes(tmp_path):
    for cell in ("lstm", "gru", "rnn"):
        write_run(tmp_path / cell, cell=cell)
    assert [r["cell"] for r in collect(tmp_path)] == ["rnn", "gru", "lstm"]


def test_new_results_take_the_place_of_their_own_kind_only(tmp_path):
    results = {}
    for name, cell, accuracy in (("old", "rnn", 0.1), ("old", "gru", 0.2), ("new", "lstm", 0.3), ("new", "gru", 0.4)):
        write_run(tmp_path / name / cell, cell=cell, accuracy=accuracy)
    for name in ("old", "new"):
        results[name] = collect(tmp_path / name)
    file = tmp_path / "results.json"
    assert update(results["old"], file) == results["old"]
    file.write_text(json.dumps(results["old"]))
    merged = update(results["new"], file)
    assert [(r["cell"], r["figures"]) for r in merged] == [("rnn", [0.1]), ("gru", [0.4]), ("lstm", [0.3])]


def test_the_rest_of_the_page_stays(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- results -->\nold\n<!-- /results -->\nafter\n")
    write_run(tmp_path / "runs" / "a")
    results = collect(tmp_path / "runs")
    write(results, tmp_path / "docs" / "results.json", page)
    assert page.read_text() == f"before\n<!-- results -->\n{markdown(results)}\n<!-- /results -->\nafter\n"
    assert json.loads((tmp_path / "docs" / "results.json").read_text()) == results
    page.write_text("no marks")
    with pytest.raises(ValueError, match="add both"):
        write(results, tmp_path / "r.json", page)


def test_the_pages_hold_the_recorded_results():
    results = json.loads((ROOT / "docs" / "results.json").read_text())
    for page, held in (("docs/results.md", results), ("README.md", shipped(results))):
        assert f"<!-- results -->\n{markdown(held)}\n<!-- /results -->" in (ROOT / page).read_text("utf-8")
    assert [r["task"] for r in shipped(results)] == list_tasks()
