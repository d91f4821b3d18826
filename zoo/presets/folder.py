"""A preset: a folder with a model's configuration, its preprocessor, its weights and what is known of them."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata as distributions
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqzoo.wording import did_you_mean, three_lines

if TYPE_CHECKING:
    from seqzoo.task_model import TaskModel

SHIPPED = Path(__file__).parent
CONFIG, PREPROCESSOR, WEIGHTS = FILES = ("config.json", "preprocessor.json", "model.weights.h5")
METADATA, CARD, PART = "metadata.json", "README.md", "model.weights.part"
FORMAT = 1
DTYPES = ("float32", "float16")


class PresetError(ValueError):
    """There is no such preset, or its folder is not what was written."""

    def __init__(self, expected: str, received: str, to_do: str):
        super().__init__(three_lines(expected, received, to_do))


def list_presets() -> list[str]:
    """The names of the presets that come with seqzoo.

    Example:

    >>> "dna_gru" in list_presets()
    True
    """
    return sorted(file.parent.name for file in SHIPPED.glob(f"*/{METADATA}"))


def find_preset(preset: str | Path) -> Path:
    """The folder of a preset, by its name or its path.

    Raises:
        PresetError: there is none.
    """
    if isinstance(preset, (str, Path)):
        for folder in (SHIPPED / preset, Path(preset)):
            if (folder / METADATA).is_file():
                return folder
    raise PresetError(
        f"a folder that save_to_preset wrote, or one of {', '.join(list_presets())}",
        repr(str(preset)),
        f"choose one of these.{did_you_mean(preset, list_presets())}",
    )


def read_metadata(preset: str | Path) -> dict[str, Any]:
    """What is known of a preset: task, parameters, dtype, versions, digests, and the run it was made from.

    Args:
        preset: a name out of `list_presets()`, or the path of a folder.

    Raises:
        PresetError: there is none, or a later seqzoo wrote it.

    Example:

    >>> read_metadata("dna_gru")["run"]["metric"]
    'accuracy'
    """
    folder = find_preset(preset)
    try:
        known = json.loads((folder / METADATA).read_text(encoding="utf-8"))
        form, digests = known["format"], known["sha256"]
    except (ValueError, KeyError, TypeError) as error:
        raise PresetError(f"{METADATA} as save_to_preset writes it", f"{folder / METADATA}", "get it anew") from error
    if form != FORMAT or set(digests) != set(FILES):
        raise PresetError(f"a preset of format {FORMAT}", f"format {form!r} in {folder}", "update seqzoo")
    return known


def from_preset(preset: str | Path) -> "TaskModel":
    """Loads a trained model, compiled, with its preprocessor.

    The folder's files are held against their digests, and nothing is loaded but classes of Keras
    and those that are registered with it, in safe mode.

    Args:
        preset: a name out of `list_presets()`, or the path of a folder that `model.save_to_preset` wrote.

    Returns:
        The model: `model.answer(raw)` answers, `model.fit` trains on.

    Raises:
        PresetError: there is none, a file is not the one that was written, or a class is not known.

    Example:

    >>> model = from_preset("dna_gru")
    >>> model.labels
    ('EI', 'IE', 'N')
    """
    import keras

    from seqzoo.registry import make_known

    folder = find_preset(preset)
    for name, digest in read_metadata(folder)["sha256"].items():
        _require_digest(folder / name, digest)
    make_known()
    config, preprocessor = (json.loads((folder / name).read_text(encoding="utf-8")) for name in (CONFIG, PREPROCESSOR))
    _require_task_model(config)
    for part in (config, preprocessor):
        _require_known_classes(part)
    config["config"]["preprocessor"] = preprocessor
    model = keras.saving.deserialize_keras_object(config, safe_mode=True)
    model.network.load_weights(folder / WEIGHTS)
    return model


def save_to_preset(
    model: "TaskModel", folder: str | Path, dtype: str = "float32", facts: Mapping[str, Any] | None = None
) -> Path:
    """Writes a model into a folder, for `from_preset`; `model.save_to_preset(folder)` does it.

    Args:
        model: of any task.
        folder: made where it is missing; an earlier preset in it is replaced.
        dtype: `"float16"` keeps the weights in half the room, and rounds them.
        facts: what else to note in `metadata.json`, in JSON's kinds.

    Returns:
        The folder.

    Raises:
        Refused: no such dtype.
        PresetError: the folder holds other things.
    """
    import keras

    from seqzoo.door import choose

    choose("dtype", dtype, DTYPES)
    folder = Path(folder)
    require_room(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / METADATA).unlink(missing_ok=True)  # first, and written last: what is cut off in between does not load
    config = keras.saving.serialize_keras_object(model)
    preprocessor = config["config"].pop("preprocessor")
    for name, part in ((CONFIG, config), (PREPROCESSOR, preprocessor)):
        write_json(folder / name, part)
    model.network.save_weights(folder / WEIGHTS)
    _pack(folder / WEIGHTS, dtype)
    known = {
        "format": FORMAT,
        "task": model.name,
        "parameters": model.network.count_params(),
        "dtype": dtype,
        "created": datetime.now(UTC).date().isoformat(),
        "versions": {name: distributions.version(name) for name in ("seqzoo", "keras")},
        **(facts or {}),
        "sha256": {name: _digest(folder / name) for name in FILES},
    }
    write_json(folder / METADATA, known)
    return folder


def require_room(folder: Path) -> None:
    """Refuses a folder that holds more than a preset, whole or cut off.

    Raises:
        PresetError: it does.
    """
    other = {file.name for file in folder.iterdir()} - {*FILES, METADATA, CARD, PART} if folder.exists() else set()
    if other:
        raise PresetError("a new folder, or that of a preset", f"{folder}, with {min(other)} in it", "name another")


def size(preset: str | Path) -> int:
    """The bytes of a preset, its card left out."""
    return sum((find_preset(preset) / name).stat().st_size for name in (*FILES, METADATA))


def write_json(file: Path, value: Any) -> None:
    """Writes a file that people read too."""
    file.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _digest(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _require_digest(file, digest):
    found = _digest(file) if file.is_file() else "no file"
    if found != digest:
        raise PresetError(f"{file.name} with the sha256 {digest}", f"{found} at {file}", "get the preset anew")


def _pack(file, dtype):
    """Compresses a file of weights; those that half precision can hold are rounded to it where that is asked."""
    import h5py
    import numpy as np

    part = file.with_name(PART)
    with h5py.File(file) as whole, h5py.File(part, "w") as packed:

        def copy(name, item):
            if isinstance(item, h5py.Group):
                copied = packed.require_group(name)
            else:
                values = item[()]
                if dtype == "float16" and item.dtype == np.float32 and np.abs(values).max(initial=0) < 6e4:
                    values = values.astype("float16")
                squeeze = {"compression": "gzip", "compression_opts": 9, "shuffle": True} if item.ndim else {}
                copied = packed.create_dataset(name, data=values, **squeeze)
            for key, value in item.attrs.items():
                copied.attrs[key] = value

        whole.visititems(copy)
        for key, value in whole.attrs.items():
            packed.attrs[key] = value
    part.replace(file)


def _require_task_model(config):
    import keras

    from seqzoo.task_model import TaskModel

    name = config.get("registered_name") if isinstance(config, dict) else None
    found = keras.saving.get_registered_object(name) if name else None
    if not (isinstance(found, type) and issubclass(found, TaskModel)):
        raise PresetError(f"a model of a task in {CONFIG}", repr(name), "get the preset anew")


def _require_known_classes(config):
    """Refuses, before anything is made, a class that is neither Keras's nor registered."""
    import keras

    if isinstance(config, list):
        for part in config:
            _require_known_classes(part)
    if not isinstance(config, dict):
        return
    if "class_name" in config and "config" in config:
        module, name = config.get("module"), config.get("registered_name") or config["class_name"]
        if config["class_name"] == "function":
            name = config["config"]
        keras_own = module in (None, "builtins") or str(module).split(".")[0] == "keras"
        if config["class_name"] == "__lambda__" or not (keras_own or keras.saving.get_registered_object(name)):
            raise PresetError(
                "classes of Keras, or registered ones",
                f"{module}.{config['class_name']}",
                "import the module that defines and registers it first, if you trust it",
            )
    for part in config.values():
        _require_known_classes(part)
