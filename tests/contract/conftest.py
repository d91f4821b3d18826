import keras
import pytest

import seqzoo
from small import small_model


@pytest.fixture(scope="session")
def fitted():
    """Gives a task's model after an epoch; made once for each task and cell."""
    models = {}

    def model(name, cell="gru"):
        if (name, cell) not in models:
            models[name, cell] = small_model(name, cell)
            own = seqzoo.get_task(name).own_data()
            models[name, cell].fit(own.x, own.y, verbose=0)
        return models[name, cell]

    return model


@pytest.fixture(scope="session", autouse=True)
def compiled_programs(tmp_path_factory):
    """JAX compiles for each new model: let it find on disk what it has compiled for one alike."""
    if keras.backend.backend() == "jax":
        import jax

        jax.config.update("jax_compilation_cache_dir", str(tmp_path_factory.mktemp("jax")))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


@pytest.fixture(autouse=True)
def same_seed():
    keras.utils.set_random_seed(0)
