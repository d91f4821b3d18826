"""The layers of `keras.layers` by their names there: each an `RNN` over one cell of the notes."""

from typing import Any

import keras
from keras import regularizers

from seqzoo.layers.cell_protocol import OF_THE_CELL
from seqzoo.layers.gru_cell import GRUCell
from seqzoo.layers.lstm_cell import LSTMCell
from seqzoo.layers.rnn import RNN
from seqzoo.layers.rnn_cell import RNNCell


def _of_cell(name):
    return property(lambda layer: getattr(layer.cell, name), doc=f"`{name}` of the cell.")


class DropIn(RNN):
    """An `RNN` that shows and saves what its one cell was made with as its own, as Keras's layers do."""

    units = _of_cell("units")
    activation = _of_cell("activation")
    use_bias = _of_cell("use_bias")
    kernel_initializer = _of_cell("kernel_initializer")
    recurrent_initializer = _of_cell("recurrent_initializer")
    bias_initializer = _of_cell("bias_initializer")
    kernel_regularizer = _of_cell("kernel_regularizer")
    recurrent_regularizer = _of_cell("recurrent_regularizer")
    bias_regularizer = _of_cell("bias_regularizer")
    kernel_constraint = _of_cell("kernel_constraint")
    recurrent_constraint = _of_cell("recurrent_constraint")
    bias_constraint = _of_cell("bias_constraint")
    dropout = _of_cell("dropout")
    recurrent_dropout = _of_cell("recurrent_dropout")

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        cell = config.pop("cell")["config"]
        config = {**cell, **config, "activity_regularizer": regularizers.serialize(self.activity_regularizer)}
        for name, default in (("use_cudnn", "auto"), ("recompute", False)):
            if config[name] == default:  # not every layer of Keras's knows it
                del config[name]
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> "DropIn":
        with keras.saving.custom_object_scope(custom_objects or {}):
            return cls(**config)


@keras.saving.register_keras_serializable("seqzoo")
class SimpleRNN(DropIn):
    """`keras.layers.SimpleRNN`, as an `RNN` over an `RNNCell`.

    Arguments, attributes, weights, their files and the configuration are Keras's, so that a
    program runs with it once its import is changed. `RNN` says what it does with masks.

    Reference: `keras.layers.SimpleRNN`; the notes "Recurrent Neural Networks", RNN unit.

    Args:
        units: positive integer, the size of the output.
        activation: g of the notes.
        use_bias: whether there is a bias.
        kernel_initializer, recurrent_initializer, bias_initializer: for the weights.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties on them.
        activity_regularizer: penalty on the output.
        kernel_constraint, recurrent_constraint, bias_constraint: constraints.
        dropout: fraction of the inputs to drop in training.
        recurrent_dropout: fraction of the state to drop in training.
        return_sequences, return_state, go_backwards, stateful, unroll: see `RNN`.
        seed: for the two dropouts.
        **kwargs: zero_output_for_mask, use_cudnn, recompute, name, dtype, trainable: see `RNN`.

    Call arguments:
        sequences: shape `(batch, time, features)`.
        initial_state: list of one tensor of shape `(batch, units)`.
        mask: shape `(batch, time)`, true where a step counts.
        training: whether dropout acts.

    Input shape:
        `(batch, time, features)`

    Output shape:
        `(batch, units)`, or `(batch, time, units)` with `return_sequences`; with
        `return_state` a tuple of that and the state.

    Example:

    >>> import numpy as np
    >>> from seqzoo.layers import SimpleRNN
    >>> SimpleRNN(4, return_sequences=True)(np.ones((2, 10, 3), "float32")).shape
    TensorShape([2, 10, 4])
    """

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ):
        # The seed of dropout is drawn before those of the weights, as in Keras's layer: so the weights are Keras's.
        arguments = {**locals(), "seed": keras.random.SeedGenerator(seed)}
        cell, options = _cell_and_options(RNNCell, "simple_rnn_cell", arguments)
        super().__init__(cell, **options)


@keras.saving.register_keras_serializable("seqzoo")
class GRU(DropIn):
    """`keras.layers.GRU(reset_after=False)`, as an `RNN` over a `GRUCell`.

    Arguments, attributes, weights, their files and the configuration are Keras's, so that a
    program runs with it once its import is changed. Only `reset_after` is False unless told
    otherwise, and cannot be True: where the reset gate acts after the product, as it does in
    Keras's default, the function is another. `RNN` says what it does with masks.

    Reference: `keras.layers.GRU`; the notes "Recurrent Neural Networks", GRU.

    Args:
        units: positive integer, the size of the output.
        activation: of c̃.
        recurrent_activation: σ of the gates.
        use_bias: whether there is a bias.
        kernel_initializer, recurrent_initializer, bias_initializer: for the weights.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties on them.
        activity_regularizer: penalty on the output.
        kernel_constraint, recurrent_constraint, bias_constraint: constraints.
        dropout: fraction of the inputs to drop in training.
        recurrent_dropout: fraction of the state to drop in training.
        seed: for the two dropouts.
        return_sequences, return_state, go_backwards, stateful, unroll: see `RNN`.
        reset_after: False.
        use_cudnn: no GRU of cuDNN's is the same function, so True is refused in the call.
        **kwargs: zero_output_for_mask, recompute, name, dtype, trainable: see `RNN`. `implementation`
            is taken and changes nothing.

    Call arguments:
        sequences: shape `(batch, time, features)`.
        initial_state: list of one tensor of shape `(batch, units)`.
        mask: shape `(batch, time)`, true where a step counts.
        training: whether dropout acts.

    Input shape:
        `(batch, time, features)`

    Output shape:
        `(batch, units)`, or `(batch, time, units)` with `return_sequences`; with
        `return_state` a tuple of that and the state.

    Raises:
        ValueError: `reset_after` is True.

    Example:

    >>> import numpy as np
    >>> from seqzoo.layers import GRU
    >>> GRU(4, return_sequences=True)(np.ones((2, 10, 3), "float32")).shape
    TensorShape([2, 10, 4])
    """

    recurrent_activation = _of_cell("recurrent_activation")
    reset_after = _of_cell("reset_after")

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        reset_after: bool = False,
        use_cudnn: bool | str = "auto",
        **kwargs: Any,
    ):
        kwargs.pop("implementation", None)
        cell, options = _cell_and_options(GRUCell, "gru_cell", locals())
        super().__init__(cell, **options)


@keras.saving.register_keras_serializable("seqzoo")
class LSTM(DropIn):
    """`keras.layers.LSTM`, as an `RNN` over an `LSTMCell`.

    Arguments, attributes, weights, their files and the configuration are Keras's, so that a
    program runs with it once its import is changed. `RNN` says what it does with masks.

    Reference: `keras.layers.LSTM`; the notes "Recurrent Neural Networks", LSTM.

    Args:
        units: positive integer, the size of the output.
        activation: of c̃ and of the output.
        recurrent_activation: σ of the gates.
        use_bias: whether there is a bias.
        kernel_initializer, recurrent_initializer, bias_initializer: for the weights.
        unit_forget_bias: whether the bias of the forget gate starts at one.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties on the weights.
        activity_regularizer: penalty on the output.
        kernel_constraint, recurrent_constraint, bias_constraint: constraints.
        dropout: fraction of the inputs to drop in training.
        recurrent_dropout: fraction of a⟨t−1⟩ to drop in training.
        seed: for the two dropouts.
        return_sequences, return_state, go_backwards, stateful, unroll, use_cudnn: see `RNN`.
        **kwargs: zero_output_for_mask, recompute, name, dtype, trainable: see `RNN`. `implementation`
            is taken and changes nothing.

    Call arguments:
        sequences: shape `(batch, time, features)`.
        initial_state: list of a and c, each of shape `(batch, units)`.
        mask: shape `(batch, time)`, true where a step counts.
        training: whether dropout acts.

    Input shape:
        `(batch, time, features)`

    Output shape:
        `(batch, units)`, or `(batch, time, units)` with `return_sequences`; with
        `return_state` a tuple of that, a and c.

    Example:

    >>> import numpy as np
    >>> from seqzoo.layers import LSTM
    >>> LSTM(4, return_sequences=True)(np.ones((2, 10, 3), "float32")).shape
    TensorShape([2, 10, 4])
    """

    recurrent_activation = _of_cell("recurrent_activation")
    unit_forget_bias = _of_cell("unit_forget_bias")

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        use_cudnn: bool | str = "auto",
        **kwargs: Any,
    ):
        kwargs.pop("implementation", None)
        cell, options = _cell_and_options(LSTMCell, "lstm_cell", locals())
        super().__init__(cell, **options)


def _cell_and_options(cell_class, name, arguments):
    """The cell, and what is left for the layer, of the arguments of an `__init__`, its `locals()`."""
    given = {**arguments, **arguments["kwargs"]}
    options = {key: value for key, value in given.items() if key not in ("self", "__class__", "kwargs", *OF_THE_CELL)}
    shared = {"dtype": options.get("dtype"), "trainable": options.get("trainable", True), "name": name}
    return cell_class(**{key: given[key] for key in OF_THE_CELL if key in given}, **shared), options
