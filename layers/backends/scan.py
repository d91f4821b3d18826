"""The loop over time, once for each backend."""

import keras

from seqzoo.layers.backends.tensorflow_loop import loop_over_lists


def swapped(x):
    """Swaps the first two axes: (batch, time, …) ↔ (time, batch, …)."""
    if keras.backend.standardize_dtype(x.dtype) == "bool":  # of which oneDNN complains
        return keras.ops.cast(swapped(keras.ops.cast(x, "uint8")), "bool")
    return keras.ops.transpose(x, (1, 0, *range(2, len(x.shape))))


def where_it_counts(masks, after, before):
    """The states after a step, and those before it where the mask, if there is one, leaves the step out."""
    for mask in masks:
        after = [keras.ops.where(mask, new, old) for new, old in zip(after, before)]
    return after


def scan(step, init, xs, collect=True, unroll=False):
    """Carries states through a sequence.

    Args:
        step: `step(states, inputs) -> (states, output)`, states a flat list of tensors.
        init: flat list of tensors, the states before the first step. Shapes and dtypes
            stay what they are here.
        xs: flat list of tensors of shape `(time, batch, ...)`.
        collect: whether the outputs of all steps are kept.
        unroll: whether the graph holds one copy of the step for each moment; `time` must
            then be known.

    Returns:
        `(states, outputs)`: the last states, and the outputs of shape
        `(time, batch, units)`, or None unless `collect`.
    """
    loops = {"jax": _jax_scan, "tensorflow": _tensorflow_scan}
    loop = _python_loop if unroll else loops.get(keras.backend.backend(), _python_loop)
    return loop(step, init, xs, collect)


def _python_loop(step, states, xs, collect):
    outputs = []
    # Not x[t]: on torch the gradient of each would be as large as x.
    for inputs in zip(*(keras.ops.unstack(x, x.shape[0], axis=0) for x in xs)):
        states, output = step(states, list(inputs))
        outputs.append(output)
    if not collect:
        return states, None
    if not outputs:
        return states, keras.ops.zeros((0, *states[0].shape), dtype=states[0].dtype)
    return states, keras.ops.stack(outputs)


def _jax_scan(step, init, xs, collect):
    import jax

    def body(states, inputs):
        states, output = step(states, inputs)
        return states, output if collect else None

    return jax.lax.scan(body, init, xs)


def _tensorflow_scan(step, init, xs, collect):
    def body(states, inputs):
        states, output = step(states, inputs)
        return states, [output] if collect else []

    widths = [init[0].shape[-1]] if collect else []
    states, outputs = loop_over_lists(body, init, xs, widths)
    return states, outputs[0] if collect else None
