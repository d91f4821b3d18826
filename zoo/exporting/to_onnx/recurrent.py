"""Recurrent layers in ONNX: one `RNN`, `GRU` or `LSTM` node for a cell, one for two directions of it."""

from typing import Any

import keras
import numpy as np
from keras import ops, tree

from seqzoo.exporting.to_onnx.graph import Graph, Tensor
from seqzoo.layers import GRUCell, LSTMCell, RNNCell

# The node, and where its gates lie among Keras's: ONNX has z, r, h and i, o, f, c.
KINDS = {
    RNNCell: ("RNN", [0]),
    keras.layers.SimpleRNNCell: ("RNN", [0]),
    GRUCell: ("GRU", [0, 1, 2]),
    keras.layers.GRUCell: ("GRU", [0, 1, 2]),
    LSTMCell: ("LSTM", [0, 3, 1, 2]),
    keras.layers.LSTMCell: ("LSTM", [0, 3, 1, 2]),
}
OPPOSITE = {"forward": "reverse", "reverse": "forward"}
# Keras's activations by their names, with α and β of ONNX's.
ACTIVATIONS = {
    "tanh": ("Tanh", 0.0, 0.0),
    "sigmoid": ("Sigmoid", 0.0, 0.0),
    "relu": ("Relu", 0.0, 0.0),
    "linear": ("Affine", 1.0, 0.0),
    "hard_sigmoid": ("HardSigmoid", 1 / 6, 0.5),
    "softsign": ("Softsign", 0.0, 0.0),
    "softplus": ("Softplus", 0.0, 0.0),
    "elu": ("Elu", 1.0, 0.0),
}


class Masked:
    """Where a mask's steps are: what nodes need that know lengths alone.

    A masked step carries the state, so a row gives what its steps that count give, one after the
    other. They move to the front of their row, where they do not stand there already; the outputs
    then move back to where each of them, and each masked step after it, expects its own.
    """

    def __init__(self, graph: Graph, mask: Tensor):
        counts = graph.cast(graph.cast(mask, "bool"), "int64")
        self.lengths = graph.cast(graph.reduce("Sum", counts, 1), "int32")
        self.after = graph.op("CumSum", counts, np.int64(1))  # how many count up to each step, it included
        self.before = self.after - counts
        self.order = None
        if not graph.right_padded:
            time = graph.size(mask, 1)
            ones = graph.op("Expand", np.int64(1), graph.op("Shape", mask, dtype="int64"))
            first = counts * time * 2 - graph.op("CumSum", ones, np.int64(1))
            _, order = graph.ops("TopK", first, time, outputs=2, axis=1)
            self.order = graph.unsqueeze(order, 2)
        self._graph = graph

    def forward(self, x: Tensor) -> Tensor:
        """The steps that count to the front."""
        if self.order is None:
            return x
        return self._graph.once("GatherND", x, self.order, batch_dims=1)

    def back(self, y: Tensor, first: Tensor | None, reverse: bool) -> Tensor:
        """Each output to where its step was; where none has been made yet, the initial state.

        Behind the last step that counts a node gives zeros, which is what a place of −1 finds too.
        """
        g = self._graph
        if reverse and g.right_padded and first is None:
            return y
        places = self.before if reverse else self.after - 1
        y = g.op("GatherND", y, g.unsqueeze(places, 2), batch_dims=1)
        if first is None:
            return y
        made = self.before if reverse else self.after
        lengths = g.unsqueeze(g.cast(self.lengths, "int64"), 1)
        none = g.binary("GreaterOrEqual", made, lengths, "bool") if reverse else g.binary("Equal", made, 0, "bool")
        return g.where(g.unsqueeze(none, 2), g.unsqueeze(first, 1), y)


def masked(graph: Graph, mask: Tensor | None) -> Masked | None:
    """What a mask says, computed once for all layers that it reaches."""
    if mask is None:
        return None
    key = "mask", mask.name
    if key not in graph.memory:
        graph.memory[key] = Masked(graph, mask)
    return graph.memory[key]


def recurrent(g: Graph, layer: Any, x: Tensor, initial_state: Any = None, mask: Tensor | None = None, **_: Any) -> Any:
    """A recurrent layer: a node for each of its cells, one on top of the other."""
    _check(layer)
    mask = _of_steps(g, mask)
    steps = masked(g, mask)
    cells = getattr(layer.cell, "cells", [layer.cell])
    states = _by_cell(cells, initial_state)
    reverse, last = layer.go_backwards, list[Tensor]()
    y = x if steps is None else steps.forward(x)
    for cell, first in zip(cells, states):
        (y,), (end,) = node(g, [cell], y, steps, [first], "reverse" if reverse else "forward")
        last += end
    output = _outputs(g, layer, y, end, first, steps, mask)
    output = g.flip(output, 1) if layer.return_sequences and reverse else output
    return [output, *last] if layer.return_state else output


def _of_steps(g, mask):
    """A mask of shape `(batch, time)`, of one that may have an axis of one entry behind."""
    return mask if mask is None or len(mask.shape) == 2 else g.squeeze(mask, 2)


def _outputs(g, layer, y, end, first, steps, mask):
    """The last output, or all of them in the order of the steps, as the mask leaves them."""
    zeros = mask is not None and getattr(layer, "zero_output_for_mask", False)
    if not layer.return_sequences:
        if not zeros:
            return end[0]
        last = g.slice(mask, 1, 0, 1) if layer.go_backwards else g.slice(mask, 1, -1)
        return g.where(last, end[0], 0.0)
    if steps is None or zeros and g.right_padded:  # a node gives zeros behind the last step that counts
        return y
    y = steps.back(y, first and first[0], layer.go_backwards)
    return g.where(g.unsqueeze(mask, 2), y, 0.0) if zeros else y


def bidirectional(g: Graph, layer: Any, x: Tensor, initial_state: Any = None, mask: Any = None, **_: Any) -> Any:
    """Two directions: one node where each is one cell and both are of one kind, else those of two layers."""
    ahead, back = layer.forward_layer, layer.backward_layer
    given = _given(initial_state)
    halves = [given[: len(given) // 2], given[len(given) // 2 :]] if given else [None, None]
    if _are_one_node(ahead, back):
        mask = _of_steps(g, mask)
        steps = masked(g, mask)
        firsts = [half and list(half) for half in halves]
        sequences = x if steps is None else steps.forward(x)
        outputs, ends = node(g, [ahead.cell, back.cell], sequences, steps, firsts, "bidirectional")
        parts = zip((ahead, back), outputs, ends, firsts)
        outputs = [_outputs(g, half, y, end, first, steps, mask) for half, y, end, first in parts]
        states = [state for end in ends for state in end]
    else:
        made = [recurrent(g, half, x, first, mask) for half, first in zip((ahead, back), halves)]
        made = [each if isinstance(each, list) else [each] for each in made]
        outputs, states = [each[0] for each in made], [state for each in made for state in each[1:]]
        if layer.return_sequences:
            outputs[1] = g.flip(outputs[1], 1)
    merged = _merge(g, layer.merge_mode, outputs)
    if layer.return_state:
        return [*(merged if isinstance(merged, list) else [merged]), *states]
    return merged


def one_step(g: Graph, cell: Any, x: Tensor, states: Any, **_: Any) -> Any:
    """A cell that is called for one step: its node, for a sequence of one."""
    cells = getattr(cell, "cells", [cell])
    after, x = [], g.unsqueeze(x, 1)
    for one, first in zip(cells, _by_cell(cells, states)):
        (x,), (end,) = node(g, [one], x, None, [first], "forward")
        after += end
    return [end[0], *after]


def node(
    g: Graph,
    cells: list,
    x: Tensor,
    steps: Masked | None,
    firsts: list[list[Tensor] | None],
    direction: str,
) -> tuple[list[Tensor], list[list[Tensor]]]:
    """Adds the node of a cell, or of two that go in two directions.

    A cell that reads what another of its kind has read the other way joins that one's node.

    Args:
        g: the graph.
        cells: one, or two of one kind.
        x: sequences of shape `(batch, time, features)`, those that count in front.
        steps: where these are; None where all count.
        firsts: the initial states of each cell, None for zeros.
        direction: `"forward"`, `"reverse"` or `"bidirectional"`.

    Returns:
        For each cell the outputs `(batch, time, units)` at the steps of x, in their order; and the last states.
    """
    if len(cells) == 1 and firsts == [None]:
        made = [_one_way(g, cells[0], x, steps, direction)]
    else:
        made = _add_node(g, cells, x, steps, firsts, direction)
    outputs = [g.op("Transpose", g.squeeze(y, 1), perm=[1, 0, 2]) for y, *_ in made]
    states = [[g.squeeze(end, 0) for end in ends] for _, *ends in made]
    if steps is not None:
        states = [_kept(g, each, first, steps) for each, first in zip(states, firsts)]
    return outputs, states


def _one_way(g, cell, x, steps, direction):
    """What a node gives for one direction, and has of old where it is joined: outputs and last states."""
    read = ("read", x.name, steps and steps.lengths.name, *_size(cell))
    other = g.memory.pop((*read, OPPOSITE[direction]), None)
    if other is None:
        (made,) = _add_node(g, [cell], x, steps, [None], direction)
        g.memory[(*read, direction)] = cell, made
        return made
    other_cell, given = other
    place = next(i for i, each in enumerate(g.nodes) if given[0].name in each.output)
    later = g.nodes[place + 1 :]
    del g.nodes[place:]
    cells, ours = ([other_cell, cell], 1) if direction == "reverse" else ([cell, other_cell], 0)
    made = _add_node(g, cells, x, steps, [None, None], "bidirectional")
    for before, now in zip(given, made[1 - ours]):
        g.rename(now, before.name)
    g.nodes += later
    return made[ours]


def _add_node(g, cells, x, steps, firsts, direction):
    """A node; for each direction its outputs `(time, 1, batch, units)` and last states `(1, batch, units)`."""
    kind, _ = _kind(cells[0])
    weights = [np.stack(part) for part in zip(*map(_weights, cells))]
    names = [activation for cell in cells for activation in _activations(kind, cell)]
    activations, alphas, betas = zip(*names)
    attributes: dict[str, Any] = {"hidden_size": cells[0].units, "direction": direction, "activations": activations}
    if any(alphas) or any(betas):
        attributes |= {"activation_alpha": alphas, "activation_beta": betas}
    if kind == "GRU":
        attributes["linear_before_reset"] = int(cells[0].reset_after)
    inputs: list[Any] = [g.once("Transpose", x, perm=[1, 0, 2]), *weights, None if steps is None else steps.lengths]
    count = 2 if kind == "LSTM" else 1
    if any(first is not None for first in firsts):
        inputs += [g.concat([g.unsqueeze(first[i], 0) for first in firsts], 0) for i in range(count)]
    made = g.ops(kind, *inputs, outputs=1 + count, dtype="float32", **attributes)
    if len(cells) == 1:
        return [made]
    parts = [g.ops("Split", each, outputs=2, axis=int(each is made[0]), num_outputs=2) for each in made]
    return [list(direction) for direction in zip(*parts)]


def _kept(g, states, first, steps):
    """The last states; the first ones in a row without a step, where a node gives zeros."""
    if first is None:
        return states
    none = g.unsqueeze(g.binary("Equal", steps.lengths, 0, "bool"), 1)
    return [g.where(none, before, state) for before, state in zip(first, states)]


def _weights(cell):
    """W, R and B of one direction."""
    _, order = _kind(cell)
    gates = len(order)
    kernel, recurrent_kernel = (ops.convert_to_numpy(w).astype("float32") for w in (cell.kernel, cell.recurrent_kernel))
    bias = np.zeros((2, gates * cell.units), "float32")
    if cell.bias is not None:
        given = ops.convert_to_numpy(cell.bias).astype("float32")
        bias[: len(given) if given.ndim == 2 else 1] = given

    def ordered(w):
        blocks = np.split(w, gates, axis=-1)
        return np.concatenate([blocks[gate] for gate in order], axis=-1)

    return ordered(kernel).T, ordered(recurrent_kernel).T, ordered(bias).reshape(-1)


def _activations(kind, cell):
    of_gates = [] if kind == "RNN" else [cell.recurrent_activation]
    of_state = [cell.activation] * (2 if kind == "LSTM" else 1)
    found = []
    for activation in (*of_gates, *of_state):
        name = getattr(activation, "__name__", repr(activation))
        if name not in ACTIVATIONS or activation is not getattr(keras.activations, name, None):
            raise NotImplementedError(f"the activation {name}: ONNX's recurrent nodes have {', '.join(ACTIVATIONS)}")
        found.append(ACTIVATIONS[name])
    return found


def _kind(cell):
    if type(cell) not in KINDS:
        raise NotImplementedError(f"a {type(cell).__name__}: ONNX has nodes for the cells of the notes and Keras's")
    return KINDS[type(cell)]


def _check(layer):
    if layer.stateful:
        raise NotImplementedError("stateful=True: a file keeps no states between two calls")


def _by_cell(cells, states):
    """The states of each cell, out of all of them in any structure; None for zeros."""
    given, parts = _given(states), []
    for cell in cells:
        count = len(tree.flatten(cell.state_size))
        parts.append(given[:count] or None)
        given = given[count:]
    return parts


def _given(states):
    return [state for state in tree.flatten(states) if state is not None]


def _are_one_node(ahead, back):
    cells = ahead.cell, back.cell
    if any(hasattr(cell, "cells") for cell in cells):
        return False
    for layer in (ahead, back):
        _check(layer)
    return _size(cells[0]) == _size(cells[1]) and (ahead.go_backwards, back.go_backwards) == (False, True)


def _size(cell):
    """What two cells have in common that one node may have for two directions."""
    return _kind(cell)[0], cell.units, getattr(cell, "reset_after", False)


def _merge(g, mode, outputs):
    if mode is None:
        return list(outputs)
    if mode == "concat":
        return g.concat(outputs, -1)
    both = outputs[0] * outputs[1] if mode == "mul" else outputs[0] + outputs[1]
    return both / 2 if mode == "ave" else both
