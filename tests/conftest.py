import pytest


@pytest.fixture(scope="session")
def mini_data_dir(tmp_path_factory):
    """A data_dir with movie_snippets prepared from the real package."""
    from seqzoo.datasets import sources
    from seqzoo.tasks.sentiment.dataset import MOVIE_SNIPPETS

    data_dir = tmp_path_factory.mktemp("tfds")
    sources.prepare(MOVIE_SNIPPETS, data_dir)
    return data_dir
