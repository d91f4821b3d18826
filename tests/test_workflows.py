"""The workflows call what is in the repository, with the least permissions."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_a_workflow_reads_only_and_names_versions_of_actions(file):
    workflow = yaml.safe_load(file.read_text("utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        assert job["timeout-minutes"] and set(job.get("permissions", {})) <= {"pages", "id-token"}
        assert not job.get("permissions") or job["environment"], name
        for step in job["steps"]:
            assert re.search(r"@(v\d+|release/v\d+)$", step.get("uses", "@v0"))


def test_they_call_commands_of_the_repository():
    text = "\n".join(file.read_text("utf-8") for file in WORKFLOWS)
    called = {command for command in (".ci/run", ".ci/readme", "docs/build.py") if command in text}
    assert called == {".ci/run", ".ci/readme", "docs/build.py"} and all((ROOT / file).exists() for file in called)
    assert ".ci/readme" in (ROOT / ".ci" / "run").read_text("utf-8")
