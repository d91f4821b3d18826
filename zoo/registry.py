"""The zoo's tasks and models by name."""

import importlib
import pkgutil
import warnings
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

    from seqzoo.runs.runner import Run
    from seqzoo.task import Task
    from seqzoo.task_model import TaskModel

MODEL_FILE = "model.keras"  # in a run's folder


def list_tasks() -> list[str]:
    """The names of the tasks: the folders of `seqzoo.tasks`.

    Example:

    >>> "sentiment" in list_tasks()
    True
    """
    folders = pkgutil.iter_modules(importlib.import_module("seqzoo.tasks").__path__)
    return sorted(folder.name for folder in folders if folder.ispkg)


def list_models() -> list[str]:
    """The old name of `list_tasks`.

    Example:

    >>> list_models() == list_tasks()  # doctest: +SKIP
    True
    """
    warnings.warn("seqzoo.list_models is now called seqzoo.list_tasks.", DeprecationWarning, stacklevel=2)
    return list_tasks()


def get_task(name: str) -> "Task":
    """A task: its data, its model, the recipe and the figures.

    Raises:
        Refused: no task has this name.

    Example:

    >>> get_task("sentiment").architecture
    'many-to-one'
    """
    from seqzoo import door  # NumPy comes with it: the command `seqzoo` answers without

    door.choose("the name of a task", name, list_tasks())
    return importlib.import_module(f"seqzoo.tasks.{name}").task


def create_model(name: str, **options: Any) -> "TaskModel":
    """Builds a task's model, compiled and ready to fit.

    Args:
        name: one of `list_tasks()`.
        **options: the task's own options, such as `cell`, `dataset`, `labels` or `units`;
            see `help(seqzoo.get_task(name).create_model)`. Those that are not given are as the
            recipe of `dataset` says: `seqzoo.get_task(name).recipe_of(dataset)`.

    Returns:
        A compiled `TaskModel`, a Keras model that takes the task's raw examples.

    Raises:
        Refused: no task has this name, or an option has a wrong value.
        TypeError: the task has no such option.

    Example:

    >>> model = create_model("sentiment", cell="gru", texts=["a good film", "a bad film"])
    >>> model.predict(["a good film"], verbose=0).shape
    (1, 1)
    """
    return get_task(name).create_model(**options)


def load_model(file: "str | Path | Run") -> "keras.Model":
    """Loads a model that a run kept, or one that was saved with `model.save("name.keras")`.

    It makes the zoo's layers and models known to Keras and loads in safe mode. A model that
    holds only `seqzoo.layers` loads with `keras.models.load_model` once they are imported.

    Args:
        file: path of the `.keras` file or of a run's folder; or what `run_notebook` returned.

    Returns:
        The model, compiled as it was.

    Raises:
        Refused: there is no such file, or the folder holds no model.

    Example:

    >>> import tempfile
    >>> file = tempfile.mkdtemp() + "/sentiment.keras"
    >>> create_model("sentiment", texts=["good", "good"]).save(file)
    >>> load_model(file).name
    'sentiment'
    """
    from seqzoo.door import Refused

    expected = "a .keras file, or the folder of a run that kept its model"
    given = getattr(file, "folder", file)
    if not isinstance(given, (str, Path)):
        raise Refused(expected, repr(file), "give the path of one")
    path = Path(given)
    path = path / MODEL_FILE if path.is_dir() else path
    if not path.exists():
        to_do = "give one that exists; a run keeps its model when it reaches its end"
        raise Refused(expected, f"{path}, which is not there", to_do)
    damaged = Refused(expected, f"{path}, which is no .keras file, or not a whole one", "save the model once more")
    if not _holds_a_model(path):
        raise damaged
    import keras

    make_known()
    try:
        return keras.models.load_model(path, safe_mode=True)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:  # found where it is read
        raise damaged from error


def _holds_a_model(path):
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as file:
        return "config.json" in file.namelist()


def make_known() -> None:
    """Makes the zoo's layers and models known to Keras, which loads no others.

    Example:

    >>> import keras
    >>> make_known()
    >>> keras.saving.get_registered_object("seqzoo>Classifier").__name__
    'Classifier'
    """
    importlib.import_module("seqzoo.layers")
    for name in list_tasks():
        get_task(name)
