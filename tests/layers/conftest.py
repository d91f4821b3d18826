import keras
import pytest


@pytest.fixture(scope="session", autouse=True)
def compiled_loops(tmp_path_factory):
    """JAX compiles the loop of every eager call anew: let it find on disk what it has compiled."""
    if keras.backend.backend() == "jax":
        import jax

        jax.config.update("jax_compilation_cache_dir", str(tmp_path_factory.mktemp("jax")))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


@pytest.fixture(autouse=True)
def fresh():
    """Each test starts from the same seed, and leaves no program of JAX's in memory.

    Thousands of them use up the memory maps that a process may have, and JAX crashes.
    """
    keras.utils.set_random_seed(0)
    yield
    if keras.backend.backend() == "jax":
        import jax

        jax.clear_caches()
