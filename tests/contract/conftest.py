import functools

import keras
import pytest

import seqzoo
from small import small_model


@pytest.fixture(scope="session")
def fitted():
    """Gives a task's model after an epoch; made once for each task."""
    batch_size = 2 if keras.backend.backend() == "tensorflow" else None  # JAX compiles for each size

    @functools.cache
    def made(name):
        model = small_model(name)
        plain, model.traces = model.train_step, []
        model.train_step = lambda *args: model.traces.append(1) or plain(*args)
        own = seqzoo.get_task(name).own_data()
        model.fit(own.x, own.y, batch_size=batch_size, verbose=0)
        return model

    return made


@pytest.fixture(scope="session")
def untrained():
    """Gives a task's model for tests that leave its weights as they are, without a graph."""

    @functools.cache
    def made(name):
        model = small_model(name)
        model.run_eagerly = True
        return model

    return made


@pytest.fixture(autouse=True)
def same_seed():
    keras.utils.set_random_seed(0)
