import pytest


@pytest.fixture(scope="module", autouse=True)
def graphs_run_as_they_are_made(unoptimised_graphs):
    pass
