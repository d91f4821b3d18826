"""What the cells share: packed weights, their names in the notes, dropout, serialisation."""

import functools
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

import keras
import numpy as np
from keras import activations, constraints, initializers, ops, regularizers, tree

from seqzoo.layers.cell_protocol import check_cell_options, state_sizes

# What Keras's cells inherit besides Layer: masks that are drawn once for all steps. It has no public name.
DropoutMasks: Any = next(base for base in keras.layers.LSTMCell.__bases__ if hasattr(base, "get_dropout_mask"))

# Who hears what cells record, `listener(cell, values)`: in each thread its own.
LISTENER: ContextVar[Callable | None] = ContextVar("listener", default=None)


class Weight:
    """One gate's weight matrix in the notes' column form, readable and settable on a cell.

    The cell keeps every gate's matrix side by side in Keras's row form, `kernel` of shape
    `(features, gates * units)` and `recurrent_kernel` of shape `(units, gates * units)`.
    Read as `cell.Wu`, this is Wu of shape `(units, units + features)`, which acts on the
    stacked column [a⟨t−1⟩, x⟨t⟩].

    A gate has the weights that its symbols name: one whose only matrix has
    `parts=("kernel",)` does not look back at a⟨t−1⟩.

    Args:
        gate: the block of the packed weights, one of the cell's `gates`.
        parts: which matrices stand side by side, `"recurrent_kernel"`, `"kernel"` or both.
        acts_on: what the matrix multiplies, for `summary`.
        sign: −1 where the cell keeps the weights with their sign turned.

    Example:

    >>> from seqzoo.layers import GRUCell
    >>> cell = GRUCell(4)
    >>> cell.build((None, 3))
    >>> cell.Wu = np.zeros((4, 7))
    >>> cell.Wu.shape
    (4, 7)
    """

    def __init__(
        self,
        gate: str,
        parts: tuple[str, ...] = ("recurrent_kernel", "kernel"),
        acts_on: str = "[a⟨t−1⟩, x⟨t⟩]",
        sign: int = 1,
    ):
        self.gate = gate
        self.parts = parts
        self.acts_on = acts_on
        self.sign = sign

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, cell, owner=None):
        if cell is None:
            return self
        return self._turned(np.concatenate([rows.T for rows in self._rows(cell)], axis=-1))

    def __set__(self, cell, value):
        current = self._rows(cell)
        value = self._numbers(cell, value, current[0].dtype)
        shape = np.concatenate([rows.T for rows in current], axis=-1).shape
        if value.shape != shape:
            raise ValueError(
                f"{self.name} of {cell.name!r} must have shape {shape}. "
                f"Received an array of shape {value.shape}. "
                "The notes' matrices act on columns: (units, inputs); "
                "transpose a matrix that acts on rows."
            )
        if not np.all(np.isfinite(value)):
            raise ValueError(
                f"{self.name} of {cell.name!r} must be finite. Received an array with "
                f"{np.sum(~np.isfinite(value))} NaN or infinite entries. "
                "Find where they came from before setting it."
            )
        sizes = [rows.shape[0] if rows.ndim == 2 else 1 for rows in current]
        splits = np.split(value, np.cumsum(sizes)[:-1], axis=-1) if value.ndim == 2 else [value]
        for part, block in zip(self.parts, splits):
            variable = self._variable(cell, part)
            packed = ops.convert_to_numpy(variable.value).copy()
            packed[..., cell.columns(self.gate, part)] = self._turned(block.T)
            variable.assign(packed)

    def _numbers(self, cell, value, dtype):
        value = np.asarray(value)
        if value.dtype.kind not in "biuf" and value.dtype.name != "bfloat16":
            raise ValueError(
                f"{self.name} of {cell.name!r} must hold real numbers. Received an array of {value.dtype}. "
                "Give an array of floats."
            )
        with np.errstate(over="ignore"):  # what has no room in the weight's dtype is refused as infinite
            return value.astype(dtype)

    def _turned(self, values):
        return values if self.sign == 1 else 0 - values  # not -values, which makes -0 of 0

    def _variable(self, cell, part):
        variable = getattr(cell, part, None)
        if variable is None:
            raise AttributeError(
                f"{cell.name!r} has no {self.name}: it was made with use_bias=False. Make it with use_bias=True."
                if cell.built
                else f"{cell.name!r} has no {self.name}: it is not built yet. "
                "Call the layer on data, or cell.build((batch, features)), first."
            )
        return variable

    def _rows(self, cell):
        return [
            ops.convert_to_numpy(self._variable(cell, part).value)[..., cell.columns(self.gate, part)]
            for part in self.parts
        ]


class Bias(Weight):
    """One gate's bias, of shape `(units,)`, readable and settable on a cell.

    Args:
        gate: the block of the packed bias, one of the cell's `gates`.
        sign: −1 where the cell keeps the bias with its sign turned.

    Example:

    >>> from seqzoo.layers import LSTMCell
    >>> cell = LSTMCell(2)
    >>> cell.build((None, 3))
    >>> cell.bf
    array([1., 1.], dtype=float32)
    """

    def __init__(self, gate: str, sign: int = 1):
        super().__init__(gate, parts=("bias",), acts_on="(added)", sign=sign)


class Cell(DropoutMasks, keras.layers.Layer):
    """One step of a recurrent network; the base of `RNNCell`, `GRUCell` and `LSTMCell`.

    A subclass names its `gates`, the blocks of the packed weights, and their symbols, and
    writes its equations in `call`. A gate without a symbol has a kernel, a recurrent kernel
    and a bias. A cell whose state is not one a⟨t⟩ of size `units` says so by `state_size`,
    an integer or a list of them. The arguments mean what they mean in Keras's recurrent cells,
    with the same defaults.

    Args:
        units: positive integer, the size of a⟨t⟩.
        activation: g of the notes, tanh unless told otherwise.
        use_bias: whether there are biases.
        kernel_initializer: for what multiplies x⟨t⟩.
        recurrent_initializer: for what multiplies a⟨t−1⟩.
        bias_initializer: for the biases.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties.
        kernel_constraint, recurrent_constraint, bias_constraint: constraints.
        dropout: fraction of x⟨t⟩ to drop in training, the same at every step.
        recurrent_dropout: fraction of a⟨t−1⟩ to drop in training, the same at every step.
        seed: for the two dropouts, an integer or a `keras.random.SeedGenerator`.

    Example:

    >>> class LeakyCell(Cell):
    ...     gates = ("a",)
    ...     Wa, ba = Weight("a"), Bias("a")
    ...     def call(self, x, states, training=False):
    ...         (a,) = states
    ...         a = 0.9 * a + 0.1 * self.activation(self.linear("a", a, x, training))
    ...         self.record(a=a)
    ...         return a, [a]
    >>> cell = LeakyCell(4)
    >>> cell.build((None, 3))
    >>> {name: value.shape for name, value in cell.symbols.items()}
    {'Wa': (4, 7), 'ba': (4,)}
    """

    gates: tuple[str, ...] = ()

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
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | keras.random.SeedGenerator | None = None,
        **kwargs: Any,
    ):
        if isinstance(units, bool) or not isinstance(units, (int, np.integer)) or units < 1:
            raise ValueError(
                f"units of {type(self).__name__} must be a positive integer. "
                f"Received: units={units!r}. Give the size of the state, for example units=64."
            )
        check_cell_options(kwargs, type(self))
        super().__init__(**kwargs)
        self.units = int(units)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.recurrent_initializer = initializers.get(recurrent_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.recurrent_regularizer = regularizers.get(recurrent_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.recurrent_constraint = constraints.get(recurrent_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.dropout = _rate("dropout", dropout)
        self.recurrent_dropout = _rate("recurrent_dropout", recurrent_dropout)
        given = isinstance(seed, keras.random.SeedGenerator)
        generator: Any = seed if given else keras.random.SeedGenerator(seed)
        self.seed_generator, self.seed = generator, generator.get_config()["seed"]
        self.output_size = self.units

    def __call__(self, inputs: Any, states: Any, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        """One step, as `call` writes it. A bare state in gives a bare state out, as Keras's cells do."""
        bare = not tree.is_nested(states)
        states = [states] if bare else states
        if len(states) != len(state_sizes(self)):
            raise ValueError(
                f"{self.name!r} expects {len(state_sizes(self))} states. Received: {len(states)}. "
                "Give a list of them, such as cell.get_initial_state(batch_size)."
            )
        output, after = super().__call__(inputs, states, *args, **kwargs)
        return (output, after[0]) if bare else (output, after)

    @property
    def state_size(self) -> int | list[int]:
        """The size of a⟨t⟩; where there are several states, the list of their sizes."""
        return self.units

    def build(self, input_shape):
        self.kernel = self._add_packed(
            "kernel",
            input_shape[-1:],
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.recurrent_kernel = self._add_packed(
            "recurrent_kernel",
            (self.units,),
            initializer=self.recurrent_initializer,
            regularizer=self.recurrent_regularizer,
            constraint=self.recurrent_constraint,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self._add_packed(
                "bias",
                (),
                initializer=self.initial_bias,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )
        self.built = True

    def _add_packed(self, part, rows, **options):
        """The blocks of all gates side by side; None where no gate has this part."""
        width = len(self._gates_with(part)) * self.units
        if not width:
            return None
        # Read as it is kept, and cast by who reads it: in the cell's dtype, whatever the layer's is.
        return self.add_weight(shape=(*rows, width), name=part, autocast=False, **options)

    def _gates_with(self, part):
        cell_class: Any = type(self)
        return _gates_with(cell_class, part)

    def initial_bias(self, shape, dtype=None):
        return self.bias_initializer(shape, dtype=dtype)

    def columns(self, gate: str, part: str = "kernel") -> slice:
        """The slice of a packed weight's last axis that belongs to `gate`."""
        first = self._gates_with(part).index(gate) * self.units
        return slice(first, first + self.units)

    def linear(self, gate: str, a: Any, x: Any, training: bool = False) -> Any:
        """W [a, x] + b of one gate: shapes `(batch, units)`, `(batch, features)` → `(batch, units)`.

        With None for a or x the gate has no weights for it.
        """
        if training and self.dropout and x is not None:
            x = x * self.get_dropout_mask(x)
        if training and self.recurrent_dropout and a is not None:
            a = a * self.get_recurrent_dropout_mask(a)
        terms = [
            ops.matmul(vector, ops.cast(getattr(self, part)[:, self.columns(gate, part)], vector.dtype))
            for vector, part in ((a, "recurrent_kernel"), (x, "kernel"))
            if vector is not None
        ]
        if self.bias is not None and gate in self._gates_with("bias"):
            terms.append(ops.cast(self.bias[self.columns(gate, "bias")], self.compute_dtype))
        return sum(terms[1:], terms[0])

    def record(self, **values: Any) -> None:
        """Where `call` shows its gates and states by the notes' names; `trace` looks here.

        A name that begins with Γ is a gate, between 0 and 1.
        """
        listener = LISTENER.get()
        if listener is not None:
            listener(self, values)

    @property
    def symbols(self) -> dict[str, np.ndarray]:
        """The weights by the notes' names, as a dict of NumPy arrays in the notes' shapes.

        Set to such a dict, all of its weights take these values, or none if one is refused;
        names left out keep theirs.
        """
        return {name: getattr(self, name) for name in self.named_weights()}

    @symbols.setter
    def symbols(self, values: Mapping[str, Any]) -> None:
        unknown = [name for name in values if name not in self.named_weights()]
        if unknown:
            raise ValueError(
                f"{self.name!r} has the symbols {list(self.named_weights())}. Received: {unknown}. "
                "Take the names from cell.symbols or cell.summary()."
            )
        before = self.get_weights()
        try:
            for name, value in values.items():
                setattr(self, name, value)
        except Exception:
            self.set_weights(before)
            raise

    def named_weights(self) -> dict[str, Weight]:
        """The weights by the notes' names, as what reads and sets them."""
        weights = _weights(type(self))
        return {name: w for name, w in weights.items() if self.use_bias or not isinstance(w, Bias)}

    def summary(self, print_fn: Callable[[str], Any] = print) -> None:
        """Prints the table of symbols: their shapes, what they act on, and how many parameters.

        Args:
            print_fn: called with each line.

        Raises:
            AttributeError: the cell is not built.

        Example:

        >>> from seqzoo.layers import GRUCell
        >>> cell = GRUCell(4, name="gru")
        >>> cell.build((None, 3))
        >>> cell.summary()
        GRUCell 'gru'
        symbol  shape   acts on              parameters
        Wu      (4, 7)  [c⟨t−1⟩, x⟨t⟩]               28
        Wr      (4, 7)  [c⟨t−1⟩, x⟨t⟩]               28
        Wc      (4, 7)  [Γr ∗ c⟨t−1⟩, x⟨t⟩]          28
        bu      (4,)    (added)                       4
        br      (4,)    (added)                       4
        bc      (4,)    (added)                       4
        total                                        96
        """
        rows = [("symbol", "shape", "acts on", "parameters")]
        for name, value in self.symbols.items():
            rows.append((name, str(value.shape), self.named_weights()[name].acts_on, f"{value.size:,}"))
        rows.append(("total", "", "", f"{self.count_params():,}"))
        symbol, shape, acts_on, parameters = (max(map(len, column)) for column in zip(*rows))
        print_fn(f"{type(self).__name__} {self.name!r}")
        for row in rows:
            print_fn(f"{row[0]:{symbol}}  {row[1]:{shape}}  {row[2]:{acts_on}}  {row[3]:>{parameters}}")

    def get_initial_state(self, batch_size: Any = None) -> list[Any]:
        """Zeros for every state, each of shape `(batch_size, size)` in the compute dtype."""
        return [ops.zeros((batch_size, size), dtype=self.compute_dtype) for size in state_sizes(self)]

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "units": self.units,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "recurrent_initializer": initializers.serialize(self.recurrent_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
            "recurrent_regularizer": regularizers.serialize(self.recurrent_regularizer),
            "bias_regularizer": regularizers.serialize(self.bias_regularizer),
            "kernel_constraint": constraints.serialize(self.kernel_constraint),
            "recurrent_constraint": constraints.serialize(self.recurrent_constraint),
            "bias_constraint": constraints.serialize(self.bias_constraint),
            "dropout": self.dropout,
            "recurrent_dropout": self.recurrent_dropout,
            "seed": self.seed,
        }


def _weights(cell_class):
    """The symbols of a class of cells, those of the classes that it is made from included."""
    return {
        name: value
        for kind in reversed(cell_class.__mro__)
        for name, value in vars(kind).items()
        if isinstance(value, Weight)
    }


@functools.cache
def _gates_with(cell_class, part):
    """The gates that have a kernel, a recurrent kernel or a bias, in their order."""
    parts = {gate: set() for gate in cell_class.gates}
    for weight in _weights(cell_class).values():
        parts[weight.gate].update(weight.parts)
    return [gate for gate in cell_class.gates if part in parts[gate] or not parts[gate]]


def _rate(name, value):
    if not 0 <= value < 1:
        raise ValueError(
            f"{name} must be at least 0 and less than 1. Received: {name}={value!r}. "
            "It is the fraction that is dropped in training."
        )
    return float(value)
