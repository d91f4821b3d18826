"""What a cell computes, read from its own `call`: the graph that `plot_cell` draws."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from seqzoo.layers.cell import Bias, Cell
from seqzoo.layers.cell_protocol import state_sizes

X, STATE, STACK, UNIT, TIMES, PLUS = "x", "state", "stack", "unit", "∗", "+"
GREEK = {"sigmoid": "σ"}


@dataclass(frozen=True, eq=False)
class Node:
    """A value within a cell: how it is made, and of what.

    Args:
        kind: `"x"`, `"state"`, `"stack"` for [a, x], `"unit"` for g(W [a, x] + b), `"∗"`, `"+"`,
            or the name of a function of one value, such as `"tanh"` or `"1 −"`.
        inputs: what it is made of.
        function: g of a unit, empty for none.
        weights: the symbols of a unit's W and b.
        turned: whether the cell keeps W and b of this unit with their signs turned.
    """

    kind: str
    inputs: tuple[Node, ...] = ()
    function: str = ""
    weights: tuple[str, ...] = ()
    turned: bool = False

    def __mul__(self, other: Any) -> Node:
        return Node(TIMES, (self, other)) if isinstance(other, Node) else NotImplemented

    def __add__(self, other: Any) -> Node:
        return Node(PLUS, (self, other)) if isinstance(other, Node) else NotImplemented

    def __rsub__(self, one: Any) -> Node:
        if one != 1:
            return NotImplemented
        if self.turned and self.function == "σ":  # 1 − σ(−v) = σ(v)
            return Node(UNIT, self.inputs, self.function, self.weights)
        return Node("1 −", (self,))


def _and_all_within(nodes: Iterable[Node]) -> dict[Node, None]:
    """These values and all that they are made of, each after what it is made of."""
    found: dict[Node, None] = {}

    def visit(node):
        if node in found:
            return
        for each in node.inputs:
            visit(each)
        found[node] = None

    for node in nodes:
        visit(node)
    return found


@dataclass(frozen=True)
class CellGraph:
    """The values within a cell.

    Args:
        before: the states that go in, in the cell's order.
        after: those that come out, in the same order.
        symbols: the notes' names of those values that the cell records.
    """

    before: tuple[Node, ...]
    after: tuple[Node, ...]
    symbols: dict[Node, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def nodes(self) -> list[Node]:
        """All that the states which come out are made of, each after what it is made of."""
        return list(_and_all_within(self.after))

    def up_to(self, names: Collection[str]) -> set[Node]:
        """The values of these names, as the cell records them, and all that they are made of.

        Raises:
            ValueError: the cell records no value of such a name.
        """
        named = {name: node for node, symbols in self.symbols.items() for name in symbols}
        if unknown := [name for name in names if name not in named]:
            raise ValueError(
                f"Expected: names of values that the cell records, of {', '.join(named)}. "
                f"Received: {', '.join(unknown)}. To do: choose of these."
            )
        return set(_and_all_within(named[name] for name in names))

    def symbol(self, node: Node) -> str:
        """The name of a value by the notes: `"Γu"`, `"c⟨t−1⟩"`, `"[c⟨t−1⟩, x⟨t⟩]"`; empty without one."""
        if node.kind == X:
            return "x⟨t⟩"
        if node.kind == STATE:
            return f"{self._state(self.before.index(node))}⟨t−1⟩"
        if node.kind == STACK:
            return f"[{', '.join(map(self._text, node.inputs))}]"
        return next(iter(self.symbols.get(node, ())), "")

    def equations(self, shown: Collection[Node]) -> list[str]:
        """The equations of what is shown, of those values that have a name.

        Example:

        >>> from seqzoo.layers import GRUCell
        >>> graph = read_cell(GRUCell(4))
        >>> graph.equations(graph.nodes)[1:3]
        ['Γr = σ(Wr [c⟨t−1⟩, x⟨t⟩] + br)', 'c̃ = tanh(Wc [Γr ∗ c⟨t−1⟩, x⟨t⟩] + bc)']
        """
        named = [node for node in self.nodes if node in self.symbols and node in shown]
        return [f"{' = '.join(self.symbols[node])} = {self._made_of(node)}" for node in named]

    def end(self, node: Node) -> str:
        """How a state that comes out is called: `"c⟨t⟩ = a⟨t⟩"`."""
        return " = ".join(f"{name}⟨t⟩" for name in self.symbols.get(node, ("s",)))

    def _state(self, place):
        return next(iter(self.symbols.get(self.after[place], ())), f"s{place + 1}")

    def _made_of(self, node):
        inside = [self._in_brackets(each, node) for each in node.inputs]
        if node.kind == UNIT:
            W, *b = node.weights
            return f"{node.function}({' + '.join([f'{W} {inside[0]}', *b])})"
        if node.kind in (TIMES, PLUS):
            return f" {node.kind} ".join(inside)
        return f"{node.kind} {inside[0]}" if node.kind == "1 −" else f"{node.kind}({inside[0]})"

    def _in_brackets(self, node, reader):
        if node.kind == STACK or self.symbol(node):
            return self.symbol(node)
        text = self._made_of(node)
        needed = reader.kind == TIMES and node.kind in (PLUS, "1 −")
        return f"({text})" if needed else text

    def _text(self, node):
        operands = f" {node.kind} ".join(map(self._text, node.inputs)) if node.kind in (TIMES, PLUS) else ""
        return self.symbol(node) or operands or node.kind


def read_cell(cell: Cell) -> CellGraph:
    """Runs a cell's `call` on names in the place of numbers, and sees what it makes of them.

    Args:
        cell: a `Cell`, built or not, whose `call` is written with `self.linear`, the cell's
            activations, `+`, `∗` and `1 −`.

    Raises:
        ValueError: it is written with something else.

    Example:

    >>> from seqzoo.layers import GRUCell
    >>> graph = read_cell(GRUCell(4))
    >>> [graph.symbol(node) or node.kind for node in graph.nodes]
    ['c⟨t−1⟩', 'x⟨t⟩', '[c⟨t−1⟩, x⟨t⟩]', 'Γu', 'Γr', '∗', '[Γr ∗ c⟨t−1⟩, x⟨t⟩]', 'c̃', '∗', '1 −', '∗', 'c']
    """
    before = tuple(Node(STATE) for _ in state_sizes(cell))
    reader = _Reader(cell)
    try:
        _, after = type(cell).call(reader, Node(X), list(before))  # type: ignore[arg-type]
    except (TypeError, ValueError, AttributeError) as error:
        raise ValueError(
            "Expected: a cell whose call is written with self.linear, the cell's activations, +, ∗ and 1 −. "
            f"Received: {type(cell).__name__}, with something else: {error}. "
            "To do: write it so, or draw this one by hand."
        ) from error
    return CellGraph(before, tuple(after), reader.symbols)


class _Reader:
    """Stands for a cell while its `call` runs on nodes."""

    def __init__(self, cell):
        self._cell, self._stacks, self.symbols = cell, {}, {}

    def __getattr__(self, name):
        value = getattr(self._cell, name)
        return _applied(value) if name.endswith("activation") else value

    def linear(self, gate, a, x, training=False):
        operands = tuple(vector for vector in (a, x) if vector is not None)
        stack = self._stacks.setdefault(operands, Node(STACK, operands)) if len(operands) > 1 else operands[0]
        weights = {name: weight for name, weight in self._cell.named_weights().items() if weight.gate == gate}
        whole = max(len(weight.parts) for weight in weights.values())
        names = tuple(n for n, w in weights.items() if isinstance(w, Bias) or len(w.parts) == whole)
        return Node(UNIT, (stack,), weights=names, turned=any(weights[name].sign < 0 for name in names))

    def record(self, **values):
        for name, node in values.items():
            self.symbols[node] = (*self.symbols.get(node, ()), name)


def _applied(function: Callable) -> Callable[[Node], Node]:
    name = GREEK.get(function.__name__, function.__name__)

    def apply(node):
        if node.kind == UNIT and not node.function:
            return Node(UNIT, node.inputs, name, node.weights, node.turned)
        return Node(name, (node,))

    return apply
