"""A notebook's first cells leave no red block, and hide no error."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


def run(code):
    """Runs in a fresh process: without the level that TensorFlow, imported beside this test, has set for its own."""
    env = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300, env=env)


def test_tensorflow_starts_and_traces_a_function_often_without_a_word_to_the_error_stream():
    often = (
        "import tensorflow as tf\ntraced = tf.function(lambda x: x + 1)\nfor n in range(12):\n    traced(tf.ones(n))"
    )
    assert "retracing" in run(often).stderr
    code = "from seqzoo.quiet import import_quietly; import_quietly('keras', 'tensorflow')\n"
    code += "import tensorflow as tf, seqzoo; tf.ones(3); print(seqzoo.many_to_one((None, 3), 2).name)\n"
    done = run(code + often)
    assert (done.returncode, done.stdout, done.stderr) == (0, "many_to_one\n", "")


def test_what_a_failing_import_says_is_shown(tmp_path):
    (tmp_path / "broken.py").write_text("import os\nos.write(2, b'said before')\nraise ImportError('no luck')")
    done = run(
        f"import sys; sys.path.append({str(tmp_path)!r})\nfrom seqzoo.quiet import import_quietly\nimport_quietly('broken')"
    )
    assert done.returncode and "said before" in done.stderr and "no luck" in done.stderr


def test_the_error_stream_works_again_afterwards():
    done = run("import os, sys\nfrom seqzoo.quiet import import_quietly\nimport_quietly('json')\nos.write(2, b'after')")
    assert done.stderr == "after"


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_notebook_starts_so(notebook):
    code = ["".join(c["source"]) for c in json.loads(notebook.read_text())["cells"] if c["cell_type"] == "code"]
    assert code[0].endswith('import_quietly("keras", "tensorflow")  # without a GPU, TensorFlow says so in red')
