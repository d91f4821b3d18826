"""What of a model leaves: its network, and what writes or reads one step at a time, with states as arguments."""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import tree

from seqzoo.architectures import EncoderDecoder
from seqzoo.architectures.one_to_many import OneToMany
from seqzoo.exporting.flat import flat
from seqzoo.exporting.walk import walk
from seqzoo.layers import RNN
from seqzoo.layers.rnn import again


@dataclass
class Program:
    """A functional model, and the names of its outputs in a file."""

    model: keras.Model
    outputs: list[str]

    @property
    def inputs(self) -> list[str]:
        return [tensor.name for tensor in self.model.inputs]


def programs(network: keras.Model) -> dict[str, Program]:
    """The programs of a network, by their names.

    `model` is the network; none where a decoder with input feeding has no whole to run. What writes one
    symbol after another has `start`, from an example to states, and `step`, from a token and the states
    to logits and the states after it. Where every layer reads forwards, `stream` takes the next steps of
    a sequence, one or more, and the states.

    States are inputs `state_0`, `state_1` … and outputs `after_0`, `after_1` …; those that a
    step leaves as they are have no output.

    Args:
        network: a functional or Sequential model; it is left as it is.

    Example:

    >>> from seqzoo import many_to_one
    >>> found = programs(many_to_one((None, 3), outputs=2, cell="lstm", units=4))
    >>> found["stream"].inputs[1:], found["stream"].outputs
    (['state_0', 'state_1'], ['output', 'after_0', 'after_1'])
    """
    writes, network = isinstance(network, (EncoderDecoder, OneToMany)), copied(network)
    network = network if writes else flat(network)
    found = {} if _is_fed(network) else {"model": Program(network, _output_names(network))}
    if writes:
        start = _start(network)
        found["start"] = Program(start, [f"state_{i}" for i in range(len(start.outputs))])
        found["step"] = _step(network, start)
    elif _reads_forwards(network):
        found["stream"] = _stream(copied(network))
    return found


def _is_fed(network):
    return isinstance(network, EncoderDecoder) and getattr(network.decoder, "input_feeding", False)


def copied(network: keras.Model) -> keras.Model:
    """A copy with the same weights: a layer that is called once more would remember it."""
    if isinstance(network, keras.Sequential):
        network = keras.Model(network.inputs, network.outputs, name=network.name)
    copy = type(network).from_config(network.get_config())
    copy.set_weights(network.get_weights())
    return copy


def _output_names(network):
    outputs = tree.flatten(network.outputs)
    return ["output"] if len(outputs) == 1 else [f"output_{i}" for i in range(len(outputs))]


def _start(network):
    if isinstance(network, EncoderDecoder):
        return network.encoder
    x1 = network.get_layer("x1").output
    a, states = keras.ops.expand_dims(x1, 1), []
    for layer in network.layers:
        if isinstance(layer, RNN):
            a, *after = again(layer, return_sequences=True, return_state=True, stateful=False)(a)
            states += after
    return keras.Model(keras.utils.get_source_inputs(x1), states, name="start")


def _step(network, start):
    tokens = keras.Input((), dtype="int32", name="tokens")
    states = [
        keras.Input(batch_shape=state.shape, dtype=state.dtype, name=f"state_{i}")
        for i, state in enumerate(start.outputs)
    ]
    step = network.decoder.step if isinstance(network, EncoderDecoder) else network.step
    logits, after = step(tokens, states)
    changed = [i for i, (old, new) in enumerate(zip(states, after)) if old is not new]
    used = [state for state in states if _is_used(state, [logits, *(after[i] for i in changed)])]
    model = keras.Model([tokens, *used], [logits, *(after[i] for i in changed)], name="step")
    return Program(model, ["logits", *(f"after_{i}" for i in changed)])


def _is_used(state, outputs):
    return any(state is source for output in outputs for source in keras.utils.get_source_inputs(output))


# What makes each step of its own step alone; and the operations that masks are made of.
STEPWISE = (
    keras.layers.InputLayer, keras.layers.Embedding, keras.layers.Dense, keras.layers.Dropout,
    keras.layers.GaussianNoise, keras.layers.Masking, keras.layers.Activation, keras.layers.Rescaling,
    keras.layers.Add, keras.layers.Concatenate, keras.layers.LayerNormalization,
)  # fmt: skip
OF_MASKS = ("NotEqual", "Any", "LogicalOr", "ExpandDims", "ZerosLike", "Concatenate")


def _reads_forwards(network):
    operations = network.operations
    recurrent = [each for each in operations if isinstance(each, RNN) and type(each).call is RNN.call]
    others = [each for each in operations if each not in recurrent]
    return (
        bool(recurrent)
        and all(tensor.shape[1:2] == (None,) for tensor in network.inputs)
        and not any(layer.go_backwards or layer.stateful or layer.return_state for layer in recurrent)
        and not _is_given_states(network)
        and all(map(_is_stepwise, others))
    )


def _is_given_states(network):
    """Whether a recurrent layer begins with states that the network makes."""
    recurrent = {layer.name for layer in network.layers if isinstance(layer, keras.layers.RNN)}
    layers = [layer for layer in network.get_config()["layers"] if layer["name"] in recurrent]
    calls = [call for layer in layers for call in layer["inbound_nodes"]]
    return any(len(call["args"]) > 1 or call["kwargs"].get("initial_state") is not None for call in calls)


def _is_stepwise(operation):
    name, rank = type(operation).__name__, len(operation.output.shape)
    if name in ("Concatenate", "LayerNormalization") and not _within_steps(operation.axis, rank):
        return False
    if name == "Add" and any(len(tensor.shape) != rank for tensor in tree.flatten(operation.input)):
        return False
    if not isinstance(operation, keras.layers.Layer):
        return name in OF_MASKS and (operation.output.dtype == "bool" or name == "ZerosLike")
    return any(isinstance(operation, kind) and type(operation).call is kind.call for kind in STEPWISE)


def _within_steps(axes, rank):
    """Whether axes are of features, behind those of the batch and of time."""
    return all(axis % rank > 1 for axis in np.atleast_1d(axes))


def _stream(network):
    """The network with the states of its layers as inputs and outputs."""
    given: list[Any] = []
    after: list[Any] = []

    def call(layer, args, kwargs):
        if not isinstance(layer, RNN):
            return layer(*args, **kwargs)
        sizes = tree.flatten(layer.state_size)
        states = [keras.Input((size,), name=f"state_{len(given) + i}") for i, size in enumerate(sizes)]
        output, *ends = again(layer, return_state=True)(*args, **{**kwargs, "initial_state": states})
        given.extend(states)
        after.extend(ends)
        return output

    outputs = walk(network, network.inputs, call)
    model = keras.Model([*network.inputs, *given], [*outputs, *after], name="stream")
    return Program(model, [*_output_names(network), *(f"after_{i}" for i in range(len(after)))])
