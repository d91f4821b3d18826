"""Files that want to run code when they are loaded do not: models, presets, and what lies beside exported ones."""

import base64
import json
import marshal
import pickle
import zipfile

import keras
import numpy as np
import pytest

import seqzoo
from seqzoo.presets import folder

NUMBERS = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
BIRDS = {**{name: np.ones(4) for name in NUMBERS}, "island": ["Dream"] * 4, "sex": ["male"] * 4}


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    model = seqzoo.from_preset("one_to_one_rnn")
    here = tmp_path_factory.mktemp("saved")
    model.save(here / "model.keras")
    return here / "model.keras"


def touching(marker):
    """Ways of writing down "make this file" in a configuration."""
    command = f"touch {marker}"
    code = compile(f"lambda *_: open({str(marker)!r}, 'w')", "code", "eval").co_consts[0]
    encoded = base64.b64encode(marshal.dumps(code)).decode()
    made = {
        "a class of os": {"module": "os", "class_name": "system", "config": {"command": command}},
        "Popen": {"module": "subprocess", "class_name": "Popen", "config": {"args": command, "shell": True}},
        "Path": {"module": "pathlib", "class_name": "Path", "config": str(marker)},
        "eval": {"module": "builtins", "class_name": "eval", "config": f"open({str(marker)!r}, 'w')"},
        "a function of os": {"module": "os", "class_name": "function", "config": "system"},
        "a function of builtins": {"module": "builtins", "class_name": "function", "config": "exec"},
        "a function that fetches files": {"module": "keras.utils", "class_name": "function", "config": "get_file"},
        "a switch of Keras": {"module": "keras.config", "class_name": "enable_unsafe_deserialization", "config": {}},
        "a lambda": {"class_name": "__lambda__", "config": {"value": encoded, "defaults": None, "closure": None}},
        "a Lambda layer": {
            "module": "keras.layers",
            "class_name": "Lambda",
            "config": {"function": {"class_name": "__lambda__", "config": {"code": encoded}}, "arguments": {}},
        },
        "a pickled module": {
            "module": "keras.layers",
            "class_name": "TorchModuleWrapper",
            "config": {"module": base64.b64encode(pickle.dumps(Touch(marker))).decode()},
        },
        "a false name": {
            "module": "os",
            "class_name": "system",
            "registered_name": "seqzoo>GRUCell>system",
            "config": {"command": command},
        },
    }
    return {name: {"registered_name": None, **config} for name, config in made.items()}


class Touch:
    def __init__(self, marker):
        self.marker = str(marker)

    def __reduce__(self):
        return open, (self.marker, "w")


def layer_of(config, kind):
    layers = config["config"]["network"]["config"]["layers"]
    return next(layer for layer in layers if layer["class_name"] == kind)


def cell_of(config):
    return layer_of(config, "RNN")["config"]["cell"]


PLACES = {
    "the model": lambda config, hostile: config.clear() or config.update(hostile),
    "the network": lambda config, hostile: config["config"].update(network=hostile),
    "the preprocessor": lambda config, hostile: config["config"].update(preprocessor=hostile),
    "a layer": lambda config, hostile: layer_of(config, "OutputUnit").update(hostile),
    "a cell": lambda config, hostile: cell_of(config).update(hostile),
    "an activation": lambda config, hostile: cell_of(config)["config"].update(activation=hostile),
    "an initializer": lambda config, hostile: cell_of(config)["config"].update(kernel_initializer=hostile),
    "the loss": lambda config, hostile: config["compile_config"].update(loss=hostile),
    "the optimizer": lambda config, hostile: config["compile_config"].update(optimizer=hostile),
    "a metric": lambda config, hostile: config["compile_config"].update(metrics=[hostile]),
}


def altered(file, new, alter):
    """A copy of a .keras file with another configuration."""
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(new, "w") as out:
        for name in old.namelist():
            content = old.read(name)
            if name == "config.json":
                config = json.loads(content)
                alter(config)
                content = json.dumps(config)
            out.writestr(name, content)
    return new


def used(model):
    """Loaded and called: what does not run when it is loaded may run then."""
    return model.predict(BIRDS, verbose=0)


def test_the_same_file_unaltered_is_used(saved, tmp_path):
    file = altered(saved, tmp_path / "model.keras", lambda config: None)
    assert len(used(seqzoo.load_model(file))) == 4


@pytest.mark.parametrize("way", touching("nothing"))
@pytest.mark.parametrize("place", PLACES)
def test_a_model_that_wants_to_run_code_is_refused(saved, tmp_path, place, way):
    marker = tmp_path / "marker"
    hostile = touching(marker)[way]
    file = altered(saved, tmp_path / "model.keras", lambda config: PLACES[place](config, hostile))
    with pytest.raises(Exception):  # noqa: B017, Keras has many kinds
        used(seqzoo.load_model(file))
    assert not marker.exists()
    with pytest.raises(ValueError, match="safe_mode|Lambda|lambda"):  # still on
        keras.saving.deserialize_keras_object(touching(marker)["a lambda"])


def test_a_model_does_not_read_other_files(saved, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret\n")
    lookup = {"module": "keras.layers", "class_name": "StringLookup", "registered_name": None}
    lookup["config"] = {"name": "lookup", "vocabulary": str(secret)}
    file = altered(saved, tmp_path / "model.keras", lambda config: PLACES["a layer"](config, lookup))
    with pytest.raises(Exception):  # noqa: B017
        seqzoo.load_model(file)


@pytest.mark.parametrize("name", ["../evil.py", "/tmp/../evil.py", "assets/../../evil.py"])
def test_a_file_in_a_model_stays_in_it(saved, tmp_path, name):
    below = tmp_path / "below"
    below.mkdir()
    file = altered(saved, below / "model.keras", lambda config: None)
    with zipfile.ZipFile(file, "a") as out:
        out.writestr(name, "evil")
    try:
        seqzoo.load_model(file)
    except (ValueError, OSError):
        pass
    assert not list(tmp_path.rglob("evil.py"))


@pytest.mark.parametrize("place", ["the network", "the preprocessor", "a cell", "an activation", "the loss"])
@pytest.mark.parametrize("way", touching("nothing"))
def test_a_preset_that_wants_to_run_code_is_refused(saved, tmp_path, place, way):
    marker = tmp_path / "marker"
    preset = seqzoo.load_model(saved).save_to_preset(tmp_path / "preset")
    config, preprocessor = (json.loads((preset / name).read_text()) for name in (folder.CONFIG, folder.PREPROCESSOR))
    config["config"]["preprocessor"] = preprocessor
    PLACES[place](config, touching(marker)[way])
    preprocessor = config["config"].pop("preprocessor")
    for name, part in ((folder.CONFIG, config), (folder.PREPROCESSOR, preprocessor)):
        (preset / name).write_text(json.dumps(part))
    known = json.loads((preset / folder.METADATA).read_text())
    known["sha256"] = {name: folder._digest(preset / name) for name in folder.FILES}  # whoever alters one alters all
    (preset / folder.METADATA).write_text(json.dumps(known))
    with pytest.raises(Exception):  # noqa: B017
        used(seqzoo.from_preset(preset))
    assert not marker.exists()
