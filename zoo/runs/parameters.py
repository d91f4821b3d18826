"""What a notebook's cell tagged `parameters` declares, and which values it takes."""

import ast
import functools
import io
import json
import re
import shlex
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from seqzoo.extras import import_extra
from seqzoo.runs.ranges import Range, find_range


class ParameterError(ValueError):
    """A parameter is unknown to the notebook, or its value is not what the notebook declares."""


@dataclass(frozen=True)
class Parameter:
    """One assignment in a notebook's cell tagged `parameters`.

    A comment that says `one of: rnn, gru, lstm` limits the values to these, and one that says
    `range: 1 or more` limits numbers, see `seqzoo.runs.ranges`.

    Attributes:
        name: the variable.
        type: str, int, float, bool, list or dict, as its default is; None takes anything.
        default: its value in the notebook.
        help: the comment at the end of its line.

    Example:

    >>> Parameter("cell", str, "gru", "one of: rnn, gru, lstm").choices
    ['rnn', 'gru', 'lstm']
    """

    name: str
    type: type | None
    default: object
    help: str = ""

    @property
    def choices(self) -> list[str]:
        """The values that its comment limits it to; empty when any will do."""
        listed = re.search(r"\bone of:([^;(]+)", self.help)
        return [choice.strip(" .'\"`") for choice in listed[1].split(",")] if listed else []

    @property
    def range(self) -> Range | None:
        """The range that its comment limits it to; None when any number will do."""
        return find_range(self.help)

    def parse(self, text: str) -> object:
        """The value that `text`, typed by somebody, stands for.

        >>> Parameter("units", int, 32).parse("64"), Parameter("text", str, "").parse("64")
        (64, '64')
        """
        return text if self.type is str else literal(text)

    def expects(self) -> str:
        """What a value has to be, in words.

        >>> Parameter("units", int, 32).expects()
        'of type int'
        """
        if self.choices:
            return f"one of {', '.join(self.choices)}"
        return f"of type {self.type.__name__}" if self.type else "anything"

    def accepts(self, value: object) -> bool:
        """Whether the notebook can be given this value.

        >>> Parameter("units", int, 32).accepts(64), Parameter("units", int, 32).accepts("64")
        (True, False)
        """
        if self.choices and str(value) not in self.choices and value != self.default:
            return False
        if self.type is None:
            return True
        allowed = (int, float) if self.type is float else self.type
        return isinstance(value, allowed) and (self.type is bool or not isinstance(value, bool))


def read_parameters(source: str) -> dict[str, Parameter]:
    """The parameters that a cell's source assigns, by name.

    Args:
        source: Python. It is read, not run: a default that is more than a literal is kept as
            its source, and takes anything.

    Raises:
        SyntaxError: it is not plain Python.

    Example:

    >>> read_parameters("units = 32  # size of the state")
    {'units': Parameter(name='units', type=<class 'int'>, default=32, help='size of the state')}
    """
    comments = {
        token.start[0]: token.string.lstrip("# ")
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    found = {}
    for line in ast.parse(source).body:
        match line:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                default = _default(value)
                help = comments.get(line.end_lineno, "")
                found[name] = Parameter(name, _type(default), default, help)
    return found


class _Expression(str):
    """A default that is more than a literal: known by its source only."""

    __repr__ = str.__str__


def _default(expression):
    try:
        return ast.literal_eval(expression)
    except ValueError:
        return _Expression(ast.unparse(expression))


def _type(default):
    if isinstance(default, tuple):
        return list
    return type(default) if type(default) in (str, int, float, bool, list, dict) else None


def flags(parameters: Mapping[str, Any]) -> list[str]:
    """Parameters as a command line has them.

    >>> flags({"rhythm": "single jig", "seed": 0})
    ["-p 'rhythm=single jig'", '-p seed=0']
    """
    return [f"-p {shlex.quote(f'{name}={value}')}" for name, value in parameters.items()]


def literal(text: str) -> Any:
    """A value as Python or else YAML writes it; what neither reads as JSON's kinds stays text."""
    try:
        value = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, TypeError):
        yaml = import_extra("yaml")
        try:
            value = yaml.load(text, Loader=_loader())
        except (yaml.YAMLError, ValueError):
            return text
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return text
    return text if isinstance(value, tuple) else value


@functools.cache
def _loader():
    """PyYAML's safe loader with the scalars of YAML 1.2: to 1.1, 010 is eight, 1:30 is ninety, and no is false."""
    yaml = import_extra("yaml")

    class Loader(yaml.SafeLoader):
        yaml_implicit_resolvers: dict = {}

    number = r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?$"
    for kind, pattern in {
        "null": r"(~|null|)$",
        "bool": r"(true|false)$",
        "int": r"[-+]?[0-9]+$",
        "float": number,
    }.items():
        Loader.add_implicit_resolver(f"tag:yaml.org,2002:{kind}", re.compile(pattern, re.IGNORECASE), None)
    Loader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(loader.construct_scalar(node)))
    return Loader
