"""Packages that come with `seqzoo[notebooks]` only, imported when they are needed."""

import importlib
from types import ModuleType


class MissingExtraError(ImportError):
    """The packages of `seqzoo[notebooks]` are not installed."""


def import_extra(module: str) -> ModuleType:
    """Imports a module that only runs of notebooks need.

    Raises:
        MissingExtraError: it is not installed; says what to install.

    Example:

    >>> import_extra("no_such_module")
    Traceback (most recent call last):
    seqzoo.extras.MissingExtraError: Running notebooks needs packages that are not installed ...
    Install them: pip install "seqzoo[notebooks]"
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtraError(
            f"Running notebooks needs packages that are not installed ({error}).\n"
            'Install them: pip install "seqzoo[notebooks]"'
        ) from error
