"""From the docstrings, as people read them in a terminal, to what Sphinx reads."""

import re

SECTION = re.compile(r"[A-Z][a-z ]+:$")
EQUATION = re.compile(r"\S[^`]* = [^`]*$")
SEVERAL = "Gives"  # in place of Returns where several things are, each with its name


def ready(app, what, name, thing, options, lines: list[str]) -> None:
    """Sphinx's `autodoc-process-docstring`: before napoleon reads the sections."""
    lines[:] = read(lines)


def read(lines: list[str]) -> list[str]:
    """A docstring's lines: equations keep their lines, bars are bars, and what is returned by name is a list.

    >>> read(["Some |y|.", "", "a⟨t⟩ = 1", "c⟨t⟩ = 2", "", "Returns:", "    a: one.", "    b: two."])
    ['Some \\\\|y\\\\|.', '', '| a⟨t⟩ = 1', '| c⟨t⟩ = 2', '', 'Gives:', '    a: one.', '    b: two.']
    """
    first_section = next((place for place, line in enumerate(lines) if SECTION.match(line)), len(lines))
    text = [_bars(line) for line in lines[:first_section]]
    return _equations(text) + _returns(lines[first_section:])


def _bars(line):
    parts = line.split("`")  # every other one is code
    return "`".join(part if place % 2 else part.replace("|", r"\|") for place, part in enumerate(parts))


def _equations(lines):
    blocks = re.split(r"\n\s*\n", "\n".join(lines))
    for place, block in enumerate(blocks):
        each = block.split("\n")
        if each != [""] and all(EQUATION.match(line) and "⟨" in block for line in each if line):
            blocks[place] = "\n".join(f"| {line}" if line else line for line in each)
    return "\n\n".join(blocks).split("\n")


def _returns(lines):
    if "Returns:" not in lines:
        return lines
    at = lines.index("Returns:")
    end = next((i for i in range(at + 1, len(lines)) if lines[i] and not lines[i].startswith(" ")), len(lines))
    named = [line for line in lines[at + 1 : end] if re.match(r"    [a-z]\w*: ", line)]
    return [*lines[:at], SEVERAL + ":", *lines[at + 1 :]] if len(named) > 1 else lines
