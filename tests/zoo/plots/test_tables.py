import pandas as pd
import pytest

from seqzoo.plots.tables import as_table
from seqzoo.runs.notebook import find_notebook, list_notebooks

MARK = '<img src="x" onerror="alert(1)">'


@pytest.mark.parametrize("options", [{}, {"precision": 2}, {"formats": {"score": "{:.1f}"}, "index": False}])
def test_text_is_text_in_cells_and_names(options):
    frame = pd.DataFrame({MARK: [MARK, "plain"], "score": [0.5, 1.0]}, index=[MARK, "b"])
    page = as_table(frame.rename_axis(MARK), **options).to_html()
    assert "<img" not in page and "&lt;img" in page


@pytest.mark.parametrize("name", list_notebooks())
def test_every_table_of_the_notebooks_is_one_of_these(name):
    assert not [source for kind, source, _ in find_notebook(name).cells if kind == "code" and ".style" in source]
