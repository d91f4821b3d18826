"""Every architecture with every cell, and every task's network, gives Keras's numbers in every format."""

import collections

import keras
import numpy as np
import pytest

import seqzoo
from asked import (
    ARCHITECTURES,
    CELLS,
    LARGEST,
    LENGTHS,
    difference,
    keras_answer,
    network,
    questions,
    with_random_weights,
)
from seqzoo.exporting.programs import programs
from seqzoo.exporting.to_onnx.model import to_onnx
from small import small_model

onnxruntime = pytest.importorskip("onnxruntime")
tf = pytest.importorskip("tensorflow")
on_tensorflow = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="TensorFlow's own formats")
LAYERS = {"one_to_one": 2, "one_to_many": 2, "many_to_one": 2, "many_to_many": 2, "encoder_decoder": 6}
NODES = {"rnn": "RNN", "gru": "GRU", "lstm": "LSTM"}


def in_onnx(program, right_padded=False):
    session = onnxruntime.InferenceSession(to_onnx(program.model, program.outputs, right_padded).SerializeToString())
    return lambda *inputs: session.run(None, dict(zip(program.inputs, inputs)))


def in_litert(program):
    """A file without Flex operations, which the interpreter would refuse; for a batch of 1."""
    from ai_edge_litert.interpreter import Interpreter

    from seqzoo.exporting.tensorflow_files import litert

    interpreter = Interpreter(model_content=litert(program))

    def run(*inputs):
        places = {each["name"]: each["index"] for each in interpreter.get_input_details()}
        for name, value in zip(program.inputs, inputs):
            interpreter.resize_tensor_input(places[name], value.shape)
        interpreter.allocate_tensors()
        for name, value in zip(program.inputs, inputs):
            interpreter.set_tensor(places[name], value)
        interpreter.invoke()
        return [interpreter.get_tensor(each["index"]) for each in interpreter.get_output_details()]

    return run


def asked_of(program, batch, time, seed=0):
    """Something for each input: tokens or a stretch of a sequence, none of it padding, and states."""
    rng = np.random.default_rng(seed)
    drawn = {
        "int32": lambda size: rng.integers(1, 5, size),
        "bool": lambda size: np.ones(size),
        "float32": lambda size: rng.normal(size=size),
    }
    sizes = [[batch, *(time if size is None else size for size in t.shape[1:])] for t in program.model.inputs]
    return [drawn[t.dtype](size).astype(t.dtype) for t, size in zip(program.model.inputs, sizes)]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_an_architecture_in_onnx(architecture, cell):
    model = network(architecture, cell)
    found = programs(model)
    nodes = collections.Counter(node.op_type for node in to_onnx(found["model"].model).graph.node)
    assert {kind: nodes[kind] for kind in NODES.values() if nodes[kind]} == {NODES[cell]: LAYERS[architecture]}
    for right_padded in (False, True):
        run = in_onnx(found["model"], right_padded)
        for batch in (1, 3):
            for time in LENGTHS:
                inputs = questions(architecture, batch, time)
                assert difference(run(*inputs), keras_answer(model, inputs)) <= LARGEST


@on_tensorflow
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_an_architecture_in_litert(architecture, cell):
    model = network(architecture, cell, layers=1, bidirectional=False)
    run = in_litert(programs(model)["model"])
    for time in LENGTHS:
        inputs = questions(architecture, 1, time)
        assert difference(run(*inputs), keras_answer(model, inputs)) <= LARGEST


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("architecture", ["one_to_many", "encoder_decoder"])
def test_writing_one_step_at_a_time_in_onnx(architecture, cell):
    found = programs(network(architecture, cell))
    for name in ("start", "step"):
        run = in_onnx(found[name])
        for batch in (1, 3):
            asked = asked_of(found[name], batch, time=6)
            expected = found[name].model(asked if len(asked) > 1 else asked[0])
            assert difference(run(*asked), expected) <= LARGEST


def stream_of(cell):
    model = seqzoo.many_to_many((None, 3), outputs=2, cell=cell, units=4, layers=2)
    with_random_weights(model)
    return model, programs(model)["stream"]


def streamed(stream, run, x, chunks):
    """The outputs of a stream that gets x in chunks, from states of zeros."""
    states = [np.zeros((len(x), t.shape[1]), "float32") for t in stream.model.inputs[1:]]
    outputs = []
    for chunk in np.split(x, chunks, axis=1):
        output, *states = run(chunk, *states)
        outputs.append(output)
    return np.concatenate(outputs, axis=1)


@pytest.mark.parametrize("cell", CELLS)
def test_a_stream_in_onnx_is_the_whole_sequence(cell):
    model, stream = stream_of(cell)
    x = np.random.default_rng(0).normal(size=(3, 9, 3)).astype("float32")
    assert difference(streamed(stream, in_onnx(stream), x, [1, 2, 6]), keras_answer(model, [x])) <= LARGEST


@on_tensorflow
def test_a_stream_in_litert_is_the_whole_sequence():
    model, stream = stream_of("lstm")
    x = np.random.default_rng(0).normal(size=(1, 4, 3)).astype("float32")
    assert difference(streamed(stream, in_litert(stream), x, [1, 2, 3]), keras_answer(model, [x])) <= LARGEST


@on_tensorflow
def test_a_step_in_litert():
    step = programs(network("encoder_decoder", "gru", layers=1, bidirectional=False))["step"]
    asked = asked_of(step, 1, time=6)
    assert difference(in_litert(step)(*asked), step.model(asked)) <= LARGEST


TASKS = {name: {} for name in seqzoo.list_tasks()} | {
    "speech by attention": {"decoder": "attention"},
    "video of frames": {"shape": (None, 8, 8, 1)},
    "sentiment with ratings": {"ratings": {"good": 0.5}},
    "sentiment of all states": {"pooling": "max_mean", "bigrams": True, "min_count": 1},
}


def network_of(task, cell):
    model = small_model(task.split()[0], cell, **TASKS[task])
    with_random_weights(model.network)
    return model


def batches_of(task, model):
    """Inputs of the network for the task's own examples: one of them, then all, of different lengths."""
    own = seqzoo.get_task(task.split()[0]).own_data()
    x = own.x
    if "frames" in task:
        x = [np.random.default_rng(t).uniform(2, 255, (t, 8, 8, 1)) for t in (4, 2, 7)]
        x[0][1] = 0  # a black frame within a film, which its network masks
    rows = model.preprocessor.rows(x)
    targets = model.preprocessor.target_rows(own.y, rows) if hasattr(model.network, "step") else None
    for few in (slice(0, 1), slice(1, 2), slice(None)):
        part = {name: column[few] for name, column in rows.items()} if isinstance(rows, dict) else rows[few]
        inputs = model.preprocessor.inputs(part)
        names = [tensor.name for tensor in model.network.inputs]
        if isinstance(inputs, dict) and set(inputs) != set(names):
            inputs, _ = model.preprocessor.training(part, targets[few])
        yield [np.asarray(inputs[name]) for name in names] if isinstance(inputs, dict) else [np.asarray(inputs)]


@pytest.mark.parametrize("task", TASKS)
def test_a_task_in_onnx(task):
    model = network_of(task, "gru")
    run = in_onnx(programs(model.network)["model"], model.preprocessor.right_padded)
    for inputs in batches_of(task, model):
        assert difference(run(*inputs), keras_answer(model.network, inputs)) <= LARGEST


@pytest.mark.parametrize("preset", getattr(seqzoo, "list_presets", list)())
def test_a_preset_in_onnx(preset):
    model = seqzoo.from_preset(preset)
    network = programs(model.network)["model"]
    run = in_onnx(network, model.preprocessor.right_padded)
    for batch in (1, 3):
        for time in LENGTHS:
            inputs = asked_of(network, batch, time)
            assert difference(run(*inputs), keras_answer(model.network, inputs)) <= LARGEST


@on_tensorflow
@pytest.mark.parametrize("task", TASKS)
def test_a_task_in_litert(task):
    model = network_of(task, "rnn")
    run = in_litert(programs(model.network)["model"])
    for inputs in batches_of(task, model):
        inputs = [array[:1] for array in inputs]
        assert difference(run(*inputs), keras_answer(model.network, inputs)) <= LARGEST
