import keras
from keras import ops, tree
from keras.src.layers.rnn.dropout_rnn_cell import DropoutRNNCell

from seqzoo.layers.cell import Cell
from seqzoo.layers.scan import scan


@keras.saving.register_keras_serializable("seqzoo")
class RNN(keras.layers.Layer):
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
        stateful: whether a batch starts from the states in which the one before ended.
        unroll: whether to copy the step for each moment instead of looping.
        zero_output_for_mask: whether outputs at masked steps are zeros.

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
        cell,
        return_sequences=False,
        return_state=False,
        go_backwards=False,
        stateful=False,
        unroll=False,
        zero_output_for_mask=False,
        **kwargs,
    ):
        if isinstance(cell, (list, tuple)):
            cell = keras.layers.StackedRNNCells(cell)
        for attribute in ("call", "state_size"):
            if not hasattr(cell, attribute):
                raise ValueError(
                    f"The cell of an RNN must have `{attribute}`. Received: cell={cell!r}. "
                    "Give a cell such as LSTMCell(64), not a layer such as LSTM(64)."
                )
        super().__init__(**kwargs)
        self.cell = cell
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.go_backwards = go_backwards
        self.stateful = stateful
        self.unroll = unroll
        self.zero_output_for_mask = zero_output_for_mask
        self.supports_masking = True
        self.states = None

    @property
    def state_size(self):
        """The sizes of the states, always as a list."""
        size = self.cell.state_size
        return [size] if isinstance(size, int) else list(size)

    @property
    def output_size(self):
        size = getattr(self.cell, "output_size", None)
        return tree.flatten(self.state_size)[0] if size is None else size

    def build(self, sequences_shape, initial_state_shape=None):
        batch, _, *features = sequences_shape
        if isinstance(self.cell, keras.layers.Layer) and not self.cell.built:
            self.cell.build((batch, *features))
            self.cell.built = True
        if self.stateful and self.states is None:
            self._create_states(batch)
        self.built = True

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
        self._check(sequences, mask)
        states = self._first_states(sequences, initial_state)
        self._draw_dropout(self.cell, sequences, training)
        output, outputs, states = self._run(sequences, states, mask, training)
        self._forget_dropout(self.cell)
        if self.stateful:
            for variable, state in zip(tree.flatten(self.states), tree.flatten(states)):
                variable.assign(state)
        result = ops.cast(outputs if self.return_sequences else output, self.compute_dtype)
        if not self.return_state:
            return result
        return (result, *tree.map_structure(lambda s: ops.cast(s, self.compute_dtype), states))

    def _run(self, sequences, states, mask, training):
        """The last output, all outputs (or None) and the last states."""
        kwargs = {"training": training} if getattr(self.cell, "_call_has_training_arg", False) else {}

        def step(carried, inputs):
            x, *keep = inputs
            _, *before = carried
            output, after = self.cell(x, tree.pack_sequence_as(states, before), **kwargs)
            after = [output, *tree.flatten(after)]
            if keep:
                after = [ops.where(keep[0], new, old) for new, old in zip(after, carried)]
            return after, after[0]

        xs = [_time_major(sequences)]
        if mask is not None:
            xs.append(_time_major(ops.reshape(ops.cast(mask, "bool"), (*ops.shape(mask)[:2], 1))))
        if self.go_backwards:
            xs = [ops.flip(x, axis=0) for x in xs]
        carried, outputs = scan(
            step,
            [self._first_output(self.cell, states, sequences), *tree.flatten(states)],
            xs,
            collect=self.return_sequences,
            unroll=self.unroll,
        )
        if outputs is not None:
            if mask is not None and self.zero_output_for_mask:
                outputs = ops.where(xs[1], outputs, ops.zeros_like(outputs))
            outputs = _time_major(outputs)
        return carried[0], outputs, tree.pack_sequence_as(states, carried[1:])

    def _check(self, sequences, mask):
        if len(sequences.shape) < 3:
            raise ValueError(
                f"{self.name!r} expects sequences of shape (batch, time, features). "
                f"Received: shape {tuple(sequences.shape)}. "
                "Add the axis that is missing, for example with x[:, :, None]."
            )
        if mask is not None and tuple(mask.shape[2:]) not in ((), (1,)):
            raise ValueError(
                f"{self.name!r} expects a mask of shape (batch, time). "
                f"Received: shape {tuple(mask.shape)}. A step counts or does not, for all "
                "features at once: reduce the mask, for example with any(mask, axis=-1)."
            )
        if self.unroll and sequences.shape[1] is None:
            raise ValueError(
                f"{self.name!r} has unroll=True and expects a known number of steps. "
                f"Received: shape {tuple(sequences.shape)}. "
                "Give the time length in the Input's shape, or leave unroll=False."
            )

    def get_initial_state(self, batch_size):
        """The list of states before the first step, zeros unless the cell says otherwise."""
        if hasattr(self.cell, "get_initial_state"):
            states = self.cell.get_initial_state(batch_size=batch_size)
            return list(states) if tree.is_nested(states) else [states]
        return [ops.zeros((batch_size, size), dtype=self.cell.compute_dtype) for size in self.state_size]

    def _first_states(self, sequences, initial_state):
        if initial_state is None:
            initial_state = self.states
        if initial_state is None:
            return self.get_initial_state(ops.shape(sequences)[0])
        given, wanted = tree.flatten(initial_state), tree.flatten(self.state_size)
        shapes = [tuple(state.shape) for state in given]
        if [shape[-1] for shape in shapes] != wanted:
            raise ValueError(
                f"{self.name!r} expects {len(wanted)} initial states, of sizes {wanted}. "
                f"Received: {len(given)} of shapes {shapes}. "
                "Give a list with one tensor of shape (batch, size) for each state."
            )
        batch = sequences.shape[0]
        if batch is not None and any(shape[0] not in (None, batch) for shape in shapes):
            raise ValueError(
                f"{self.name!r} expects states for a batch of {shapes[0][0]}. "
                f"Received: sequences of batch size {batch}. "
                "Give both the same batch size; with stateful=True it stays what it was first."
            )
        given = [ops.cast(ops.convert_to_tensor(state), self._state_dtype) for state in given]
        return tree.pack_sequence_as(self.state_size, given)

    @property
    def _state_dtype(self):
        return getattr(self.cell, "compute_dtype", self.compute_dtype)

    def _first_output(self, cell, states, sequences):
        """What a row gives before its first step that counts."""
        if isinstance(cell, Cell):
            return tree.flatten(states)[0]
        if isinstance(cell, keras.layers.StackedRNNCells):
            return self._first_output(cell.cells[-1], states[-1], sequences)
        return ops.zeros((ops.shape(sequences)[0], self.output_size), dtype=self._state_dtype)

    def _draw_dropout(self, cell, sequences, training):
        """Draws the masks before the loop, so that every step has the same."""
        if training:
            self._draw_for(cell, ops.shape(sequences)[0], sequences.shape[-1])

    def _draw_for(self, cell, batch, features):
        if isinstance(cell, keras.layers.StackedRNNCells):
            for inner in cell.cells:
                self._draw_for(inner, batch, features)
                features = getattr(inner, "output_size", None) or tree.flatten(inner.state_size)[0]
        elif isinstance(cell, DropoutRNNCell):
            cell.get_dropout_mask(ops.zeros((batch, features), dtype=cell.compute_dtype))
            units = tree.flatten(cell.state_size)[0]
            cell.get_recurrent_dropout_mask(ops.zeros((batch, units), dtype=cell.compute_dtype))

    def _forget_dropout(self, cell):
        if isinstance(cell, keras.layers.StackedRNNCells):
            for inner in cell.cells:
                self._forget_dropout(inner)
        elif isinstance(cell, DropoutRNNCell):
            cell.reset_dropout_mask()
            cell.reset_recurrent_dropout_mask()

    def _create_states(self, batch):
        if batch is None:
            raise ValueError(
                f"{self.name!r} is stateful and expects a known batch size. "
                "Received: sequences of batch size None. "
                "Give it, for example with keras.Input(batch_shape=(32, None, 8))."
            )
        self.states = tree.map_structure(
            lambda state: keras.Variable(state, trainable=False, name="state"),
            self.get_initial_state(batch),
        )

    def reset_state(self):
        """Sets the states that `stateful` keeps back to zeros."""
        for variable in tree.flatten(self.states) if self.states is not None else []:
            variable.assign(ops.zeros_like(variable))

    reset_states = reset_state

    def get_config(self):
        return {
            **super().get_config(),
            "cell": keras.saving.serialize_keras_object(self.cell),
            "return_sequences": self.return_sequences,
            "return_state": self.return_state,
            "go_backwards": self.go_backwards,
            "stateful": self.stateful,
            "unroll": self.unroll,
            "zero_output_for_mask": self.zero_output_for_mask,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        cell = keras.saving.deserialize_keras_object(config.pop("cell"), custom_objects=custom_objects)
        return cls(cell, **config)


def _time_major(x):
    """Swaps the first two axes: (batch, time, …) ↔ (time, batch, …)."""
    return ops.transpose(x, (1, 0, *range(2, len(x.shape))))
