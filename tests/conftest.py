import os
import tempfile

import pytest

if "PYTEST_XDIST_WORKER" in os.environ:  # a worker for each core: more threads only get in each other's way
    for threads in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(threads, "1")

if "JAX_COMPILATION_CACHE_DIR" not in os.environ:  # what one test, worker or process compiles, all others find
    programs = tempfile.TemporaryDirectory(prefix="jax", ignore_cleanup_errors=True)
    os.environ["JAX_COMPILATION_CACHE_DIR"] = programs.name
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")


def pytest_configure(config):
    """The longest files have few tests: in pytest-xdist's own order, by their number, they come last, on one core."""
    config.option.loadscopereorder = False


@pytest.fixture(scope="session")
def mini_data_dir(tmp_path_factory):
    """A data_dir with movie_snippets prepared from the real package."""
    from seqzoo.datasets import sources
    from seqzoo.tasks.sentiment.dataset import MOVIE_SNIPPETS

    data_dir = tmp_path_factory.mktemp("tfds")
    sources.prepare(MOVIE_SNIPPETS, data_dir)
    return data_dir
