"""The one kind of model that every task makes."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np

from seqzoo.pipeline import Pipeline, gone_through
from seqzoo.preprocessing.preprocessor import Preprocessor
from seqzoo.replicas import MEANS, clips, replicas, seen_as_one, share, train_step
from seqzoo.sharding import real, shards, unsharded


class TaskModel(keras.Model):
    """A Keras model that takes the raw examples of a task: texts, sound, tracks, tables.

    It is two things, which are saved together in its `.keras` file: `preprocessor` makes numbers
    of raw examples, in the input pipeline; `network` is a Keras model of numbers alone, which
    runs, exports and trains on every backend of Keras.

    `fit`, `evaluate` and `predict` take raw examples in every form in which `keras.Model` takes
    numbers: lists, NumPy arrays, tensors, pandas; batches of them from `tf.data`, generators,
    `keras.utils.PyDataset` or torch's `DataLoader`. What is not what the task takes is refused
    before anything is computed, by a `seqzoo.door.Refused`, which is a ValueError.

    Args:
        network: from numbers to what the loss compares with the targets.
        preprocessor: of the network's inputs.
        name: the model's name, by default the network's.
    """

    def __init__(self, network: keras.Model, preprocessor: Preprocessor, name: str | None = None, **kwargs):
        super().__init__(name=name or network.name, **kwargs)
        self.network = network
        self.preprocessor = preprocessor
        self.built = True

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the labels; none where the task has no labels."""
        return self.preprocessor.labels

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The network's outputs, from numbers as the preprocessor makes them."""
        return self.network(inputs, training=training)

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: dict | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int = 1,
    ) -> keras.callbacks.History:
        """Trains, as `keras.Model.fit`.

        Args:
            x: raw examples, or a stream of batches (x, y) or (x, y, sample_weight).
            y: raw targets; names of labels, or their places.
            batch_size: examples in a batch, 32 by default.
            validation_split: fraction of the examples, the last ones, to validate on.
            validation_data: (x, y), (x, y, sample_weight) or a stream.
            shuffle: whether to go through examples in memory in another order in each epoch; batches
                then hold examples of about the same length.
            class_weight: a number for each label, by name or by place; 1 for others.
            sample_weight: a number for each example.
            validation_batch_size: that of training by default.
            epochs, verbose, callbacks, initial_epoch, steps_per_epoch, validation_steps, validation_freq: as in
                `keras.Model.fit`. A generator is gone through once, unless steps are given.

        Raises:
            Refused: something is not what the task takes.
        """
        pipeline = self._pipeline
        passes = epochs - initial_epoch
        if steps_per_epoch is None:
            _require_passes(x, passes)
        if validation_split and validation_data is None:
            x, validation_data = pipeline.split(x, y, sample_weight, validation_split)
        train = pipeline.batches(x, y, sample_weight, class_weight, batch_size, shuffle)
        if validation_data is not None:
            parts = validation_data if isinstance(validation_data, (tuple, list)) else (validation_data,)
            if validation_steps is None:
                _require_passes(parts[0], passes // validation_freq if isinstance(validation_freq, int) else 1)
            size = batch_size if validation_batch_size is None else validation_batch_size
            validation_data = pipeline.batches(*parts, batch_size=size, by_length=validation_steps is None)
        self._make_variables()
        with pipeline.plain_errors(), self._kept_on_failure():
            return super().fit(
                train,
                epochs=epochs,
                verbose=verbose,
                callbacks=callbacks,
                validation_data=validation_data,
                shuffle=False,
                initial_epoch=initial_epoch,
                steps_per_epoch=steps_per_epoch,
                validation_steps=validation_steps,
                validation_freq=validation_freq,
            )

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
        **kwargs: Any,
    ) -> Any:
        """The loss and the metrics, as `keras.Model.evaluate`; data as in `fit`."""
        pipeline = self._pipeline
        data = pipeline.batches(x, y, sample_weight, batch_size=batch_size, by_length=steps is None)
        self._make_variables()
        with pipeline.plain_errors(), self._kept_on_failure():
            return super().evaluate(
                data, verbose=verbose, steps=steps, callbacks=callbacks, return_dict=return_dict, **kwargs
            )

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Any = None,
    ) -> np.ndarray:
        """The network's outputs for raw examples or a stream of batches, as `keras.Model.predict`."""
        pipeline = self._pipeline
        x, back = pipeline.sorted(x) if steps is None else (x, None)
        data = pipeline.inputs(x, batch_size)
        if data.cardinality() == 0:
            return self._no_outputs()
        with pipeline.plain_errors(), self._kept_on_failure(), unsharded():
            outputs = super().predict(data, verbose=verbose, steps=steps, callbacks=callbacks)
        return outputs if back is None else outputs[back]

    def predict_on_batch(self, x: Any) -> Any:
        """The network's outputs for a batch of numbers, as `keras.Model.predict_on_batch`."""
        with unsharded():
            outputs = super().predict_on_batch(x)
        return outputs[: len(keras.tree.flatten(x)[0])]  # on several devices of TensorFlow each gives all

    def answer(self, x: Any, **kwargs: Any) -> list:
        """What a person reads of each example. A list, of one where a single example is given."""
        raise NotImplementedError

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """The loss, as `keras.Model.compute_loss`; on several devices, this one's part of the whole batch's."""
        mean = getattr(self.loss, "reduction", MEANS[0]) in MEANS
        if replicas() == 1 or not mean:
            return super().compute_loss(x, y, y_pred, sample_weight, training)
        examples = keras.ops.shape(y_pred)[0]
        weight = keras.ops.ones((examples,)) if sample_weight is None else sample_weight
        weight *= share(self.loss, y, y_pred)
        loss = keras.ops.cond(  # a device is left without examples where a batch has fewer than there are devices
            examples > 0,
            lambda: super(TaskModel, self).compute_loss(x, y, y_pred, weight, training),
            lambda: sum(self.losses, keras.ops.zeros(())) / replicas(),
        )
        return seen_as_one(loss, examples)

    def train_step(self, *step: Any) -> Any:
        """A step of training, as `keras.Model.train_step`; on several devices, that of one."""
        *state, batch = step
        if replicas() > 1 and clips(self.optimizer):
            return train_step(self, batch)
        return super().train_step(*state, real(batch))

    def test_step(self, *step: Any) -> Any:
        """A step of evaluation, as `keras.Model.test_step`; on several devices, that of one."""
        *state, batch = step
        return super().test_step(*state, real(batch))

    def _make_variables(self):
        """Makes the optimizer's and the metrics' variables: TensorFlow traces a step that makes some twice."""
        if not self.compiled or keras.backend.backend() != "tensorflow" and shards() == 1:
            return
        targets = np.zeros((1,) * self.preprocessor.target_rank, "int64")
        outputs = keras.ops.zeros([size or 1 for size in self.network.output_shape], self.network.outputs[0].dtype)
        example = None, targets, outputs
        if keras.backend.backend() != "tensorflow":  # on several devices: Keras would make them from a batch of one's
            self.compute_metrics(*example)
            self.compute_loss(*example)
            return
        with self.distribute_strategy.scope():
            if self.optimizer is not None and not self.optimizer.built:
                self.optimizer.build(self.trainable_variables)
            self.distribute_strategy.run(self.compute_metrics, example)

    def _maybe_symbolic_build(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: all is built. On several devices Keras would build from their first parts, if alike."""

    @contextlib.contextmanager
    def _kept_on_failure(self):
        """On JAX, Keras takes the weights out of the model while it trains: puts them back where training fails."""
        if keras.backend.backend() != "jax":
            yield
            return
        before = [variable.value for variable in self.variables]
        try:
            yield
        except BaseException:
            self.jax_state_sync()
            for variable, value in zip(self.variables, before):
                if _is_lost(variable):
                    variable.assign(value)
            raise

    @property
    def _pipeline(self):
        return Pipeline(self.network, self.preprocessor)

    def _no_outputs(self):
        return np.zeros((0, *(size or 0 for size in self.network.output_shape[1:])), "float32")

    def summary(self, *args: Any, **kwargs: Any) -> None:
        """Prints the network's layers, as `keras.Model.summary`."""
        self.network.summary(*args, **kwargs)

    def export(self, *args: Any, **kwargs: Any) -> None:
        """Writes the network of numbers, as `keras.Model.export`; `seqzoo.export` writes what reads examples too."""
        self.network.export(*args, **kwargs)

    def get_layer(self, name: str | None = None, index: int | None = None) -> keras.layers.Layer:
        """A layer of the network."""
        return self.network.get_layer(name, index)

    def save_to_preset(self, folder: str | Path, dtype: str = "float32") -> Path:
        """Writes the model, its preprocessor and its weights into a folder, for `seqzoo.from_preset(folder)`.

        Args:
            folder: made where it is missing; an earlier preset in it is replaced.
            dtype: `"float16"` keeps the weights in half the room, and rounds them.

        Returns:
            The folder, a `pathlib.Path`.

        Raises:
            Refused: no such dtype.
            PresetError: the folder holds other things.

        Example:

        >>> import seqzoo, tempfile
        >>> model = seqzoo.create_model("dna", labels=["left", "right"], units=4)
        >>> folder = model.save_to_preset(tempfile.mkdtemp())
        >>> seqzoo.from_preset(folder).labels
        ('left', 'right')
        """
        from seqzoo.presets.folder import save_to_preset

        return save_to_preset(self, folder, dtype)

    def get_compile_config(self) -> dict | None:
        """As `keras.Model.get_compile_config`, with names that every backend knows."""
        return _on_every_backend(super().get_compile_config())

    def compile_from_config(self, config: dict) -> None:
        """As `keras.Model.compile_from_config`, of what any backend wrote, and for a `compile` of the model's own."""
        self.compile(**keras.saving.deserialize_keras_object(_on_every_backend(config)))
        if self.optimizer is not None:
            self.optimizer.build(self.trainable_variables)

    def get_config(self) -> dict:
        return {
            "name": self.name,
            "dtype": keras.dtype_policies.serialize(self.dtype_policy),
            "network": keras.saving.serialize_keras_object(self.network),
            "preprocessor": keras.saving.serialize_keras_object(self.preprocessor),
        }

    @classmethod
    def from_config(cls, config: dict, custom_objects: dict | None = None) -> "TaskModel":
        config = dict(config)
        for part in ("network", "preprocessor"):
            config[part] = keras.saving.deserialize_keras_object(config[part], custom_objects)
        return cls(**config)


def _require_passes(stream, passes):
    """Refuses a generator that is to be gone through more than once."""
    if isinstance(stream, Iterator) and passes > 1:
        raise gone_through(stream)


def _on_every_backend(config):
    """A configuration in which optimizers are those of `keras.optimizers`: on torch Keras makes some of its own."""
    if isinstance(config, dict):
        config = {name: _on_every_backend(value) for name, value in config.items()}
        if str(config.get("module")).startswith("keras.src.backend.torch.optimizers"):
            config |= {"module": "keras.optimizers", "registered_name": None}
        return config
    return [_on_every_backend(value) for value in config] if isinstance(config, (list, tuple)) else config


def _is_lost(variable):
    try:
        return variable.value is None
    except TypeError:  # it looks for an initializer, which it has no more
        return True
