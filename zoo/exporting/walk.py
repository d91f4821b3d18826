"""Goes through a functional model, operation by operation."""

from collections.abc import Callable

import keras
from keras import tree

from seqzoo.layers.convert.model import MODELS


def walk(model: keras.Model, inputs: list, call: Callable, shaped: Callable = lambda tensor, shape: tensor) -> list:
    """Runs a model's operations in their order, by a function.

    Args:
        model: functional or Sequential. How its operations are connected, its configuration says.
        inputs: what stands for each of its inputs.
        call: `call(operation, args, kwargs)`, which gives what stands for the operation's outputs.
        shaped: `shaped(tensor, shape)`, what an operation is given of a tensor, whose shape Keras knows.

    Returns:
        What stands for each of its outputs.
    """
    if isinstance(model, keras.Sequential):
        model = keras.Model(model.inputs, model.outputs)
    config = model.get_config()
    operations = {operation.name: operation for operation in model.operations}
    made: dict[tuple, list] = {}
    for (name, *_), tensor in zip(_histories(config["input_layers"]), inputs):
        made[name, 0] = [tensor]

    def value(described):
        """What an argument is: a tensor that was made, or what its configuration says."""
        if _is_tensor(described):
            name, node, place = described["config"]["keras_history"]
            return shaped(made[name, node][place], tuple(described["config"]["shape"]))
        if isinstance(described, dict) and "class_name" in described:
            found = keras.saving.deserialize_keras_object(described)
            return keras.ops.convert_to_numpy(found) if described["class_name"] == "__tensor__" else found
        if isinstance(described, dict):
            return {key: value(each) for key, each in described.items()}
        if isinstance(described, (list, tuple)):
            return type(described)(value(each) for each in described)
        return described

    waiting = [(layer["name"], i, node) for layer in config["layers"] for i, node in enumerate(layer["inbound_nodes"])]
    while waiting:
        ready = [all(key in made for key in _needs(node)) for *_, node in waiting]
        if not any(ready):
            raise AssertionError(f"operations wait for each other: {[name for name, *_ in waiting]}")
        for (name, i, node), now in zip(waiting, ready):
            if now:
                made[name, i] = tree.flatten(call(operations[name], value(node["args"]), value(node["kwargs"])))
        waiting = [each for each, now in zip(waiting, ready) if not now]
    # A functional model within has been called once more than it says: when it was made.
    own = {name for name, operation in operations.items() if isinstance(operation, MODELS[0])}
    outputs = _histories(config["output_layers"])
    return [made[name, node - (name in own)][place] for name, node, place in outputs]


def _is_tensor(described):
    return isinstance(described, dict) and described.get("class_name") == "__keras_tensor__"


def _needs(described):
    """Which calls of which operations a call takes tensors from."""
    if _is_tensor(described):
        return [tuple(described["config"]["keras_history"][:2])]
    if isinstance(described, dict):
        return _needs(list(described.values()))
    if isinstance(described, (list, tuple)):
        return [key for each in described for key in _needs(each)]
    return []


def _histories(described):
    """Names of operations with their calls and outputs: one alone, or a list or a dictionary of them."""
    if isinstance(described, dict):
        return _histories([described[key] for key in sorted(described)])  # as Keras flattens them
    if described and isinstance(described[0], str):
        return [described]
    return [history for each in described for history in _histories(each)]
