"""What a task is: the contract that all of them keep, and the recipe behind its figures."""

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqzoo import door
from seqzoo.wording import did_you_mean

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

    from seqzoo.task_model import TaskModel


# What `fit` takes of a recipe.
TRAINING = ("epochs", "cosine", "plateau", "plateau_factor", "clipnorm", "monitor", "mode", "patience")


@dataclass(frozen=True)
class Reference:
    """A figure to hold a task's own against.

    Args:
        metric: the name of the metric, one of those that the task's `score` gives.
        figure: its value on the test split.
        source: what reached it, and who measured it.
    """

    metric: str
    figure: float
    source: str


@dataclass(frozen=True)
class Recipe:
    """Every setting behind a task's published figures, in one place.

    Args:
        cell: `"rnn"`, `"gru"` or `"lstm"`.
        model: the other options of `create_model`, its defaults.
        epochs: passes over the training split, at most.
        batch_size: examples in a batch.
        precision: `"mixed_bfloat16"` or `"mixed_float16"`, see `seqzoo.precision.precision`; None for
            Keras's own.
        learning_rate: of Adam.
        ema_momentum: of the moving average of the weights, 0 for none.
        cosine: whether the learning rate falls to 0 along a cosine.
        plateau: epochs without a better figure of `monitor` after which the learning rate falls; None for never.
        plateau_factor: what it is then multiplied by.
        clipnorm: the largest norm that all gradients together may have; None for any.
        monitor: what decides which epoch is kept, on the validation split: a metric of the model,
            or `val_` and the name of a figure of `score`.
        mode: whether less of it is better, `"min"`, or more, `"max"`.
        patience: epochs without a better one after which training ends.
        scoring: the options of `score`.
    """

    cell: str
    epochs: int
    batch_size: int
    learning_rate: float
    patience: int
    precision: str | None = None
    ema_momentum: float = 0.0
    cosine: bool = False
    plateau: int | None = None
    plateau_factor: float = 0.5
    clipnorm: float | None = None
    monitor: str = "val_loss"
    mode: str = "min"
    model: Mapping[str, Any] = field(default_factory=dict)
    scoring: Mapping[str, Any] = field(default_factory=dict)

    def momentum(self, asked: float | None, own: bool) -> float | None:
        """The momentum of the average: what was asked for, else the recipe's, or none for data of one's own."""
        return self.ema_momentum if asked is None and not own else asked

    def settings(self) -> dict[str, Any]:
        """All settings by the names that `create_model`, `train` and notebooks have for them.

        Example:

        >>> recipe = Recipe("gru", epochs=3, batch_size=8, learning_rate=0.1, patience=1, model={"units": 4})
        >>> recipe.settings()["units"], recipe.settings()["epochs"]
        (4, 3)
        """
        own = {each.name: getattr(self, each.name) for each in fields(self) if each.name not in ("model", "scoring")}
        return {**own, **self.model, **self.scoring}


@dataclass(frozen=True)
class OwnData:
    """A few examples in the form in which people bring their own: what documentation and tests show a task by.

    Args:
        options: of `create_model`, besides the cell and the sizes.
        x: raw examples, four or more.
        y: their targets.
    """

    options: Mapping[str, Any]
    x: Any
    y: Any


@dataclass(frozen=True)
class Task:
    """A task of the zoo: its data, its model, the recipe and the figures.

    `seqzoo.get_task(name)` gives it. All tasks have the same attributes and methods; what is a
    task's own are the options of its `create_model`, see `help(task.create_model)`.

    Args:
        name: as in `seqzoo.list_tasks()`.
        title: for people.
        architecture: one of the five of the notes.
        datasets: the names that `batches` and `create_model` take, the default first.
        recipe: what `train` follows.
        recipes: those of datasets that need one of their own, see `recipe_of`.
        create_model: makes a compiled `TaskModel`; `cell`, `dataset`, `data_dir` and options, which
            are those of the dataset's recipe where they are not given.
        batches: `(dataset, split, batch_size, seed, limit, data_dir)` to a `tf.data.Dataset` of
            batches (x, y) of raw examples, as the model's `fit` takes them.
        score: `(model, batches)` to a dictionary of figures by the metrics' names.
        own_data: gives a few examples of data of one's own, an `OwnData`.
        references: figures of others, by dataset.
        main_metric: what the task is measured by where there is no reference.
        labels_of: the names of the labels, by dataset; empty where a task has no labels.
        limits: where its models fail, sentences for the cards of presets.

    Example:

    >>> import seqzoo
    >>> task = seqzoo.get_task("sentiment")
    >>> task.architecture, task.labels("mini"), task.recipe.epochs
    ('many-to-one', ('negative', 'positive'), 6)
    """

    name: str
    title: str
    architecture: str
    datasets: tuple[str, ...]
    recipe: Recipe
    create_model: Callable[..., "TaskModel"]
    batches: Callable[..., "tf.data.Dataset"]
    score: Callable[..., dict[str, float]]
    own_data: Callable[[], OwnData]
    recipes: Mapping[str, Recipe] = field(default_factory=dict)
    references: Mapping[str, Reference] = field(default_factory=dict)
    main_metric: str = "accuracy"
    labels_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    limits: str = ""

    def __post_init__(self):
        object.__setattr__(self, "create_model", _by_recipe(self, self.create_model))

    def labels(self, dataset: str = "mini") -> tuple[str, ...]:
        """The names of a dataset's labels; none where the task has no labels.

        Raises:
            Refused: no such dataset.
        """
        door.choose("dataset", dataset, self.datasets)
        return tuple(self.labels_of.get(dataset, ()))

    def recipe_of(self, dataset: str = "mini") -> Recipe:
        """The recipe for a dataset: its own, or else the task's.

        Raises:
            Refused: no such dataset.
        """
        door.choose("dataset", dataset, self.datasets)
        return self.recipes.get(dataset, self.recipe)

    def metric(self, dataset: str = "mini") -> str:
        """What the task is measured by on a dataset: one of the names that `score` gives."""
        reference = self.references.get(dataset) or next(iter(self.references.values()), None)
        return reference.metric if reference else self.main_metric

    def train(
        self,
        dataset: str = "mini",
        cell: str | None = None,
        seed: int = 0,
        model: "TaskModel | None" = None,
        limit: int | None = None,
        data_dir: str | None = None,
        callbacks: Iterable["keras.callbacks.Callback"] = (),
        backup_dir: str | Path | None = None,
        strategy: Any = None,
        **options: Any,
    ) -> "TaskModel":
        """Trains a model by the recipe, with a progress bar.

        Args:
            dataset: one of `datasets`.
            cell: `"rnn"`, `"gru"` or `"lstm"`; the recipe's by default.
            seed: of the weights, the shuffling and the dropout.
            model: from `create_model`; made by the recipe when None.
            limit: how many examples of each split to use, all when None.
            data_dir: where TFDS keeps its data.
            callbacks: more of them.
            backup_dir: as in `fit`.
            strategy: the devices to train on: a `tf.distribute.Strategy`, or on JAX a
                `keras.distribution.DataParallel`. Each device takes a part of every batch, and the
                numbers are those of one device. A `model` has to be made in its scope.
            **options: other values than the recipe's: `epochs`, `batch_size`, `precision`, `cosine`,
                `plateau`, `plateau_factor`, `clipnorm`, `monitor`, `mode`, `patience`, or an option of `create_model`
                or of `batches`.

        Returns:
            The model at its best epoch; `model.history.history` holds what training said.

        Raises:
            Refused: no such dataset, cell or strategy, a model of another strategy, or a model and options of one.

        Example:

        >>> import seqzoo
        >>> task = seqzoo.get_task("sentiment")
        >>> model = task.train(cell="rnn", epochs=1, limit=64)  # doctest: +SKIP
        >>> task.score(model, task.batches("mini", "test"))  # doctest: +SKIP
        {'accuracy': ...}
        """
        import keras

        from seqzoo.precision import precision
        from seqzoo.strategy import require_made_in, scope

        devices = scope(strategy)
        if model is not None:
            require_made_in(strategy, model)
        recipe = self.recipe_of(dataset)
        batch_size = options.pop("batch_size", recipe.batch_size)
        asked = options.pop("precision", None)
        computing = precision(asked or recipe.precision, strategy)
        training = {name: options.pop(name) for name in TRAINING if name in options}
        loading = _known_to(self.batches, options)
        others = {name: value for name, value in options.items() if name not in loading}
        if model is not None:
            _refuse_building({"cell": cell, "precision": asked, **others})
        keras.utils.set_random_seed(seed)
        train, validation = (
            self.batches(dataset, split, batch_size, seed, limit, data_dir, **loading)
            for split in ("train", "validation")
        )
        keras.utils.set_random_seed(seed)  # once more: preparing the data may have drawn numbers
        with devices:
            if model is None:
                building = {**others, **_known_to(self.create_model, loading), "cell": cell or recipe.cell}
                with computing:
                    model = self.create_model(dataset=dataset, data_dir=data_dir, **building)
            self.fit(model, train, validation, callbacks=callbacks, backup_dir=backup_dir, dataset=dataset, **training)
        return model

    def fit(
        self,
        model: "TaskModel",
        train: Any,
        validation: Any,
        epochs: int | None = None,
        callbacks: Iterable["keras.callbacks.Callback"] = (),
        cosine: bool | None = None,
        backup_dir: str | Path | None = None,
        dataset: str = "mini",
        **training: Any,
    ) -> dict[str, list[float]]:
        """Trains a model on batches as the recipe does, and leaves it at its best epoch.

        Args:
            model: from `create_model`.
            train, validation: batches, as `batches` gives them.
            epochs: at most; the recipe's by default.
            callbacks: more of them, for example `seqzoo.progress.watch(metrics_file)`; a
                progress bar when there are none.
            cosine: whether the learning rate falls to 0; as the recipe says by default.
            backup_dir: a folder for this training alone, which keeps its state after each epoch: the
                same call goes on from there after a cut, to the same figure. None keeps nothing.
            dataset: whose recipe it is.
            **training: other values than the recipe's: `plateau`, `plateau_factor`, `clipnorm`, `monitor`,
                `mode`, `patience`.

        Returns:
            What training said after each epoch: lists by name, `seconds` among them; after a cut those of
            the epochs before it too.

        Raises:
            RuntimeError: the loss is no number any more, or an epoch saw less than all batches.
            Refused: `backup_dir` holds another training, or there are two schedules.
        """
        import keras

        from seqzoo.backup import Backup
        from seqzoo.pipeline import cardinality
        from seqzoo.precision import inner
        from seqzoo.progress import Seconds, watch
        from seqzoo.schedule import begin_of, schedule, steady
        from seqzoo.scored import Scored

        given = {"epochs": epochs, "cosine": cosine, **training}
        recipe = replace(self.recipe_of(dataset), **{k: value for k, value in given.items() if value is not None})
        epochs = recipe.epochs
        optimizer = inner(model.optimizer)
        batches = cardinality(train)
        if recipe.clipnorm:
            optimizer.clipnorm, optimizer.global_clipnorm = None, recipe.clipnorm  # Keras reads the first that is set
        averaged = [keras.callbacks.SwapEMAWeights(swap_on_epoch=True)] if optimizer.use_ema else []
        scored = Scored(recipe.monitor, self.score, validation)
        best = keras.callbacks.EarlyStopping(
            recipe.monitor, mode=recipe.mode, patience=recipe.patience, restore_best_weights=True
        )
        backup = []
        if backup_dir:
            of = {"epochs": epochs, "batches": batches, "preprocessor": model.preprocessor.get_config()}
            backup = [Backup(backup_dir, model, best, of)]
        begin = backup[0].epoch if backup else 0
        plateau = schedule(optimizer, recipe, batches, backup[0].begin if begin else None)
        for each in backup:
            each.plateau, each.begin = plateau, begin_of(optimizer)
        if begin < epochs:
            _pass_by(train, begin)
        try:
            _trace_anew(model)
            return model.fit(
                train,
                validation_data=validation,
                initial_epoch=begin,
                epochs=epochs,
                verbose=0,
                callbacks=[*averaged, scored, Seconds(), *plateau, *(callbacks or watch()), best, *backup],
            ).history
        finally:
            steady(optimizer)
            _trace_anew(model)


def _trace_anew(model):
    """A step that was traced before keeps the learning rate and the norm of then."""
    if getattr(model, "train_function", None) is not None:
        model.make_train_function(force=True)


def _pass_by(batches, epochs):
    """Batches that are shuffled anew for each epoch come to where these epochs would have left them."""
    for _ in range(epochs):
        next(iter(batches))


def _by_recipe(task, create_model):
    """`create_model`, whose defaults are those of the dataset's recipe."""
    signature = inspect.signature(create_model)

    @functools.wraps(create_model)
    def with_recipe(*args, **options):
        try:
            given = signature.bind(*args, **options).arguments
        except TypeError as error:
            unknown = [name for name in options if name not in signature.parameters]
            hint = did_you_mean(unknown[0], signature.parameters) if unknown else ""
            raise TypeError(f"create_model of {task.name}: {error}.{hint}") from None
        recipe = task.recipe_of(given.get("dataset", task.datasets[0]))
        of_recipe = {"cell": recipe.cell, "learning_rate": recipe.learning_rate, **recipe.model}
        others = {name: value for name, value in of_recipe.items() if name not in given}
        return create_model(*args, **{**others, **options})

    return with_recipe


def _refuse_building(options):
    """Refuses options that would build a model, where there is one."""
    given = [name for name, value in options.items() if value is not None]
    if given:
        hint = did_you_mean(given[0], TRAINING)
        raise door.Refused(
            "a model, or options to build one",
            f"both: a model, and {', '.join(given)}",
            f"leave out the one or the others.{hint}" if hint else "leave out the one or the others",
        )


def _known_to(function, options):
    known = inspect.signature(function).parameters
    return {name: value for name, value in options.items() if name in known}
