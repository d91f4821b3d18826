import copy
from typing import Any

import keras
from keras import ops, tree

from seqzoo.layers.backends import backend_of
from seqzoo.layers.cell import Cell, DropoutMasks
from seqzoo.layers.cell_protocol import cells_of, check_cell, check_layer_options, output_size
from seqzoo.layers.nested import layers_in

HOW_TO_RUN = ("return_sequences", "return_state", "go_backwards", "stateful", "unroll", "zero_output_for_mask")
OPTIONS = (*HOW_TO_RUN, "use_cudnn", "recompute")
MATRIX_CELLS = (Cell, keras.layers.SimpleRNNCell, keras.layers.GRUCell, keras.layers.LSTMCell)


@keras.saving.register_keras_serializable("seqzoo")
class RNN(keras.layers.RNN):
    """Runs a cell over a sequence.

    x⟨1⟩ … x⟨Tx⟩ in, a⟨1⟩ … a⟨Tx⟩ (or only the last) out. It takes the cells of the notes,
    Keras's cells, and any layer with `state_size` and `call(x, states) -> (output, states)`.

    Masks: a masked step carries the state and repeats the output, wherever it stands in the
    row; before the first step that counts, the output is that of the initial state. So a
    row with padding gives the result of the row alone. With `return_sequences` the mask goes
    on to the next layer, in the order of the outputs.

    Reference: the notes "Recurrent Neural Networks"; behaves as `keras.layers.RNN`.

    Args:
        cell: a cell, or a list of cells that are stacked within each step.
        return_sequences: whether to return the outputs of all steps or of the last.
        return_state: whether to return the last states after the output.
        go_backwards: whether to read the sequence from its end; outputs come in the order
            in which they were made.
        stateful: whether a batch starts from the states in which the one before ended. The
            states are variables, but not weights: `get_weights` and files leave them out.
        unroll: whether to copy the step for each moment instead of looping.
        zero_output_for_mask: whether outputs at masked steps are zeros; without
            `return_sequences`, the output of a row whose last step is masked.
        use_cudnn: whether `RNNCell` and `LSTMCell` run through cuDNN on a GPU: "auto" where
            it computes the same function, True to be told where it does not, or False. With
            cuDNN TensorFlow does not compile a model with XLA, which has no such loop, and has
            no second derivative. Torch rounds products there as `torch.backends.cudnn.allow_tf32`
            says. On JAX cuDNN's loop is not used, whose numbers were wrong: see `seqzoo.layers.backends.cudnn_loop`.
        recompute: whether training runs each of about √T segments of a long sequence again for its
            gradient, instead of keeping what that needs for all T steps: the memory of √T steps, for
            the time of one more run forwards (Chen et al., 2016, "Training Deep Nets with Sublinear
            Memory Cost"). The numbers stay the same, and inference is as without. TensorFlow has no
            second derivative then.

    Call arguments:
        sequences: shape `(batch, time, features)`.
        initial_state: the states before the first step, a tensor or a list of tensors of
            shape `(batch, units)`; zeros when not given.
        mask: shape `(batch, time)`, true where a step counts.
        training: whether dropout acts.

    Input shape:
        `(batch, time, features)`; batch and time may be unknown.

    Output shape:
        `(batch, units)`, or `(batch, time, units)` with `return_sequences`; with
        `return_state` a tuple of that and each state.

    Example:

    >>> import numpy as np
    >>> from seqzoo.layers import RNN, LSTMCell
    >>> x = np.random.rand(2, 10, 3).astype("float32")
    >>> RNN([LSTMCell(8), LSTMCell(4)])(x).shape
    TensorShape([2, 4])
    """

    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        use_cudnn: bool | str = "auto",
        recompute: bool = False,
        **kwargs: Any,
    ):
        for one in cell if isinstance(cell, (list, tuple)) else [cell]:
            check_cell(one)
        check_layer_options(kwargs, cell)
        if use_cudnn not in ("auto", True, False):
            raise ValueError(f'use_cudnn must be "auto", True or False. Received: use_cudnn={use_cudnn!r}.')
        super().__init__(
            cell,
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            unroll=unroll,
            zero_output_for_mask=zero_output_for_mask,
            **kwargs,
        )
        self.use_cudnn = use_cudnn
        self.recompute = recompute
        self.input_spec = self._spec_of_sequences()
        self.supports_jit = backend_of(self, training=True).supports_jit
        self.states: list[Any] | None = None

    @property
    def output_size(self) -> int:
        """The size of one output."""
        return output_size(self.cell)

    def build(self, sequences_shape, initial_state_shape=None):
        batch, _, *features = sequences_shape
        if isinstance(self.cell, keras.layers.Layer) and not self.cell.built:
            if None in features:
                raise ValueError(
                    f"{self.name!r} expects a known number of features the first time. "
                    f"Received: shape {tuple(sequences_shape)}. Give it, for example with keras.Input((None, 8))."
                )
            self.cell.build((batch, *features))
            self.cell.built = True
        self.input_spec = self._spec_of_sequences()
        if self.stateful and self.states is None:
            self._create_states(batch)
        self.built = True

    def _spec_of_sequences(self):
        """Three axes, and the features that the weights are for; a cell that is not ours decides itself."""
        lowest, *_ = cells_of(self.cell)
        if not isinstance(lowest, MATRIX_CELLS):
            return keras.layers.InputSpec(min_ndim=3)
        kernel = getattr(lowest, "kernel", None)
        return keras.layers.InputSpec(ndim=3, axes={} if kernel is None else {-1: kernel.shape[0]})

    @property
    def _features(self):
        return (self.input_spec.axes or {}).get(-1)

    def _with_known_features(self, sequences):
        """The sequences, where a graph does not know how many features they have, in the shape of the weights."""
        if self._features is None or sequences.shape[-1] is not None:
            return sequences
        return ops.reshape(sequences, (*ops.shape(sequences)[:2], self._features))

    def compute_output_shape(self, sequences_shape, initial_state_shape=None):
        batch, time = sequences_shape[:2]
        output = (batch, time, self.output_size) if self.return_sequences else (batch, self.output_size)
        if not self.return_state:
            return output
        return (output, *tree.map_structure(lambda size: (batch, size), self.state_size))

    def compute_mask(self, sequences, mask=None):
        mask = tree.flatten(mask)[0] if mask is not None else None
        if mask is not None and self.go_backwards:
            mask = ops.flip(mask, axis=1)
        mask = mask if self.return_sequences else None
        return [mask, *(None for _ in self.state_size)] if self.return_state else mask

    def call(self, sequences, initial_state=None, mask=None, training=False):
        self.check(sequences, mask)
        sequences = self._with_known_features(sequences)
        states = self.first_states(sequences, initial_state)
        self.draw_dropout(sequences, training)
        output, outputs, states = self._run(sequences, states, mask, training)
        self.forget_dropout()
        if self.stateful:
            for variable, state in zip(self.states or [], tree.flatten(states)):
                variable.assign(state)
        result = ops.cast(outputs if self.return_sequences else output, self.compute_dtype)
        if not self.return_state:
            return result
        return (result, *tree.map_structure(lambda s: ops.cast(s, self.compute_dtype), states))

    def _run(self, sequences, states, mask, training):
        """The last output, all outputs (or None) and the last states."""
        x = sequences
        if mask is not None:
            mask = ops.reshape(ops.cast(mask, "bool"), (*ops.shape(mask)[:2], 1))
            # What stands at a masked step may be NaN, and no gradient may meet it.
            x = ops.where(ops.reshape(mask, (*ops.shape(mask), *[1] * (len(x.shape) - 3))), x, ops.zeros_like(x))
        if self.go_backwards:
            x, mask = (None if part is None else ops.flip(part, axis=1) for part in (x, mask))
        backend = backend_of(self, training)
        ways = getattr(backend, "ways", [backend])
        if self.use_cudnn is True and not all(way.is_cudnn for way in ways):
            raise ValueError(
                f"{self.name!r} has use_cudnn=True and expects cuDNN. {self.explain(training=training)} "
                'Give it use_cudnn="auto" to run all the same.'
            )
        before = tree.flatten(states)
        output, outputs, after = backend.run(self.cell, x, before, mask, self.return_sequences, training)
        if mask is not None and self.zero_output_for_mask:
            if self.return_sequences:
                outputs = ops.where(mask, outputs, ops.zeros_like(outputs))
            else:
                output = ops.where(ops.all(mask[:, -1:], axis=1), output, ops.zeros_like(output))
        return output, outputs, tree.pack_sequence_as(states, after)

    def explain(self, x: Any = None, mask: Any = None, training: bool = False) -> str:
        """Says which path the layer takes, and why.

        Args:
            x, mask: what it would be called on. No shape and no mask changes the path.
            training: whether it would be called in training.

        Returns:
            A sentence.

        Example:

        >>> from seqzoo.layers import GRUCell
        >>> RNN(GRUCell(4), unroll=True).explain()
        'Plain steps: unroll=True asks for a copy of the step for each moment.'
        """
        return f"{backend_of(self, training).description}."

    def check(self, sequences: Any, mask: Any) -> None:
        """Refuses sequences and a mask of shapes that it cannot read."""
        # Keras looks at `input_spec` too, and earlier, but not where a wrapper uses `call`.
        if len(sequences.shape) < 3 or self.input_spec.ndim not in (None, len(sequences.shape)):
            raise ValueError(
                f"{self.name!r} expects sequences of shape (batch, time, features). "
                f"Received: shape {tuple(sequences.shape)}. "
                "Add the axis that is missing, as x[:, :, None] does, or flatten the features of a step to one."
            )
        if None not in (self._features, sequences.shape[-1]) and self._features != sequences.shape[-1]:
            raise ValueError(
                f"{self.name!r} expects {self._features} features at each step, as many as its weights are for. "
                f"Received: shape {tuple(sequences.shape)}. Give it such sequences, or make a new cell."
            )
        if mask is not None and not _covers(tuple(mask.shape), tuple(sequences.shape)):
            raise ValueError(
                f"{self.name!r} expects a mask of shape (batch, time), here "
                f"{tuple(sequences.shape[:2])}. Received: shape {tuple(mask.shape)}. "
                "Give one entry for each step: a step counts or does not, for all features at once."
            )
        if self.unroll and sequences.shape[1] is None:
            raise ValueError(
                f"{self.name!r} has unroll=True and expects a known number of steps. "
                f"Received: shape {tuple(sequences.shape)}. "
                "Give the time length in the Input's shape, or leave unroll=False."
            )

    def get_initial_state(self, batch_size: Any) -> list[Any]:
        """The list of states before the first step, zeros unless the cell says otherwise."""
        if hasattr(self.cell, "get_initial_state"):
            states = self.cell.get_initial_state(batch_size=batch_size)
            return list(states) if tree.is_nested(states) else [states]
        return [ops.zeros((batch_size, size), dtype=self._state_dtype) for size in self.state_size]

    def first_states(self, sequences: Any, initial_state: Any) -> Any:
        """The states before the first step, in the structure of `state_size`: those given, kept, or the cell's."""
        if initial_state is None and self.states is not None:
            # A copy, because torch assigns in place what its gradients still need.
            initial_state = [ops.copy(state.value) for state in self.states]
        if initial_state is None:
            states = tree.flatten(self.get_initial_state(ops.shape(sequences)[0]))
        else:
            states = tree.flatten(initial_state)
            self._check_states(states, sequences)
            states = [ops.convert_to_tensor(state, dtype=self._state_dtype) for state in states]
        return tree.pack_sequence_as(self.state_size, states)

    def _check_states(self, given, sequences):
        sizes = tree.flatten(self.state_size)
        shapes = [tuple(state.shape) for state in given]
        if [shape[1:] for shape in shapes] != [(size,) for size in sizes]:
            raise ValueError(
                f"{self.name!r} expects {len(sizes)} initial states, of sizes {sizes}. "
                f"Received: {len(shapes)} of shapes {shapes}. "
                "Give a list with one tensor of shape (batch, size) for each state."
            )
        batch = sequences.shape[0]
        batches = [shape[0] for shape in shapes if shape[0] is not None]
        if batch is not None and any(size != batch for size in batches):
            raise ValueError(
                f"{self.name!r} expects states and sequences of the same batch size. "
                f"Received: states of batch size {batches[0]}, sequences of batch size {batch}. "
                "With stateful=True the batch size stays what it was first."
            )

    @property
    def _state_dtype(self):
        return getattr(self.cell, "compute_dtype", self.compute_dtype)

    def draw_dropout(self, sequences: Any, training: bool) -> None:
        """Draws the dropouts' masks before the loop, so that every step has the same."""
        self.forget_dropout()  # a call that failed has left its own
        batch, features = ops.shape(sequences)[0], sequences.shape[2:]
        for cell in cells_of(self.cell):
            # Other cells may ask for their masks outside training too.
            if isinstance(cell, DropoutMasks) and (training or not isinstance(cell, Cell)):
                size = tree.flatten(cell.state_size)[0]
                cell.get_dropout_mask(ops.zeros((batch, *features), dtype=cell.compute_dtype))
                cell.get_recurrent_dropout_mask(ops.zeros((batch, size), dtype=cell.compute_dtype))
            features = (output_size(cell),)

    def forget_dropout(self) -> None:
        """Has the next sequence get other masks."""
        for cell in cells_of(self.cell):
            if isinstance(cell, DropoutMasks):
                cell.reset_dropout_mask()
                cell.reset_recurrent_dropout_mask()

    def _create_states(self, batch):
        if batch is None:
            raise ValueError(
                f"{self.name!r} is stateful and expects a known batch size. "
                "Received: sequences of batch size None. "
                "Give it, for example with keras.Input(batch_shape=(32, None, 8))."
            )

        def variable(i, state):
            return keras.Variable(
                lambda shape, dtype: tree.flatten(self.get_initial_state(batch))[i],
                shape=tuple(state.shape),
                dtype=state.dtype,
                trainable=False,
                name=f"state_{i}",
            )

        first = tree.flatten(self.get_initial_state(batch))
        # Past Keras's tracking, which would count them as weights.
        states = [variable(i, state) for i, state in enumerate(first)]
        object.__setattr__(self, "states", states)
        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            # TensorFlow's own checkpoints and saved models find them here.
            self._kept = tf.Module()
            self._kept.states = [state.value for state in states]

    @property
    def variables(self):
        """The cell's variables, and the states that `stateful` keeps."""
        return [*super().variables, *(self.states or [])]

    def reset_state(self) -> None:
        """Sets the states that `stateful` keeps back to zeros."""
        for variable in self.states or []:
            variable.assign(ops.zeros_like(variable.value))

    reset_states = reset_state

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "use_cudnn": self.use_cudnn, "recompute": self.recompute}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> "RNN":
        config = copy.deepcopy(config)
        given = config.pop("cell")
        parts = [given, *given.get("config", {}).get("cells", [])] if isinstance(given, dict) else []
        shapes = [part.pop("build_config", None) for part in parts]
        layer = cls(keras.saving.deserialize_keras_object(given, custom_objects=custom_objects), **config)
        # Within the layer's name: torch knows the weights of two cells, one in each direction, by their paths alone.
        with keras.name_scope(layer.name):
            for cell, shape in zip([layer.cell, *getattr(layer.cell, "cells", [])], shapes):
                if shape is not None and not cell.built:
                    cell.build_from_config(shape)
        return layer


def again(layer: RNN, **changes: Any) -> RNN:
    """Another layer around the same cell, with the same options but for some.

    Args:
        layer: also one that makes its cell itself, such as `GRU`.
        **changes: options of `RNN`, its name among them.

    Example:

    >>> from seqzoo.layers import GRUCell
    >>> layer = RNN(GRUCell(2), zero_output_for_mask=True)
    >>> other = again(layer, return_sequences=True)
    >>> other.cell is layer.cell, other.return_sequences, other.zero_output_for_mask
    (True, True, True)
    """
    same = {name: getattr(layer, name) for name in (*OPTIONS, "activity_regularizer")}
    return RNN(layer.cell, **{**same, "dtype": layer.dtype_policy, **changes})


def reset_state(model: keras.layers.Layer) -> None:
    """Sets the states that the stateful layers of a model keep back to zeros.

    Args:
        model: a `keras.Model`, or a layer that holds layers.

    Example:

    >>> from seqzoo.layers import GRUCell
    >>> layer = RNN(GRUCell(2), stateful=True)
    >>> model = keras.Sequential([keras.Input(batch_shape=(1, None, 3)), layer])
    >>> first = model(ops.ones((1, 4, 3)))
    >>> reset_state(model)
    >>> float(ops.max(ops.abs(layer.states[0])))
    0.0
    """
    for layer in layers_in(model):
        if getattr(layer, "stateful", False) and hasattr(layer, "reset_state"):
            layer.reset_state()


def _covers(mask, sequences):
    """Whether a mask's shape has one entry for each step; unknown lengths agree with any."""
    return (
        mask[2:] in ((), (1,))
        and len(mask) >= 2
        and all(ours == theirs or None in (ours, theirs) for ours, theirs in zip(mask[:2], sequences[:2]))
    )
