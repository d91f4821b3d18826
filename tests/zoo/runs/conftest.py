import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

PARAMETERS = """\
cell = "gru"  # one of: rnn, gru, lstm
epochs = 3  # passes; epochs=3 will do
rate: float = 1e-3
sizes = [32,
         16]  # units of each layer
shuffle = True
limit = None  # anything
home = "a" + "b"
metrics_file = "metrics.json"
"""


@pytest.fixture
def write_notebook(tmp_path):
    """Writes a notebook with these sources as its code, and a cell tagged `parameters`."""

    def write(*sources, parameters=PARAMETERS, name="tiny"):
        first = new_code_cell(parameters, metadata={"tags": ["parameters"]})
        heading = [new_markdown_cell("# A tiny notebook"), new_markdown_cell("text\n## Training\ntext")]
        path = tmp_path / f"{name}.ipynb"
        nbformat.write(new_notebook(cells=[first, *heading, *map(new_code_cell, sources)]), path)
        return path

    return write
