"""One sequence that is longer than a batch: truncated backpropagation through time."""

from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import ops, tree

from seqzoo.architectures.one_to_many import OneToMany
from seqzoo.architectures.recurrent import state_count
from seqzoo.door import Refused, natural, same_length
from seqzoo.layers import RNN
from seqzoo.layers.nested import layers_in
from seqzoo.layers.rnn import again

if TYPE_CHECKING:
    import tensorflow as tf


def fit_long(
    model: keras.Model,
    x: Any,
    y: Any = None,
    validation: Any = None,
    batch_size: int = 32,
    steps: int = 100,
    one: Any = None,
    **kwargs: Any,
) -> keras.callbacks.History:
    """Trains a network on one long sequence: a book, a year of measurements.

    The sequence is cut into `batch_size` parts of the same length, which are read side by side, `steps`
    steps at a time. Each window goes on from the states in which the one before it ended; the
    gradient goes back to the window's begin and no further. Each epoch begins at the begin of all parts,
    from fresh states.

    References: Williams and Peng (1990), "An Efficient Gradient-Based Algorithm for On-Line
    Training of Recurrent Network Trajectories"; Mikolov et al. (2010), "Recurrent neural network
    based language model".

    Args:
        model: of `many_to_many` in one direction, or of `one_to_many`; compiled. Its weights are trained.
        x: the sequence, shape `(time,)` of symbols or `(time, features)`.
        y: the target of each step, shape `(time, ...)`. None with `one_to_many`, where x are the symbols that
            the network is to write, 0 not among them.
        validation: another x, or (x, y), to evaluate after each epoch.
        batch_size: how many parts.
        steps: of a window, at most.
        one: with `one_to_many`, the one input from which each part begins, of batch size 1; zeros by default.
        **kwargs: as `keras.Model.fit`: epochs, callbacks, verbose and so on.

    Returns:
        What training said, as `keras.Model.fit`. The metrics are those of the model; the optimizer
        begins anew.

    Raises:
        Refused: a network that reads backwards, or a sequence that is too short.

    Example:

    >>> ids = np.array([ord(character) for character in "so it goes " * 50])
    >>> read = keras.Input((None,), dtype="int32")
    >>> network = keras.layers.Embedding(128, 8)(read)
    >>> from seqzoo import many_to_many
    >>> model = many_to_many(network, outputs=128, cell="gru", units=16)
    >>> model.compile("adam", "sparse_categorical_crossentropy")
    >>> history = fit_long(model, ids[:-1], ids[1:], batch_size=4, steps=20, epochs=2, verbose=0)
    >>> model.predict(ids[None, :7], verbose=0).shape
    (1, 7, 128)
    """
    writes, batch_size = isinstance(model, OneToMany), natural("batch_size", batch_size, 32)
    going_on = carrying(model, batch_size)
    going_on.compile_from_config(model.get_compile_config())

    def cut(x, y=None):
        before, target = _sides(x, y, writes)
        return windows(before, target, batch_size, steps, writes)

    data = cut(x, y)
    if validation is not None:
        validation = cut(*validation) if isinstance(validation, tuple) else cut(validation)
    anew = BeginAnew((lambda: model.start(_one(model, one))) if writes else None)
    callbacks = [anew, *(kwargs.pop("callbacks", None) or ())]
    return going_on.fit(data, validation_data=validation, shuffle=False, callbacks=callbacks, **kwargs)


def carrying(model: keras.Model, batch_size: int) -> keras.Model:
    """The same network and the same weights, whose layers go on from the states of the batch before.

    Args:
        model: as in `fit_long`. Of `one_to_many` it is the part from y⟨t−1⟩ to the logits of y⟨t⟩.
        batch_size: of all its batches.

    Raises:
        Refused: a network that reads backwards, or whose recurrent layers are not those of `seqzoo.layers`, or
            are in a model within it.

    Example:

    >>> from seqzoo import many_to_many
    >>> model = many_to_many((None, 3), outputs=2, cell="gru", units=4)
    >>> whole, halves = np.random.rand(2, 1, 5, 3)[0], carrying(model, 1)
    >>> both = np.concatenate([halves(whole[:, :2]), halves(whole[:, 2:])], axis=1)
    >>> bool(np.allclose(both, model(whole), atol=1e-6))
    True
    """

    def carried(layer):
        if isinstance(layer, keras.layers.Bidirectional) or getattr(layer, "go_backwards", False):
            raise Refused(
                "a network that reads forwards, so that a window can go on from the one before",
                f"the layer {layer.name!r}, which reads backwards",
                "build it with bidirectional=False",
            )
        if isinstance(layer, RNN):
            return again(layer, return_sequences=True, stateful=True, name=layer.name)
        if any(isinstance(inner, keras.layers.RNN) for inner in layers_in(layer)):
            raise Refused(
                "recurrent layers of seqzoo that stand in the model itself",
                f"the layer {layer.name!r} ({type(layer).__name__}), which is or holds another",
                "convert it with seqzoo.layers.convert_model; take the layers out of a model within the model",
            )
        return layer

    model = model.going_on() if isinstance(model, OneToMany) else model
    inputs = tree.map_structure(
        lambda tensor: keras.Input(batch_shape=(batch_size, *tensor.shape[1:]), dtype=tensor.dtype), model.input
    )
    return keras.models.clone_model(model, inputs, clone_function=carried)


def windows(x: Any, y: Any, batch_size: int, steps: int, starts: bool = False) -> "tf.data.Dataset":
    """Cuts a long sequence into parts side by side, and these into windows, all as long as each other.

    What is left over at the ends of the parts, less than a symbol for each window, is left out.

    Args:
        x, y: the sequence and its targets, shape `(time, ...)`.
        batch_size: how many parts.
        steps: of a window, at most.
        starts: whether symbol 0, the start, stands before each part instead of what is before it.

    Returns:
        Batches (x, y) of shape `(batch_size, steps, ...)`, in their order.

    Raises:
        Refused: fewer steps than parts.

    Example:

    >>> for x, y in windows(np.arange(11), np.arange(1, 12), batch_size=2, steps=3):
    ...     print(x.numpy().tolist(), y.numpy().tolist())
    [[0, 1], [5, 6]] [[1, 2], [6, 7]]
    [[2, 3], [7, 8]] [[3, 4], [8, 9]]
    """
    import tensorflow as tf

    length, steps = len(x) // natural("batch_size", batch_size, 32), natural("steps", steps, 64)
    if length < 1:
        raise Refused(
            "a sequence with a step for each of batch_size parts",
            f"{len(x)} steps, batch_size={batch_size}, steps={steps}",
            "give a longer sequence, or a smaller batch_size",
        )
    count = -(-length // steps)
    each = length // count

    def cut(sequence, starts=False):
        parts = sequence[: batch_size * length].reshape(batch_size, length, *sequence.shape[1:]).copy()
        if starts:
            parts[:, 0] = 0
        return parts[:, : count * each].reshape(batch_size, count, each, *sequence.shape[1:]).swapaxes(0, 1)

    return tf.data.Dataset.from_tensor_slices((cut(x, starts), cut(y)))


class BeginAnew(keras.callbacks.Callback):
    """Sets the states that a network carries back, before each epoch and each evaluation.

    Args:
        states: a function that gives the states to begin with, all layers' in a list; zeros when None.
    """

    def __init__(self, states: Any = None):
        super().__init__()
        self.states = states

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._begin()

    def on_test_begin(self, logs: Any = None) -> None:
        self._begin()

    def _begin(self):
        states = list(self.states()) if self.states else []
        for layer in self.model.layers:
            if isinstance(layer, RNN):
                layer.reset_state()
                first, states = states[: state_count(layer)], states[state_count(layer) :]
                for variable, value in zip(layer.states, first):
                    variable.assign(ops.broadcast_to(value, variable.shape))


def _sides(x, y, writes):
    """The symbols before and those to write; or the sequence and its targets."""
    x = np.asarray(x)
    if writes and y is None:
        return np.concatenate([[0], x[:-1]]), x
    if y is None:
        raise Refused("a target y of each step", "none", "give y; to foretell symbols x=ids[:-1], y=ids[1:]")
    y = np.asarray(y)
    same_length(steps=len(x), targets=len(y))
    return x, y


def _one(model, one):
    """The one input, zeros where none is given."""
    return ops.zeros((1, *model.input[0].shape[1:])) if one is None else one
