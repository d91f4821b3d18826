import json

from seqzoo.runs.metrics import write_metrics


def test_an_earlier_file_is_never_overwritten(tmp_path):
    paths = [write_metrics(tmp_path / "runs" / "m.json", {"figure": n}) for n in range(3)]
    assert [path.name for path in paths] == ["m.json", "m-2.json", "m-3.json"]
    assert [json.loads(path.read_text())["figure"] for path in paths] == [0, 1, 2]
