"""Whether somebody is at work in a run's folder.

Whoever runs there holds its `kernel.log`: the runner, and its kernel, which writes to it. The system
lets go of it when both are dead, however they died.
"""

from pathlib import Path
from typing import BinaryIO

try:
    import fcntl
except ImportError:  # Windows: nothing is held
    fcntl = None

KERNEL_LOG = "kernel.log"


def hold(folder: Path) -> BinaryIO | None:
    """A folder's log, open and held until it is closed; None where it is held already, or cannot be.

    Example:

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> first = hold(folder)
    >>> hold(folder) is None
    True
    """
    if fcntl is None:
        return None
    try:
        log = (folder / KERNEL_LOG).open("ab")
    except OSError:
        return None
    try:
        fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return log
    except OSError:
        log.close()
        return None


def is_left(folder: Path) -> bool:
    """Whether a run that has not ended is left there with nobody at work, as after a kill.

    Example:

    >>> is_left(Path("no/such/folder"))
    False
    """
    log = hold(folder) if (folder / KERNEL_LOG).exists() else None
    if log is not None:
        log.close()
    return log is not None
