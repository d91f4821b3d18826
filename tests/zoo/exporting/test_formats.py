"""Every architecture, every cell, and every task's network give Keras's numbers in every format."""

import collections
import itertools

import keras
import numpy as np
import pytest

import seqzoo
from asked import (
    CELLS,
    LARGEST,
    LENGTHS,
    asked_of,
    difference,
    keras_answer,
    network,
    questions,
    with_random_weights,
)
from seqzoo.exporting.on_litert import on_litert
from seqzoo.exporting.programs import programs
from seqzoo.exporting.to_onnx.model import to_onnx
from small import small_model

onnxruntime = pytest.importorskip("onnxruntime")
tf = pytest.importorskip("tensorflow")
on_tensorflow = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="TensorFlow's own formats")
LAYERS = {"one_to_one": 2, "one_to_many": 2, "many_to_one": 2, "many_to_many": 2, "encoder_decoder": 4}
# Each cell, and each of them in both directions over padding; presets have more.
PAIRS = [
    ("one_to_one", "gru"),
    ("one_to_many", "lstm"),
    ("many_to_one", "gru"),
    ("many_to_many", "rnn"),
    ("encoder_decoder", "lstm"),
]
NODES = {"rnn": "RNN", "gru": "GRU", "lstm": "LSTM"}


def in_onnx(program, right_padded=False):
    session = onnxruntime.InferenceSession(to_onnx(program.model, program.outputs, right_padded).SerializeToString())
    return lambda *inputs: session.run(None, dict(zip(program.inputs, inputs)))


def in_litert(program):
    """For a batch of 1; Flex operations would fail."""
    from seqzoo.exporting.tensorflow_files import litert

    return on_litert(litert(program), program.inputs)


@pytest.mark.parametrize("architecture, cell", PAIRS)
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
@pytest.mark.parametrize("architecture, cell", PAIRS)
def test_an_architecture_in_litert(architecture, cell):
    model = network(architecture, cell)
    run = in_litert(programs(model)["model"])
    for time in LENGTHS:
        inputs = questions(architecture, 1, time)
        assert difference(run(*inputs), keras_answer(model, inputs)) <= LARGEST


WRITERS = [("one_to_many", "rnn"), ("one_to_many", "gru"), ("encoder_decoder", "lstm")]


@pytest.mark.parametrize("architecture, cell", WRITERS)
def test_writing_one_step_at_a_time_in_onnx(architecture, cell):
    found = programs(network(architecture, cell))
    for name in ("start", "step"):
        run = in_onnx(found[name])
        for batch in (1, 3):
            asked = asked_of(found[name], batch, time=6)
            assert difference(run(*asked), keras_answer(found[name].model, asked)) <= LARGEST


@on_tensorflow
@pytest.mark.parametrize("architecture, cell", [("one_to_many", "rnn"), ("encoder_decoder", "lstm")])
def test_writing_one_step_at_a_time_in_litert(architecture, cell):
    found = programs(network(architecture, cell))
    for name in ("start", "step"):
        run = in_litert(found[name])
        for time in LENGTHS:
            asked = asked_of(found[name], 1, time)
            assert difference(run(*asked), keras_answer(found[name].model, asked)) <= LARGEST


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


BEYOND_PRESETS = {
    "speech by attention": {"decoder": "attention"},
    "video of frames": {"shape": (None, 8, 8, 1)},
    "ner with letters": {"letter_units": 4},
}
TASKS = {
    **{name: {} for name in seqzoo.list_tasks()},
    **BEYOND_PRESETS,
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


@on_tensorflow
@pytest.mark.parametrize("task", BEYOND_PRESETS)
def test_a_task_in_litert(task):
    model = network_of(task, "rnn")
    run = in_litert(programs(model.network)["model"])
    for inputs in batches_of(task, model):
        inputs = [array[:1] for array in inputs]
        assert difference(run(*inputs), keras_answer(model.network, inputs)) <= LARGEST


@pytest.fixture(scope="module", params=seqzoo.list_presets())
def preset(request):
    """Whether a preset pads at the ends, its programs, and what each was asked and answered, by batch sizes."""
    model = seqzoo.from_preset(request.param)
    found, answers = programs(model.network), collections.defaultdict(list)
    for name, program in found.items():
        for batch, time in itertools.product((1, 3), LENGTHS):
            asked = asked_of(program, batch, time)
            answers[name, batch].append((asked, keras_answer(program.model, asked)))
    return model.preprocessor.right_padded, found, answers


def test_a_preset_in_onnx(preset):
    right_padded, found, answers = preset
    for name, program in found.items():
        run = in_onnx(program, right_padded)
        for asked, answer in answers[name, 1] + answers[name, 3]:
            assert difference(run(*asked), answer) <= LARGEST


@on_tensorflow
def test_a_preset_in_litert(preset):
    _, found, answers = preset
    for name, program in found.items():
        run = in_litert(program)
        for asked, answer in answers[name, 1]:
            assert difference(run(*asked), answer) <= LARGEST
