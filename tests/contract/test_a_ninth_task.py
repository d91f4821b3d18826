"""A folder is all that a new task needs: the contract holds it, and nothing else names it."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
# The notebook, the other thing that a task of the zoo has, is left out.
CODE = f"""
import sys, pytest, seqzoo.tasks
seqzoo.tasks.__path__.append({str(HERE.parent / "examples")!r})
assert "parity" in seqzoo.list_tasks()
task = seqzoo.get_task("parity")
model = task.train(epochs=1, limit=64)
assert 0 <= task.score(model, task.batches("mini", "test"))["accuracy"] <= 1
tests = {str(HERE / "test_tasks.py")!r}
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", tests, "-k", "parity and not recipe_stands and not rnn and not lstm"]))
"""


def test_a_ninth_task_is_one_folder():
    run = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, cwd=HERE.parents[1])
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-1000:]
    assert " passed" in run.stdout and "failed" not in run.stdout
