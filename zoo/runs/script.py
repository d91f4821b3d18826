"""Whether the script that runs may be imported by the processes that it starts."""

import ast
import sys
from pathlib import Path

from seqzoo.runs.runner import RunError

GUARD = 'if __name__ == "__main__":'


def require_guarded_script() -> None:
    """Refuses a call from the top of a script, which each worker would import, and so call again.

    Raises:
        RunError: the call is not below `if __name__ == "__main__":`.

    Example:

    >>> require_guarded_script()  # called by no script
    """
    frame = sys._getframe()
    while frame and not (frame.f_code.co_name == "<module>" and frame.f_globals.get("__name__") == "__main__"):
        frame = frame.f_back
    file = Path(frame.f_code.co_filename) if frame else None
    if file is None or not file.is_file():  # a notebook, or a line typed at a prompt
        return
    line = frame.f_lineno
    for part in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(part, ast.If) and "__name__" in ast.unparse(part.test) and part.lineno <= line <= part.end_lineno:
            return
    raise RunError(
        f"Expected {GUARD} above the call, because the workers import the script.\n"
        f"Received: {file}, line {line}, without it.\n"
        f"To do: write {GUARD} and put the call below it, indented."
    )
