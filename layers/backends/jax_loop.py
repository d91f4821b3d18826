"""JAX's loop over time, whose gradients of the weights are products over all steps."""

from collections.abc import Sequence

import keras
from keras import ops

from seqzoo.layers.backends.base import Backend, Tensor
from seqzoo.layers.backends.fused_cells import FUSED_CELLS, FusedCell, fused_form
from seqzoo.layers.backends.half_precision import with_bias
from seqzoo.layers.backends.recurrent_products import dropped, gate_inputs, recurrent_dropout_mask
from seqzoo.layers.backends.scan import scan, swapped, where_it_counts
from seqzoo.layers.backends.weights import inputs_and_weights


class JaxLoop(Backend):
    """Runs every `FusedCell`, on JAX.

    JAX's own gradient of a loop adds up those of the weights in each step back. Here the loop is a
    function of x⟨t⟩, of the first states, and of what is added to z⟨t⟩ besides: what a change of the
    weights adds is known for all steps at once, x⟨t⟩ dWx + a⟨t−1⟩ dWa + db. Of that rule JAX makes
    gradients, forward mode and second derivatives.
    """

    description = "Fast path: the gates of a step are one matrix product, the gradient of a weight one for all steps"

    def runs(self, cell, training):
        return keras.backend.backend() == "jax" and type(cell) in FUSED_CELLS

    def run(self, cell, x, states, mask, collect, training):
        x, kernel, weights = inputs_and_weights(cell, x, training)
        masks = [] if mask is None else [mask]
        dropout_mask = recurrent_dropout_mask(cell, states[0], training)
        sequence = _with_tangent(fused_form(cell), collect)
        after, outputs = sequence(x, kernel, weights, list(states), masks, dropout_mask)
        return after[0], outputs, after


def _with_tangent(fused: FusedCell, collect: bool):
    """The function `(x, kernel, weights, states, masks, dropout_mask) -> (last states, outputs)`."""
    import jax

    @jax.custom_jvp
    def sequence(x, kernel, weights, states, masks, dropout_mask):
        results, _ = _loop(fused, collect, x, kernel, weights, states, masks, dropout_mask)
        return results

    @sequence.defjvp
    def tangent(primals, tangents):
        x, kernel, weights, states, masks, dropout_mask = primals
        dx, d_kernel, (d_recurrent_kernel, *d_bias), d_states, *_ = tangents

        def of_inputs(x, added, states):
            return _loop(fused, collect, x, kernel, weights, states, masks, dropout_mask, added)

        batch, time, _ = x.shape
        nothing = [ops.zeros((time, batch, W.shape[1]), x.dtype) for W in fused.blocks(kernel)]
        results, linear, multiplied = jax.linearize(of_inputs, x, nothing, states, has_aux=True)
        changes = zip(multiplied, *map(fused.blocks, (d_kernel, d_recurrent_kernel, *d_bias)))
        x = swapped(x)
        added = [with_bias(_of_all_steps(x, dWx) + _of_all_steps(a, dWa), db) for a, dWx, dWa, *db in changes]
        return results, linear(dx, added, d_states)

    return sequence


def _of_all_steps(a: Tensor, W: Tensor) -> Tensor:
    """a⟨t⟩ W for all t, as one product of two matrices: of more axes XLA makes a slow one."""
    return ops.reshape(ops.matmul(ops.reshape(a, (-1, a.shape[-1])), W), (*a.shape[:-1], W.shape[-1]))


def _loop(
    fused: FusedCell,
    collect: bool,
    x: Tensor,
    kernel: Tensor,
    weights: Sequence[Tensor],
    states: list[Tensor],
    masks: Sequence[Tensor],
    dropout_mask: Tensor | None,
    added: Sequence[Tensor] = (),
) -> tuple[tuple[list[Tensor], Tensor | None], list[Tensor]]:
    """The last states and the outputs; where something is `added` to z, what each block was multiplied with besides.

    The input products are made within the loop, where XLA runs them beside the recurrent ones.
    """
    recurrent_kernel, *bias = weights
    blocks = fused.whole_blocks(recurrent_kernel)

    def step(states, inputs):
        x, added, masks = inputs
        z = fused.whole_blocks(sum(bias, ops.matmul(x, kernel)))
        if added:
            z = [[part + more] for (part,), more in zip(z, added)]
        after, gates = fused.forward(states, gate_inputs(z, blocks, dropout_mask))
        multiplied = [dropped(a, dropout_mask) for a in fused.multiplied(states, gates)] if added else []
        after = where_it_counts(masks, after, states)
        return after, (after[0] if collect else None, multiplied)

    after, (outputs, multiplied) = scan(step, states, [swapped(x), list(added), list(map(swapped, masks))])
    return (after, swapped(outputs) if collect else None), multiplied
