"""Data in any form that people have it, as batches of numbers for a network."""

import contextlib
import itertools
import operator
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seqzoo import door
from seqzoo.datasets.ahead import ahead
from seqzoo.preprocessing.like_length import places_of_batches
from seqzoo.preprocessing.preprocessor import Preprocessor, count, pad, take
from seqzoo.sharding import filled, shards


@dataclass(frozen=True)
class Checked:
    """Examples that have been through the door: rows, target rows and weights."""

    rows: Any
    targets: Any = None
    weights: Any = None


class Pipeline:
    """Takes what a user gives to `fit`, `evaluate` and `predict`, and gives batches of numbers.

    Data in memory (lists, arrays, tensors, pandas, dictionaries of columns) is checked whole,
    before the first step. Streams (`tf.data`, generators, `keras.utils.PyDataset`, torch's
    `DataLoader`) hold batches, and are checked batch by batch as they come.

    Args:
        network: whose inputs the batches are for.
        preprocessor: what makes the numbers.
    """

    def __init__(self, network: keras.Model, preprocessor: Preprocessor):
        self.network, self.preprocessor = network, preprocessor
        self._refused: Exception | None = None

    def batches(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: dict | None = None,
        batch_size: int | None = None,
        shuffle: bool = False,
        by_length: bool = False,
    ) -> tf.data.Dataset:
        """Batches of (inputs, targets, weights), to train or to evaluate on.

        Examples in memory that are shuffled come in batches of about the same length.

        Args:
            x: raw examples, or a stream of batches.
            y: raw targets; None where x is a stream, which holds them.
            sample_weight: a number for each example.
            class_weight: a number for each label, by name or by place.
            batch_size: examples in a batch, 32 by default; a stream has its own.
            shuffle: whether to go through the examples in another order in each epoch.
            by_length: whether to go through them from the shortest to the longest, where no figure
                depends on which examples share a batch.

        Raises:
            Refused: something in it is not what the task takes.
        """
        if hasattr(x, "of_numbers"):
            return x
        label_weights = self._label_weights(class_weight)
        if is_stream(x):
            if y is not None or sample_weight is not None:
                raise door.Refused(
                    "targets and weights within the stream",
                    f"a {type(x).__name__} with y or sample_weight beside it",
                    "let the stream give (x, y) or (x, y, sample_weight)",
                )
            source, size = self._of_stream(x, label_weights), cardinality(x)
        else:
            data = x if isinstance(x, Checked) else self._checked(x, y, sample_weight)
            if not count(data.rows):
                raise door.Refused("an example at least", "none", "give some, each with its target")
            weights = _weighed(data, label_weights, self.preprocessor.target_rank)
            sorts = shuffle or (by_length and not self.preprocessor.weighs_steps)
            lengths = self.preprocessor.lengths(data.rows, data.targets) if sorts else None
            source, size = _batched((data.rows, data.targets, weights), batch_size, lengths, shuffle)
        steps = label_weights is not None or self.preprocessor.weighs_steps
        weight_rank = self.preprocessor.target_rank if steps else 1
        weights = tf.TensorSpec((None,) * weight_rank, "float32")
        numbers, parts = self._training_batch, shards()
        if parts > 1:
            numbers = lambda *batch: filled(self._training_batch(*batch), parts)
            weights = weights, tf.TensorSpec((parts, None), "bool")
        targets = tf.TensorSpec((None,) * self.preprocessor.target_rank, "int64")
        return self._dataset(source, size, numbers, (self.input_signature, targets, weights))

    def inputs(self, x: Any, batch_size: int | None = None) -> tf.data.Dataset:
        """Batches of inputs alone, to predict from; what else a stream holds is left out.

        Raises:
            Refused: something in it is not what the task takes, or the network has weights that
                are no numbers.
        """
        require_finite_weights(self.network)
        if is_stream(x):
            source = lambda: ((self.preprocessor.rows(_parts(batch)[0]),) for batch in _each(x))
            size = cardinality(x)
        else:
            rows = x.rows if isinstance(x, Checked) else self.preprocessor.rows(x)
            source, size = _batched((rows,), batch_size)
        return self._dataset(source, size, self._input_batch, (self.input_signature,))

    def each(self, function: Callable, x: Any, batch_size: int | None = None) -> list:
        """What a function makes of each example.

        Keras's own `predict` joins batches only where their outputs have one length.

        Args:
            function: of a batch of inputs, NumPy arrays; gives something for each example.
            x: raw examples, or a stream of batches.
            batch_size: examples in a batch, 32 by default; a stream has its own.

        Raises:
            Refused: something in it is not what the task takes.
        """
        x, back = self.sorted(x)
        batches = self.inputs(x, batch_size)
        with self.plain_errors():
            made = [each for (inputs,) in batches.as_numpy_iterator() for each in function(inputs)]
        return made if back is None else take(made, back)

    def sorted(self, x: Any) -> tuple[Any, np.ndarray | None]:
        """Examples from the shortest to the longest, and the places that bring them back into their order.

        Args:
            x: raw examples; a stream stays as it is.

        Returns:
            What `inputs` takes; and the places, or None where examples keep their order.

        Raises:
            Refused: something in it is not what the task takes.
        """
        if is_stream(x):
            return x, None
        rows = self.preprocessor.rows(x)
        lengths = self.preprocessor.lengths(rows)
        if lengths is None:
            return Checked(rows), None
        order = np.argsort(lengths, kind="stable")
        return Checked(take(rows, order)), np.argsort(order)

    def rows(self, x: Any) -> Any:
        """All examples as rows in memory, those of a stream too; for tasks whose rows are arrays or lists.

        Raises:
            Refused: something in it is not what the task takes.
        """
        if not is_stream(x):
            return self.preprocessor.rows(x)
        batches = [self.preprocessor.rows(_parts(batch)[0]) for batch in _each(x)]
        if not batches:
            return self.preprocessor.rows([])
        return (
            np.concatenate(batches)
            if isinstance(batches[0], np.ndarray)
            else [row for batch in batches for row in batch]
        )

    @contextlib.contextmanager
    def plain_errors(self) -> Iterator[None]:
        """Raises what the door said of a stream, instead of what TensorFlow makes of it."""
        self._refused = None
        try:
            yield
        except Exception as error:
            if self._refused is None or error is self._refused:
                raise
            raise self._refused from None

    def split(self, x: Any, y: Any, sample_weight: Any, fraction: float) -> tuple[Checked, Checked]:
        """Cuts the last examples off, as Keras does for `validation_split`."""
        if is_stream(x):
            raise door.Refused(
                "examples in memory for validation_split", type(x).__name__, "give validation_data instead"
            )
        if not 0 < fraction < 1:
            raise door.Refused("validation_split between 0 and 1", repr(fraction), "give for example 0.2")
        data = self._checked(x, y, sample_weight)
        places = np.arange(count(data.rows))
        first = int(len(places) * (1 - fraction))
        if not 0 < first < len(places):
            raise door.Refused(
                "examples on both sides of validation_split",
                f"{len(places)} examples, validation_split={fraction}",
                "give more examples",
            )
        parts = (data.rows, data.targets, data.weights)
        before, after = (Checked(*(take(part, where) for part in parts)) for where in (places[:first], places[first:]))
        return before, after

    def _checked(self, x, y, sample_weight):
        rows = self.preprocessor.rows(x)
        if y is None:
            raise door.Refused("a target for each example", "none", "give y, or a stream of (x, y)")
        targets = self.preprocessor.target_rows(y, rows)
        if sample_weight is None:
            return Checked(rows, targets, np.ones(len(targets), "float32"))
        weights = door.numbers(sample_weight, "sample_weight")
        door.same_length(examples=len(targets), weights=len(weights))
        return Checked(rows, targets, weights)

    def _label_weights(self, class_weight):
        if class_weight is None:
            return None
        labels = self.preprocessor.labels
        if not self.preprocessor.weighs_labels:
            raise door.Refused("class_weight where examples have labels", "a task without", "leave it out")
        places = door.label_places(list(class_weight), labels, "entry")
        if len(set(places)) < len(places):
            raise door.Refused("each label once in class_weight", f"{list(class_weight)}", "give its name or its place")
        weights = np.ones(len(labels), "float32")
        weights[places] = door.numbers(list(class_weight.values()), "class_weight")
        return weights

    def _of_stream(self, stream, label_weights):
        def source():
            batch = None
            for batch in _each(stream):
                data = self._checked(*_parts(batch))
                yield data.rows, data.targets, _weighed(data, label_weights, self.preprocessor.target_rank)
            if batch is None:
                raise gone_through(stream)

        return source

    def _dataset(self, source, size, numbers, signature):
        """The batches that `numbers` makes of rows."""

        def generate():
            try:
                for batch in source():
                    yield numbers(*batch)
            except Exception as error:
                self._refused = error
                raise

        dataset = tf.data.Dataset.from_generator(generate, output_signature=signature)
        if size is not None:
            dataset = dataset.apply(tf.data.experimental.assert_cardinality(size))
        dataset = ahead(dataset)
        dataset.of_numbers = True  # `fit` gives its validation data to `evaluate` once more
        return dataset

    def _input_batch(self, rows, *_):
        return (self.arranged(self.preprocessor.inputs(rows)),)

    def _training_batch(self, rows, targets, weights):
        inputs, targets = self.preprocessor.training(rows, targets)
        if isinstance(weights, list):
            weights = pad(weights, at_least=targets.shape[1])
        elif self.preprocessor.weighs_steps:
            weights = np.repeat(weights[:, None], targets.shape[1], axis=1)
        return self.arranged(inputs), targets, weights

    def arranged(self, inputs: Any) -> Any:
        """Inputs by name, in the order of the network's."""
        names = [tensor.name for tensor in self.network.inputs]
        if not isinstance(inputs, dict):
            return inputs
        return tuple(inputs[name] for name in names) if len(names) > 1 else inputs[names[0]]

    @property
    def input_signature(self) -> Any:
        """The shapes and dtypes of a batch of inputs, as `tf.TensorSpec`."""
        specs = tuple(tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in self.network.inputs)
        return specs if len(specs) > 1 else specs[0]


def require_finite_weights(network: keras.Model) -> None:
    """Refuses a network whose training has gone wrong: its answers would mean nothing.

    Raises:
        Refused: one of its weights holds nan or infinity; says which.

    Example:

    >>> network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, name="unit")], name="net")
    >>> network.set_weights([np.full((2, 1), np.nan), np.zeros(1)])
    >>> require_finite_weights(network)
    Traceback (most recent call last):
    seqzoo.door.Refused: Expected: a network whose weights are finite numbers.
    Received: nan in net/unit/kernel.
    To do: train a new model, at a lower learning rate or without the data that it broke on.
    """
    for weight, values in zip(network.weights, network.get_weights()):
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise door.Refused(
                "a network whose weights are finite numbers",
                f"{values[~np.isfinite(values)][0]} in {weight.path}",
                "train a new model, at a lower learning rate or without the data that it broke on",
            )


def is_stream(x: Any) -> bool:
    """Whether data is a stream of batches, and not examples in memory.

    >>> is_stream(tf.data.Dataset.range(3)), is_stream(iter([])), is_stream(["a", "b"])
    (True, True, False)
    """
    return _is_loader(x) or isinstance(x, (tf.data.Dataset, keras.utils.PyDataset, Iterator))


def _is_loader(x: Any) -> bool:
    kinds = type(x).__mro__
    return any(kind.__name__ == "DataLoader" and kind.__module__.startswith("torch.utils.data") for kind in kinds)


def gone_through(stream: Any) -> door.Refused:
    """What is said of a stream that has no batch, or no more of them."""
    return door.Refused(
        "batches in every pass over the data",
        f"a {type(stream).__name__}, which has none, or none any more",
        "give a list, a tf.data.Dataset or a keras.utils.PyDataset; a generator is gone through once, with epochs=1",
    )


def _each(stream: Any) -> Iterable:
    """The batches of a stream, once through."""
    if isinstance(stream, keras.utils.PyDataset):
        stream.on_epoch_begin()
        count = stream.num_batches
        yield from (stream[i] for i in (itertools.count() if count is None else range(count)))
        stream.on_epoch_end()
    elif _is_loader(stream):  # it gives lists [x, y]
        yield from (tuple(batch) if isinstance(batch, list) else batch for batch in stream)
    else:
        for batch in stream:  # noqa: UP028, which would close a generator of the user's when this one is left
            yield batch


def labelled(stream: Any) -> list[tuple[Any, Any]]:
    """The batches (x, y) of a stream; weights are left out.

    Raises:
        Refused: it has none.

    Example:

    >>> labelled(iter([(["a"], [1], [0.5])]))
    [(['a'], [1])]
    """
    found = [_parts(batch)[:2] for batch in _each(stream)]
    if not found:
        raise gone_through(stream)
    return found


def cardinality(stream: Any) -> int | None:
    """How many batches a stream holds, None where it does not say.

    Example:

    >>> cardinality(tf.data.Dataset.range(3)), cardinality(n for n in range(3))
    (3, None)
    """
    if isinstance(stream, keras.utils.PyDataset):
        return stream.num_batches
    known = isinstance(stream, tf.data.Dataset)
    size = int(stream.cardinality()) if known else operator.length_hint(stream, -1)
    return size if size >= 0 else None


def _parts(batch: Any) -> tuple[Any, Any, Any]:
    """(x, y, sample_weight) of a stream's batch, None for what it lacks."""
    parts = batch if isinstance(batch, tuple) else (batch,)
    if not 1 <= len(parts) <= 3:
        raise door.Refused(
            "batches x, (x, y) or (x, y, sample_weight)", f"a tuple of {len(parts)}", "let the stream give one of these"
        )
    x, y, sample_weight = (*map(_as_numpy, parts), None, None)[:3]
    return x, y, sample_weight


def _as_numpy(part: Any) -> Any:
    if isinstance(part, dict):
        return {name: _as_numpy(column) for name, column in part.items()}
    if isinstance(part, tf.RaggedTensor):
        return part.to_list()
    return door.from_tensor(part)


def _weighed(data, label_weights, target_rank):
    """A number for each example, or for each of its steps where steps have labels and these weights."""
    if label_weights is None:
        return data.weights
    weights = [label_weights[row] * weight for row, weight in zip(data.targets, data.weights)]
    return np.asarray(weights, "float32") if target_rank == 1 else weights


def _batched(parts, batch_size, lengths=None, shuffle=False):
    """Batches of rows and what belongs to them, anew for each epoch, and how many they are."""
    n, batch_size = count(parts[0]), door.natural("batch_size", 32 if batch_size is None else batch_size, 32)
    random = np.random.default_rng(np.random.randint(2**31)) if shuffle else None

    def source():
        for places in places_of_batches(n, batch_size, lengths, random):
            yield tuple(take(part, places) for part in parts)

    return source, -(-n // batch_size)
