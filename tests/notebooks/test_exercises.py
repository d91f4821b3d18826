"""Every notebook teaches to its end: exercises with folded answers, programs among them that run, and sources."""

import json
import re

import pytest

from seqzoo.runs.notebook import find_notebook, list_notebooks

FOLDED = re.compile(r"<details><summary>Answer</summary>\n\n(.+?)\n\n</details>", re.DOTALL)


@pytest.fixture(params=list_notebooks())
def cells(request):
    return json.loads(find_notebook(request.param).file.read_text(encoding="utf-8"))["cells"]


def text_of(cell):
    return "".join(cell["source"])


def test_every_exercise_has_its_answer_folded_under_it(cells):
    asked = [cell for cell in cells if re.search(r"^exercises?(-|$)", cell["id"])]
    texts = "\n\n".join(map(text_of, asked))
    parts = re.split(r"^\*\*(\d+)\.\*\*", texts, flags=re.MULTILINE)
    numbers, questions = [int(number) for number in parts[1::2]], parts[2::2]
    assert numbers == list(range(1, len(numbers) + 1)) and len(numbers) >= 3
    for question in questions:
        (answer,) = FOLDED.findall(question)
        assert question.index("<details>") > 20 and len(answer) > 20


def test_answers_that_are_programs_are_hidden_until_asked_for(cells):
    for place, cell in enumerate(cells):
        if cell["id"].startswith("answer-"):
            assert cell["metadata"]["tags"] == ["answer"]
            assert cell["metadata"]["jupyter"] == {"source_hidden": True, "outputs_hidden": True}
            number = cell["id"].removeprefix("answer-")
            assert re.findall(r"^\*\*(\d+)\.\*\*", text_of(cells[place - 1]), re.MULTILINE)[-1:] == [number]


def test_sources_have_links(cells):
    (sources,) = [text_of(cell) for cell in cells if cell["id"] == "sources"]
    entries = re.findall(r"^- .+", sources, re.MULTILINE)
    assert len(entries) >= 2 and all(re.search(r"\]\(https://\S+\)", entry) for entry in entries)


def test_equations_are_typeset(cells):
    for cell in cells:
        if cell["cell_type"] == "markdown":
            plain = re.sub(r"\$\$.+?\$\$|\$.+?\$|`[^`]*`", "", text_of(cell), flags=re.DOTALL)
            assert not re.search(r"[⟨⟩Γαŷ∂σ]", plain), cell["id"]


def test_nothing_that_a_run_left_is_kept(cells):
    for cell in cells:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == [] and cell["execution_count"] is None
