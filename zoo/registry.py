"""The zoo's models by name."""

import importlib

from seqzoo.words import did_you_mean

TASKS = (
    "sentiment",
    "ner",
    "music",
    "translation",
    "speech",
    "dna",
    "video",
    "one_to_one",
)


def list_models():
    """Lists the names that `create_model` takes.

    Example:

    >>> "sentiment" in list_models()
    True
    """
    return list(TASKS)


def create_model(name, **options):
    """Builds a task's model, compiled and ready to fit.

    Args:
        name: one of `list_models()`.
        **options: the task's own options, such as `cell="rnn" | "gru" | "lstm"`,
            `dataset`, `units`; see the task's `create_model`.

    Returns:
        A compiled `keras.Model` that takes the task's raw inputs.

    Raises:
        ValueError: no model has this name, or an option has a wrong value.
        TypeError: the task has no such option.

    Example:

    >>> model = create_model("sentiment", cell="gru", texts=["a good film", "a bad film"])
    >>> model.predict(["a good film"], verbose=0).shape
    (1, 1)
    """
    return get_task(name).create_model(**options)


def load_model(file):
    """Loads a model of the zoo that was saved with `model.save("name.keras")`.

    It makes the zoo's layers and models known to Keras and loads in safe mode. A model that
    holds only `seqzoo.layers` loads with `keras.models.load_model` once they are imported.

    Args:
        file: path of the `.keras` file.

    Returns:
        The `keras.Model`, compiled as it was.

    Example:

    >>> import tempfile
    >>> file = tempfile.mkdtemp() + "/sentiment.keras"
    >>> create_model("sentiment", texts=["good", "good"]).save(file)
    >>> load_model(file).name
    'sentiment'
    """
    import keras

    importlib.import_module("seqzoo.layers")
    for name in TASKS:
        get_task(name)
    return keras.models.load_model(file, safe_mode=True)


def get_task(name):
    """Imports the module of a task: its datasets, model and reference figures.

    Raises:
        ValueError: no task has this name.

    Example:

    >>> get_task("sentiment").ARCHITECTURE
    'many-to-one'
    """
    if name not in TASKS:
        raise ValueError(
            f"The name must be one of {', '.join(map(repr, TASKS))}. Received: {name!r}."
            f"{did_you_mean(name, TASKS, cutoff=0.4) or ' seqzoo.list_models() lists them.'}"
        )
    return importlib.import_module(f"seqzoo.tasks.{name}")
