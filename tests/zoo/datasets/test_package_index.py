import dataclasses
import hashlib
import io
import os
import shutil
import tarfile
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from seqzoo.datasets.package_index import (
    Package,
    PackageUnavailable,
    WrongDigest,
    fetch,
    read,
)

METADATA = "Metadata-Version: 2.1\nName: poems\nVersion: 1.0\n"


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A folder that is all of pip's package index."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def wheel(index):
    path = index / "poems-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("poems/words.txt", "to be")
        archive.writestr("poems-1.0.dist-info/METADATA", METADATA)
        archive.writestr(
            "poems-1.0.dist-info/WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr("poems-1.0.dist-info/RECORD", "")
    return _package(path)


@pytest.fixture
def sdist(index, tmp_path):
    """A source distribution whose build code leaves a mark when it runs."""
    path = index / "poems-1.0.tar.gz"
    setup = (
        f"open({str(tmp_path / 'ran')!r}, 'w').close()\n"
        "from setuptools import setup\n"
        "setup(name='poems', version='1.0', packages=[])\n"
    )
    nested = _tar({"poems/words.txt": b"or not to be"})
    members = {"setup.py": setup.encode(), "PKG-INFO": METADATA.encode(), "data.tar.gz": nested}
    path.write_bytes(_tar({f"poems-1.0/{name}": content for name, content in members.items()}))
    return _package(path)


def _tar(members):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def _package(path):
    return Package("poems", "1.0", path.name, hashlib.sha256(path.read_bytes()).hexdigest())


def _names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_wheel_is_fetched_whole_and_alone(wheel, tmp_path, capsys):
    archive = fetch(wheel, tmp_path / "downloads")
    assert _names(tmp_path / "downloads") == [wheel.file]
    assert read(archive, "poems/words.txt") == b"to be"
    assert capsys.readouterr().out == "Fetching poems 1.0 from the Python package index.\n"


def test_sdist_is_fetched_and_an_archive_inside_it_read(sdist, tmp_path):
    archive = fetch(sdist, tmp_path / "downloads")
    assert _names(tmp_path / "downloads") == [sdist.file]
    assert read(archive, "poems-1.0/data.tar.gz", "poems/words.txt") == b"or not to be"


def test_archive_that_is_there_needs_no_network(wheel, index, no_network, tmp_path, capsys):
    shutil.copy(index / wheel.file, tmp_path)
    assert fetch(wheel, tmp_path) == tmp_path / wheel.file
    assert capsys.readouterr().out == ""


def test_half_written_archive_is_replaced(wheel, index, tmp_path, capsys):
    half = tmp_path / wheel.file
    half.write_bytes((index / wheel.file).read_bytes()[:100])
    assert fetch(wheel, tmp_path).read_bytes() == (index / wheel.file).read_bytes()
    assert f"{half} is incomplete or altered; it will be replaced." in capsys.readouterr().out


def test_wrong_digest_is_refused(wheel, tmp_path):
    pinned = dataclasses.replace(wheel, sha256="0" * 64)
    with pytest.raises(WrongDigest) as error:
        fetch(pinned, tmp_path / "downloads")
    assert str(error.value) == (
        "The package index offers another file as poems 1.0 than the pinned one.\n"
        f"Expected: sha256 {'0' * 64}.\n"
        f"Received: sha256 {wheel.sha256}.\n"
        "To do: do not use that file; see with `python -m pip config list` which index pip "
        f"asks, or put the right {wheel.file} into {tmp_path / 'downloads'} yourself."
    )
    assert _names(tmp_path / "downloads") == []


def test_build_code_of_a_wrong_sdist_never_runs(sdist, tmp_path):
    with pytest.raises(WrongDigest):
        fetch(dataclasses.replace(sdist, sha256="0" * 64), tmp_path / "downloads")
    assert not (tmp_path / "ran").exists()


def test_no_network_is_said_within_seconds(wheel, no_network, tmp_path):
    start = time.monotonic()
    with pytest.raises(PackageUnavailable) as error:
        fetch(wheel, tmp_path / "downloads")
    assert time.monotonic() - start < 10
    message = str(error.value)
    assert message.startswith("poems 1.0 could not be fetched from the Python package index.")
    assert f"Expected: pip to download {wheel.file}." in message
    assert "Connection refused" in message
    assert f"put {wheel.file} into {tmp_path / 'downloads'} yourself" in message
    assert _names(tmp_path / "downloads") == []


def test_unknown_version_is_said(wheel, tmp_path):
    with pytest.raises(PackageUnavailable, match=r"poems==2.0 \(from versions: 1.0\)"):
        fetch(dataclasses.replace(wheel, version="2.0"), tmp_path)


def test_fetching_at_once_is_safe(wheel, tmp_path):
    with ThreadPoolExecutor() as pool:
        archives = list(pool.map(lambda _: fetch(wheel, tmp_path / "downloads"), range(3)))
    assert set(archives) == {tmp_path / "downloads" / wheel.file}
    assert _names(tmp_path / "downloads") == [wheel.file]


def test_a_module_in_the_working_folder_does_not_reach_pip(wheel, tmp_path, monkeypatch):
    (tmp_path / "logging.py").write_text("raise SystemExit('shadowed')")
    monkeypatch.chdir(tmp_path)
    assert fetch(wheel, tmp_path / "downloads").exists()


def test_missing_member_is_said(wheel, index):
    with pytest.raises(FileNotFoundError, match="Expected: a member 'poems/rhymes.txt'."):
        read(index / wheel.file, "poems/rhymes.txt")
