"""The cells by their names, as `cell="gru"` has them. Each registers itself, in its own file."""

from collections.abc import Callable

CELLS: dict[str, type] = {}


def register_cell(name: str) -> Callable[[type], type]:
    """Decorates a class of cells, which can then be asked for by name wherever the zoo takes a `cell`.

    Args:
        name: its name in lower case, which no other class has.

    Returns:
        The decorator.

    Raises:
        ValueError: another class has this name.

    Example:

    >>> import keras
    >>> from seqzoo.layers import Cell, register_cell
    >>> @register_cell("leaky")
    ... @keras.saving.register_keras_serializable("examples")
    ... class LeakyCell(Cell):
    ...     gates = ("a",)
    ...     def call(self, x, states, training=False):
    ...         a = 0.9 * states[0] + 0.1 * self.linear("a", states[0], x, training)
    ...         return a, [a]
    >>> from seqzoo import many_to_one
    >>> many_to_one((None, 8), outputs=3, cell="leaky", units=16).output_shape
    (None, 3)
    """

    def register(cell_class: type) -> type:
        known = CELLS.get(name, cell_class)
        if (known.__module__, known.__qualname__) != (cell_class.__module__, cell_class.__qualname__):
            raise ValueError(
                f"The name of a cell must be its own. Received: {name!r} for {cell_class.__name__}, "
                f"which is {known.__name__}'s. Choose another name."
            )
        CELLS[name] = cell_class  # a cell of a notebook that is run again takes the place of itself
        return cell_class

    return register
