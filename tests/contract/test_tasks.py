"""The contract: what somebody who has used one task may expect of every other.

The tests run over all folders of zoo/tasks, and again on Keras's other backends.
"""

import functools
import inspect
import json
import subprocess
import sys
import zipfile
from dataclasses import replace

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

import seqzoo
from seqzoo.door import Refused
from seqzoo.preprocessing.preprocessor import count, take
from seqzoo.runs.notebook import find_notebook
from seqzoo.runs.recipes import recipe_values
from seqzoo.task import Task
from seqzoo.task_model import TaskModel
from small import small_model

TASKS = seqzoo.list_tasks()
all_tasks = pytest.mark.parametrize("name", TASKS)


def own(name):
    data = seqzoo.get_task(name).own_data()
    return data.x, data.y


def listed(x):
    """Raw examples one by one."""
    rows = seqzoo_rows(x)
    return [take(rows, [i]) for i in range(count(rows))]


def seqzoo_rows(x):
    return {name: list(column) for name, column in x.items()} if hasattr(x, "items") else list(x)


def same(a, b, **tolerance):
    """Whether two predictions are the same: numbers nearly, texts to the letter."""
    a, b = np.asarray(a), np.asarray(b)
    if a.dtype.kind in "OU" or b.dtype.kind in "OU":
        np.testing.assert_array_equal(a, b)
    else:
        np.testing.assert_allclose(a, b, **{"rtol": 1e-4, "atol": 1e-5, **tolerance})


@all_tasks
def test_it_is_a_task_like_the_others(name):
    task = seqzoo.get_task(name)
    assert type(task) is Task and task.name == name and task.title
    assert task.datasets[0] == "mini"
    assert {"cell", "dataset", "learning_rate", "ema_momentum", "data_dir"} <= set(
        inspect.signature(task.create_model).parameters
    )
    for dataset in task.datasets:
        assert all(isinstance(label, str) for label in task.labels(dataset))
        assert isinstance(task.metric(dataset), str)
    with pytest.raises(Refused, match="(?s)'mini'.*'minni'.*Did you mean 'mini'"):
        task.labels("minni")


@all_tasks
def test_the_recipe_stands_in_one_place(name):
    """What `create_model` and the notebook do by themselves is what the recipe says."""
    recipe = seqzoo.get_task(name).recipe
    signature = inspect.signature(seqzoo.get_task(name).create_model).parameters
    said = {"cell": recipe.cell, "learning_rate": recipe.learning_rate, **recipe.model}
    assert {key: signature[key].default for key in said} == said
    notebook = {key: parameter.default for key, parameter in find_notebook(name).parameters.items()}
    training = {key: getattr(recipe, key) for key in ("epochs", "batch_size", "ema_momentum")}
    said = {**said, **training, **recipe.scoring}
    assert {key: notebook[key] for key in said if key in notebook} == {k: v for k, v in said.items() if k in notebook}
    assert set(said) - set(notebook) == set()


@all_tasks
def test_a_run_follows_the_recipe_of_its_dataset(name):
    task = seqzoo.get_task(name)
    for dataset, recipe in task.recipes.items():
        notebook = find_notebook(name)
        values = {key: parameter.default for key, parameter in notebook.parameters.items()}
        values |= recipe_values(name, notebook.parameters, {"dataset": dataset})
        settings = recipe.settings()
        assert {key: values[key] for key in settings if key in values} == {
            key: value for key, value in settings.items() if key in values
        }
        assert set(recipe.model) <= set(values) & set(inspect.signature(task.create_model).parameters)
        assert notebook.check(values) == values
        assert recipe_values(name, notebook.parameters, {"dataset": "mini", "cell": "rnn"}) == {}


@all_tasks
def test_a_model_is_what_the_recipe_of_its_dataset_says(name):
    """`create_model`, the notebook and `train` build the same one of each dataset."""
    task, built = seqzoo.get_task(name), {}
    recording = replace(task, create_model=functools.wraps(task.create_model)(lambda **options: built.update(options)))
    for dataset in task.datasets:
        recipe = task.recipe_of(dataset)
        said = {"cell": recipe.cell, "learning_rate": recipe.learning_rate, **recipe.model}
        built.clear()
        recording.create_model(dataset=dataset)
        assert built == {"dataset": dataset, **said}
        recording.create_model(dataset=dataset, cell="lstm", units=3)
        assert built == {"dataset": dataset, **said, "cell": "lstm", "units": 3}
    with pytest.raises(Refused, match="'minni'"):
        recording.create_model(dataset="minni")


@all_tasks
def test_a_gru_fits_answers_and_is_scored_on_data_of_ones_own(name, fitted):
    task, (x, y) = seqzoo.get_task(name), own(name)
    model = fitted(name)
    assert isinstance(model, TaskModel) and model.compiled
    assert all(keras.backend.standardize_dtype(tensor.dtype) != "string" for tensor in model.network.inputs)
    n = count(model.preprocessor.rows(x))
    loss = model.evaluate(x, y, verbose=0, return_dict=True)["loss"]
    assert np.isfinite(loss)
    assert len(model.predict(x, verbose=0)) == n
    answers = model.answer(x)
    assert isinstance(answers, list) and len(answers) == n
    figures = task.score(model, [(x, y)])
    assert task.metric() in figures and all(np.isfinite(value) for value in figures.values())


# On JAX, which compiles each model for half a minute, one cell stands for the three; tests/layers has all.
@pytest.mark.skipif(keras.backend.backend() == "jax", reason="tests/layers has all cells on JAX")
@all_tasks
@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_the_other_cells_fit_and_answer_too(name, cell):
    x, y = own(name)
    model = small_model(name, cell)
    model.run_eagerly = True
    assert np.isfinite(model.fit(x, y, verbose=0).history["loss"]).all()
    model.run_eagerly = False
    assert len(model.answer(x)) == len(model.predict(x, verbose=0)) == count(model.preprocessor.rows(x))


@all_tasks
def test_no_examples_give_no_answers(name, fitted):
    x, _ = own(name)
    model = fitted(name)
    nothing = x.iloc[:0] if hasattr(x, "iloc") else {k: [] for k in x} if isinstance(x, dict) else []
    assert len(model.predict(nothing, verbose=0)) == 0 and model.answer(nothing) == []


@all_tasks
def test_an_example_gets_the_same_answer_alone_and_beside_others(name, fitted):
    x, _ = own(name)
    model = fitted(name)
    together = model.predict(x, verbose=0)
    for i, example in enumerate(listed(x)):
        alone = model.predict(example, verbose=0)[0]
        beside = together[i]
        if getattr(alone, "ndim", 0) and alone.shape != beside.shape:  # fewer steps than the longest
            assert not np.any(beside[len(alone) :])
            beside = beside[: len(alone)]
        same(alone, beside)


@all_tasks
def test_lengths_are_those_of_what_the_network_reads(name, fitted):
    """So that batches of like length hold little padding."""
    preprocessor = fitted(name).preprocessor
    rows = preprocessor.rows(own(name)[0])
    targets = preprocessor.target_rows(own(name)[1], rows)
    lengths = preprocessor.lengths(rows, targets)
    read = [
        [
            np.shape(part)[1]
            for part in keras.tree.flatten(preprocessor.training(take(rows, [i]), take(targets, [i]))[0])
        ]
        for i in range(count(rows))
    ]
    longest = np.zeros(len(read)) if lengths is None else np.reshape(lengths, (len(read), -1)).sum(axis=1)
    shortest, longest = read[np.argmin(longest)], read[np.argmax(longest)]
    assert (sum(shortest) < sum(longest)) == (len(set(map(tuple, read))) > 1)


class Sequence(keras.utils.PyDataset):
    def __init__(self, batches):
        super().__init__()
        self.batches = batches

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, i):
        return self.batches[i]


def in_batches(x, y):
    rows, targets = seqzoo_rows(x), list(y)
    halves = np.array_split(np.arange(len(targets)), 2)
    return [(take(rows, half), take(targets, half)) for half in halves]


def objects(values):
    array = np.empty(len(values), object)
    array[:] = list(values)
    return array


def tensors(values):
    """Numbers as tensors of the backend, as far as it holds them; torch's are on its device and wait for a gradient."""
    if hasattr(values, "items"):
        return {name: tensors(column) for name, column in values.items()}
    array = np.asarray(values) if np.ndim(values[0]) == 0 or len(set(map(np.shape, values))) == 1 else objects(values)
    if array.dtype.kind not in "fiu":
        return [tensors(value) if np.ndim(value) else value for value in values]
    tensor = keras.ops.convert_to_tensor(array)
    return tensor.requires_grad_() if keras.backend.backend() == "torch" and array.dtype.kind == "f" else tensor


@pytest.fixture(scope="session")
def known(fitted):
    """Gives the figures and the predictions of a task's model for data as they come."""

    @functools.cache
    def known(name):
        (x, y), model = own(name), fitted(name)
        return model.evaluate(x, y, verbose=0, **halves(y), return_dict=True), model.predict(x, verbose=0)

    return known


def halves(y):
    return {"batch_size": -(-len(list(y)) // 2)}


FORMS = {
    "tensors": lambda x, y: (tensors(x), tensors(y)),
    "lists": lambda x, y: (x, list(y)),
    "arrays of objects": lambda x, y: (
        {k: objects(v) for k, v in x.items()} if hasattr(x, "items") else objects(x),
        objects(y),
    ),
    "pandas": lambda x, y: (pd.DataFrame(x) if hasattr(x, "items") else pd.Series(list(x)), pd.Series(list(y))),
    "generator": lambda x, y: (iter(in_batches(x, y)),),
    "PyDataset": lambda x, y: (Sequence(in_batches(x, y)),),
}


@all_tasks
@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_data_gives_the_same_figures(name, form, fitted, known):
    x, y = own(name)
    model, (figures, predicted) = fitted(name), known(name)
    sizes = {} if form in ("generator", "PyDataset") else halves(y)
    found = model.evaluate(*FORMS[form](x, y), verbose=0, **sizes, return_dict=True)
    assert found == pytest.approx(figures, rel=1e-4)
    same(model.predict(FORMS[form](x, y)[0], verbose=0), predicted)


@all_tasks
def test_fit_takes_validation_data_and_weights(name):
    x, y = own(name)
    model = small_model(name)
    model.run_eagerly = True
    n = len(list(y))
    batches = in_batches(x, y)
    history = model.fit(x, y, validation_data=(x, y), sample_weight=np.ones(n), verbose=0).history
    assert len(history["val_loss"]) == 1
    assert "val_loss" in model.fit(x, y, validation_split=0.25, sample_weight=np.ones(n), verbose=0).history
    history = model.fit(Sequence(batches), validation_data=Sequence(batches), epochs=2, verbose=0).history
    assert len(history["val_loss"]) == 2 and np.isfinite(history["loss"]).all()
    model.fit((batch for _ in range(2) for batch in batches), steps_per_epoch=2, epochs=2, verbose=0)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="TensorFlow alone traces")
@all_tasks
def test_the_training_step_is_traced_once(name, fitted):
    assert len(fitted(name).traces) == 1


def test_the_first_epoch_counts_no_more_than_the_examples():
    model, (x, y) = small_model("dna", dropout=0.0, base_dropout=0.0), own("dna")
    model.optimizer.learning_rate = 0.0
    history = model.fit(x, y, batch_size=2, verbose=0).history
    figures = model.evaluate(x, y, batch_size=2, return_dict=True, verbose=0)
    assert {name: values[0] for name, values in history.items()} == pytest.approx(figures, rel=1e-3)


@all_tasks
def test_examples_without_weight_teach_nothing(name, untrained):
    x, y = own(name)
    model = untrained(name)
    before = [w.copy() for w in model.network.get_weights()]
    model.fit(x, y, sample_weight=np.zeros(len(list(y))), verbose=0)
    trained = [not np.allclose(a, b) for a, b in zip(before, model.network.get_weights())]
    assert not any(trained)


@all_tasks
def test_labels_are_weighed_by_name_where_there_are_labels(name, untrained):
    x, y = own(name)
    model = untrained(name)
    if not model.preprocessor.weighs_labels:
        with pytest.raises(Refused, match="class_weight"):
            model.fit(x, y, class_weight={0: 2.0}, verbose=0)
        return
    before = [w.copy() for w in model.network.get_weights()]
    model.fit(x, y, class_weight=dict.fromkeys(model.labels, 0.0), verbose=0)
    assert all(np.allclose(a, b) for a, b in zip(before, model.network.get_weights()))


@all_tasks
def test_bad_data_is_refused_in_three_lines_before_anything_is_computed(name, untrained):
    x, y = own(name)
    model = untrained(name)
    before = [w.copy() for w in model.get_weights()]
    holed = seqzoo_rows(x)
    if isinstance(holed, list):
        holed[1] = None
    else:
        holed = {column: values[:-1] if i else values for i, (column, values) in enumerate(holed.items())}
    shorter = list(y)[:-1]
    for bad in (
        lambda: model.fit(x, shorter, verbose=0),
        lambda: model.fit(x, verbose=0),
        lambda: model.fit(x, [None] * len(list(y)), verbose=0),
        lambda: model.fit(x, y, sample_weight=[np.nan] * len(list(y)), verbose=0),
        lambda: model.fit(x, y, sample_weight=[1.0], verbose=0),
        lambda: model.fit(Sequence(in_batches(x, y)), y, verbose=0),
        lambda: model.fit(iter([(x, shorter)]), verbose=0),
        lambda: model.fit(iter([(x, y)]), validation_split=0.5, verbose=0),
        lambda: model.evaluate(x, shorter, verbose=0),
        lambda: model.predict(holed, verbose=0),
        lambda: model.predict(iter([holed]), verbose=0),
        lambda: model.answer(holed),
        lambda: model.predict(object(), verbose=0),
    ):
        with pytest.raises(Refused) as refusal:
            bad()
        lines = str(refusal.value).splitlines()
        assert len(lines) == 3 and len(str(refusal.value)) < 900
        assert [line.split(":")[0] for line in lines] == ["Expected", "Received", "To do"]
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights()))


@all_tasks
def test_labels_that_the_model_does_not_have_are_refused(name, untrained):
    x, y = own(name)
    model = untrained(name)
    if not model.labels:
        pytest.skip("the task has no labels")
    wrong = list(y)
    wrong[2] = ["no such label"] * len(wrong[2]) if isinstance(wrong[2], list) else "no such label"
    with pytest.raises(Refused, match="row 2") as refusal:
        model.fit(x, wrong, verbose=0)
    assert "no such label" in str(refusal.value)


@all_tasks
def test_a_model_that_training_has_broken_gives_no_answers(name):
    x, _ = own(name)
    model = small_model(name)
    model.network.set_weights([np.full_like(w, np.nan) for w in model.network.get_weights()])
    for ask in (model.predict, model.answer):
        with pytest.raises(Refused, match="Received: nan in "):
            ask(x)


LOAD = """
import json, sys
import numpy as np
import seqzoo
assert "keras" not in sys.modules
found = {}
for name in seqzoo.list_tasks():
    model = seqzoo.load_model(f"{sys.argv[1]}/{name}.keras")
    own = seqzoo.get_task(name).own_data()
    model.fit(own.x, own.y, verbose=0, epochs=0)  # compiled as it was
    found[name] = [np.asarray(model.predict(own.x, verbose=0)).tolist(), list(model.labels)]
print(json.dumps(found))
"""


def test_saved_models_load_in_a_fresh_process(fitted, tmp_path):
    expected = {}
    for name in TASKS:
        model = fitted(name)
        model.save(tmp_path / f"{name}.keras")
        expected[name] = np.asarray(model.predict(own(name)[0], verbose=0)), list(model.labels)
    run = subprocess.run([sys.executable, "-c", LOAD, tmp_path], capture_output=True, text=True, cwd=tmp_path)
    assert run.returncode == 0, run.stderr[-3000:]
    found = json.loads(run.stdout.splitlines()[-1])
    for name in TASKS:
        assert found[name][1] == expected[name][1]
        kind = object if expected[name][0].dtype == object else float
        same(np.array(found[name][0], kind), expected[name][0])


@all_tasks
def test_a_preset_is_the_same_model_compiled(name, fitted, tmp_path):
    model, (x, y) = fitted(name), own(name)
    loaded = seqzoo.from_preset(model.save_to_preset(tmp_path / "preset"))
    assert type(loaded) is type(model) and loaded.labels == model.labels and loaded.compiled
    loaded.run_eagerly = True
    found, expected = (m.evaluate(x, y, verbose=0, return_dict=True) for m in (loaded, model))
    assert found == pytest.approx(expected, rel=1e-5)


@all_tasks
@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="SavedModel is TensorFlow's format")
def test_the_network_exports(name, fitted, tmp_path):
    model = fitted(name)
    model.network.export(tmp_path / name, format="tf_saved_model", verbose=False)
    exported = tf.saved_model.load(tmp_path / name)
    x, y = own(name)
    for inputs, *_ in model._pipeline.batches(x, y):
        found = exported.serve(list(inputs) if isinstance(inputs, tuple) else inputs)
        same(found, model.network(inputs, training=False))


def test_the_old_name_of_list_tasks_still_works():
    with pytest.warns(DeprecationWarning, match="list_tasks"):
        assert seqzoo.list_models() == seqzoo.list_tasks()


def test_an_unknown_name_lists_what_there_is():
    with pytest.raises(Refused, match="(?s)'sentiment'.*'sentimnet'.*Did you mean 'sentiment'"):
        seqzoo.create_model("sentimnet")


def test_an_unknown_option_is_refused():
    with pytest.raises(TypeError, match="cel"):
        seqzoo.create_model("sentiment", cel="lstm")


def test_an_alignment_is_of_the_tokens_alone():
    """On JAX batches are padded to one of a few lengths."""
    translator = seqzoo.create_model("translation", pairs=[("red hand", "main rouge")], units=4)
    α, read, written = translator.alignment("red hand", "main rouge")
    assert α.shape == (len(written), len(read))
    np.testing.assert_allclose(α.sum(axis=1), 1, atol=1e-5)
    sounds = [np.ones((9, 4)), np.ones((7, 4))]
    options = dict(sounds=sounds, labels=["yes", "no"], decoder="attention", units=4)
    α, words = seqzoo.create_model("speech", **options).alignment(sounds[1], "yes no")
    assert α.shape == (3, 7) and words == ["yes", "no", "end"]


@all_tasks
def test_calls_take_what_keras_calls_take(name):
    for method in ("fit", "evaluate", "predict"):
        ours = list(inspect.signature(getattr(type(small_model(name)), method)).parameters)
        theirs = list(inspect.signature(getattr(keras.Model, method)).parameters)
        shared = [each for each in theirs if each in ours]
        assert ours[:3] == theirs[:3] and [each for each in ours if each in shared] == shared


@all_tasks
def test_torch_knows_all_weights_of_a_model_however_it_came(name, tmp_path):
    """It keeps them by their paths, and what it does not know it does not train rightly."""
    if keras.backend.backend() != "torch":
        pytest.skip("parameters are torch's")
    made = small_model(name)
    made.save(tmp_path / "model.keras")
    preset = made.save_to_preset(tmp_path / "preset")
    copies = (seqzoo.load_model(tmp_path / "model.keras"), seqzoo.from_preset(preset))
    for model in (made, *copies, type(made).from_config(made.get_config())):
        known = {id(parameter) for parameter in model.parameters()}
        assert {id(weight.value) for weight in model.trainable_variables} <= known


@all_tasks
def test_a_file_names_nothing_of_one_backend(name, tmp_path):
    model = small_model(name)
    model.save(tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as file:
        assert "keras.src.backend" not in file.read("config.json").decode()
