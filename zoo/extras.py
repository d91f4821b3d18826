"""Packages that come with an extra, such as `seqzoo[notebooks]`, imported when they are needed."""

import importlib
from types import ModuleType

NEEDS = {"notebooks": "Running notebooks", "export": "Exporting models"}


class MissingExtraError(ImportError):
    """The packages of an extra are not installed."""


def import_extra(module: str, extra: str = "notebooks") -> ModuleType:
    """Imports a module that comes with an extra.

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
            f"{NEEDS[extra]} needs packages that are not installed ({error}).\n"
            f'Install them: pip install "seqzoo[{extra}]"'
        ) from error
