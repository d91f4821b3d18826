import os
import shutil

import pytest

from seqzoo.tasks.sentiment import movie_snippets


@pytest.fixture
def archive_data_dir(mini_data_dir, tmp_path):
    """A data_dir that holds the downloaded archive and nothing else."""
    (tmp_path / "downloads").mkdir()
    archive = mini_data_dir / "downloads" / movie_snippets.PACKAGE.file
    shutil.copy(archive, tmp_path / "downloads")
    return tmp_path


@pytest.fixture
def no_network(monkeypatch):
    """pip asks an index that refuses every connection, and no other."""
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.delenv("PIP_NO_INDEX", raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
