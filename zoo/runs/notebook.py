"""A notebook that can be run, found by its name or its path, and what it can be given.

The notebooks that come with seqzoo are the files of the package `seqzoo.notebooks`.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from seqzoo.runs.parameters import Parameter, ParameterError, read_parameters
from seqzoo.runs.recipes import other_values
from seqzoo.wording import did_you_mean, shown, table, three_lines

METRICS_FILE = "metrics_file"  # the parameter that tells a notebook where its metrics go
BACKUP_DIR = "backup_dir"  # the one that tells it where to keep the state of its training
OF_THE_RUN = (METRICS_FILE, BACKUP_DIR)


class NotebookError(ValueError):
    """There is no such notebook, or it cannot be read."""


@dataclass(frozen=True)
class Notebook:
    """A notebook that can be run: its name, and the file it is in.

    Its file is read when something in it is asked for.

    Example:

    >>> notebook = find_notebook("sentiment")
    >>> notebook.parameters["cell"].choices
    ['rnn', 'gru', 'lstm']
    """

    name: str
    file: Traversable

    @cached_property
    def cells(self) -> list[tuple[str, str, list[str]]]:
        """Each cell's kind (`"code"`, `"markdown"` or `"raw"`), source and tags.

        Raises:
            NotebookError: the file cannot be read, or is not a notebook.
        """
        try:
            cells = json.loads(self.file.read_text(encoding="utf-8"))["cells"]
            return [(cell["cell_type"], "".join(cell["source"]), cell["metadata"].get("tags", [])) for cell in cells]
        except OSError as error:
            raise NotebookError(f"Cannot read {self.file}: {error.strerror}.") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise NotebookError(f"Expected a Jupyter notebook (format 4), received {self.file}.") from error

    @property
    def title(self) -> str:
        """The first markdown heading; empty without one."""
        headings = (heading(text) for kind, text, _ in self.cells if kind == "markdown")
        return next(filter(None, headings), "")

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        """The parameters one can set, by name."""
        return {name: p for name, p in self._declared.items() if name not in OF_THE_RUN}

    @property
    def wants(self) -> tuple[str, ...]:
        """Those of `OF_THE_RUN` that the notebook asks to be told."""
        return tuple(name for name in OF_THE_RUN if name in self._declared)

    @property
    def digest(self) -> str:
        """The sha256 of all cells: two notebooks with the same one do the same."""
        return hashlib.sha256(json.dumps(self.cells).encode()).hexdigest()

    @cached_property
    def _declared(self):
        source = next((text for kind, text, tags in self.cells if kind == "code" and "parameters" in tags), "")
        try:
            return read_parameters(source)
        except SyntaxError as error:
            raise NotebookError(
                f"Expected plain Python in the cell of {self.name} that is tagged 'parameters', "
                f"received {(error.text or '').strip()!r}: {error.msg}."
            ) from error

    def parse(self, assignments: Iterable[str]) -> dict:
        """Values of parameters from text such as `"units=64"`, checked.

        Text is read as Python or YAML writes it (`3`, `1e-3`, `true`, `[1, 2]`), except for
        a parameter whose default is a string: that gets the text as it stands.

        Raises:
            ParameterError: no `=`, an unknown name, a wrong type, out of range, two values for one name.

        Example:

        >>> find_notebook("sentiment").parse(["cell=lstm", "epochs=3"])
        {'cell': 'lstm', 'epochs': 3}
        """
        values = {}
        for assignment in assignments:
            name, equals, text = assignment.partition("=")
            if not equals:
                raise self._refusal("name=value", repr(assignment))
            value = self._known(name).parse(text)
            if name in values and values[name] != value:
                raise self._refusal(f"one value for {name}", f"{values[name]!r} and {value!r}")
            values[name] = value
        return self.check(values)

    def check(self, parameters: Mapping) -> dict:
        """The same parameters, once each is known to the notebook, has its type and is in its range.

        Raises:
            ParameterError: which says what was expected.

        Example:

        >>> find_notebook("sentiment").check({"cell": "lstm"})
        {'cell': 'lstm'}
        """
        for name, value in parameters.items():
            parameter = self._known(name)
            if not parameter.accepts(value):
                hint = did_you_mean(value, parameter.choices)
                raise self._refusal(f"{name} to be {parameter.expects()}", shown(value), hint)
            if parameter.range and value not in parameter.range:
                raise ParameterError(
                    three_lines(
                        f"{name} to be {parameter.range}",
                        repr(value),
                        f"leave it out for {parameter.default!r}, or give a value in this range",
                    )
                )
        return dict(parameters)

    def check_values(self, names: Mapping) -> None:
        """Checks what the parameters hold where the notebook runs, as `check` does.

        Prints which of them the recipe of the dataset has otherwise, where that has one of its own.

        Args:
            names: from a name to what it holds; `globals()` in a notebook.

        Raises:
            ParameterError: as `check`.

        Example:

        >>> find_notebook("sentiment").check_values({"epochs": 0, "pd": None})
        Traceback (most recent call last):
        seqzoo.runs.parameters.ParameterError: Expected: epochs to be 1 or more.
        Received: 0.
        To do: leave it out for 6, or give a value in this range.
        """
        values = self.check({name: names[name] for name in self.parameters if name in names})
        others = other_values(self.name, self.parameters, values)
        if others:
            said = ", ".join(f"{name} = {value!r}" for name, value in others.items())
            print(f"The recipe for {values['dataset']} says otherwise: {said}.")

    def _known(self, name):
        if name in OF_THE_RUN:
            raise ParameterError(f"{name} cannot be set: each run writes it in its own folder.")
        if name not in self.parameters:
            hint = did_you_mean(name, self.parameters)
            raise self._refusal(f"a parameter of {self.name}", repr(name), hint)
        return self.parameters[name]

    def _refusal(self, expected, received, hint=""):
        return ParameterError(f"Expected {expected}, received {received}.{hint}\n{self.describe_parameters()}")

    def describe_parameters(self) -> str:
        """All parameters with type, default and comment, as a table.

        >>> print(find_notebook("sentiment").describe_parameters())
        Parameters of sentiment (name, type, default):
        ...
          epochs         int    ...
        """
        if not self.parameters:
            return f"{self.name} has no parameters."
        rows = [
            (f"  {p.name}", p.type.__name__ if p.type else "any", repr(p.default), p.help)
            for p in self.parameters.values()
        ]
        return f"Parameters of {self.name} (name, type, default):\n{table(rows)}"


def list_notebooks() -> list[str]:
    """The names of the notebooks that come with seqzoo.

    >>> list_notebooks()
    [...'sentiment'...]
    """
    return sorted(_shipped())


def find_notebook(name: str | Path) -> Notebook:
    """A notebook by its name, or by the path of an `.ipynb` file.

    Raises:
        NotebookError: there is none; lists those there are.

    Example:

    >>> find_notebook("sentiment").name
    'sentiment'
    """
    shipped = _shipped()
    if name in shipped:
        return Notebook(name, shipped[name])
    path = Path(name)
    if path.suffix == ".ipynb" and path.is_file():
        return Notebook(path.stem, path)
    raise NotebookError(
        f"Expected the name of a notebook, or the path of an .ipynb file, received {str(name)!r}."
        f"{did_you_mean(path.stem, shipped)}\nNotebooks: {', '.join(sorted(shipped)) or 'none'}."
    )


def _shipped():
    files = resources.files("seqzoo.notebooks").iterdir()
    return {file.name.removesuffix(".ipynb"): file for file in files if file.name.endswith(".ipynb")}


def heading(markdown: str) -> str:
    r"""The first heading in a markdown text; empty without one.

    >>> heading("Some text.\n## Training\nMore text.")
    'Training'
    """
    found = re.search(r"^#+ +(.+)$", markdown, re.MULTILINE)
    return found[1].strip() if found else ""
