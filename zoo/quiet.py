"""TensorFlow's start without its notes on what a machine lacks, which a notebook shows as red errors."""

import importlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


def import_quietly(*modules: str) -> None:
    """Imports modules, and keeps what they write to the standard error stream meanwhile to itself.

    TensorFlow writes there from C++, before any setting of a log level can reach it. Where an
    import fails, what was written is shown after all. Once it is imported, TensorFlow's logger
    is left to speak of errors alone: its advice on tracing is meant for authors of libraries.

    Args:
        modules: their names.

    Raises:
        ImportError: there is no such module.

    Example:

    >>> import_quietly("keras", "tensorflow")
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _kept_to_itself():
        for module in modules:
            importlib.import_module(module)
    if "tensorflow" in sys.modules:
        sys.modules["tensorflow"].get_logger().setLevel("ERROR")


@contextmanager
def _kept_to_itself() -> Iterator[None]:
    """The file descriptor 2 leads to a file as long as this lasts."""
    sys.stderr.flush()
    with tempfile.TemporaryFile() as said:
        shown = os.dup(2)
        os.dup2(said.fileno(), 2)
        try:
            yield
        except BaseException:
            said.seek(0)
            os.write(shown, said.read())
            raise
        finally:
            os.dup2(shown, 2)
            os.close(shown)
