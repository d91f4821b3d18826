"""Any mask, and sequences without a step, over a loop that knows neither: torch's and cuDNN's."""

from keras import ops

from seqzoo.layers.backends.fused_cells import gatewise


def run_right_padded(loop, x, kernel, states, mask, collect, closed_gates=()):
    """Runs a loop of a library's over sequences whose steps do not all count.

    Where there is a mask, the steps that count move to the front of their row. What the loop
    makes of the padding after them is not read, but c of an LSTM has to come through it: a
    feature that is one there closes Γu and opens Γf.

    Args:
        loop: `loop(x, kernel, states) -> (states, outputs)`, whose first state is its output.
        x, states, mask, collect: as in `Backend.run`.
        kernel: what x⟨t⟩ is multiplied with, shape `(features, gates * units)`.
        closed_gates: see `FusedCell`; empty where the output is the only state.

    Returns:
        What `Backend.run` returns. A masked step repeats the output before it, the first
        state where there is none.
    """
    if 0 in x.shape[:2]:
        outputs = ops.zeros((*ops.shape(x)[:2], states[0].shape[-1]), x.dtype)
    elif mask is None:
        states, outputs = loop(x, kernel, states)
    else:
        states, outputs = _through_padding(loop, x, kernel, states, mask, closed_gates)
    return states[0], outputs if collect else None, states


def _through_padding(loop, x, kernel, states, mask, closed_gates):
    counted = ops.cumsum(ops.cast(mask, "int32"), axis=1)
    x, padding = _in_front(x, mask, counted[:, -1:])
    if closed_gates:
        x = ops.concatenate([x, ops.cast(padding, x.dtype)], axis=-1)
        kernel = ops.concatenate([kernel, gatewise(closed_gates, kernel)[None]])
    (_, *others), outputs = loop(x, kernel, states)
    outputs = ops.concatenate([states[0][:, None], outputs], axis=1)
    outputs = ops.take_along_axis(outputs, counted, axis=1)
    return [outputs[:, -1], *others], outputs


def _in_front(x, mask, count):
    """The steps that count, in front and in their order, zeros after them; and where those are."""
    time = ops.shape(x)[1]
    t = ops.arange(time)[None, :, None]
    order = ops.argsort(ops.where(mask, t, t + time), axis=1)
    padding = t >= count
    return ops.where(padding, ops.cast(0, x.dtype), ops.take_along_axis(x, order, axis=1)), padding
