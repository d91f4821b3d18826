from pathlib import Path

import keras
import pytest

if keras.backend.backend() == "torch":  # numbers are compared: a GPU's products in single precision
    import torch

    torch.backends.cudnn.allow_tf32 = False
elif keras.backend.backend() == "jax":
    import jax

    jax.config.update("jax_default_matmul_precision", "highest")

MAPS = Path("/proc/self/maps")


@pytest.fixture(autouse=True)
def fresh():
    """Each test starts from the same seed, and with room for JAX's programs.

    Each takes memory maps, of which Linux gives a process 65,530; without one more, JAX crashes.
    """
    keras.utils.set_random_seed(0)
    yield
    if keras.backend.backend() == "jax" and (not MAPS.exists() or MAPS.read_text().count("\n") > 6_000):
        import jax

        jax.clear_caches()
