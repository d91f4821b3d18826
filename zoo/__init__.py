"""seqzoo: recurrent networks for Keras 3.

`seqzoo.layers` holds the cells as the course notes write them, `seqzoo.create_model` the
models of the zoo, `seqzoo.many_to_one` and its like the architectures. Keras is imported
when the first of them is used, so that the command `seqzoo` answers at once.
"""

import importlib
from importlib.metadata import version

from seqzoo.presets import from_preset, list_presets
from seqzoo.registry import create_model, get_task, list_tasks, load_model
from seqzoo.registry import list_models as list_models  # its old name

__version__ = version("seqzoo")
_ARCHITECTURES = (
    "encoder_decoder",
    "fit_long",
    "many_to_many",
    "many_to_one",
    "one_to_many",
    "one_to_one",
)
_PACKAGES = ("architectures", "datasets", "decoding", "layers", "tasks")
__all__ = [
    "create_model",
    "export",
    "from_preset",
    "get_task",
    "layers",
    "list_presets",
    "list_tasks",
    "load_model",
    *_ARCHITECTURES,
]


def __getattr__(name):
    if name in _ARCHITECTURES:
        return getattr(importlib.import_module("seqzoo.architectures"), name)
    if name == "export":
        return importlib.import_module("seqzoo.exporting.export").export
    if name in _PACKAGES:
        return importlib.import_module(f"seqzoo.{name}")
    raise AttributeError(f"module 'seqzoo' has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *__all__])
