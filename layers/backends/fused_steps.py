"""Plain steps with all gates in one product: the fast path where no other runs."""

from keras import ops

from seqzoo.layers.backends.base import Backend
from seqzoo.layers.backends.fused_cells import FUSED_CELLS, fused_form
from seqzoo.layers.backends.half_precision import is_half, with_bias
from seqzoo.layers.backends.recurrent_products import gate_inputs, recurrent_dropout_mask
from seqzoo.layers.backends.scan import scan, where_it_counts
from seqzoo.layers.backends.weights import inputs_and_weights, recurrent_kernel


class FusedSteps(Backend):
    """Runs every `FusedCell`, with any Keras backend. The input products are made before the loop."""

    description = "Fast path: the gates of a step are one matrix product"

    def runs(self, cell, training):
        return type(cell) in FUSED_CELLS

    def run(self, cell, x, states, mask, collect, training):
        x, kernel, (W, *bias) = inputs_and_weights(cell, x, training)
        fused = fused_form(cell)
        dropout_mask = recurrent_dropout_mask(cell, states[0], training)
        blocks = fused.whole_blocks(W)
        z = with_bias(ops.matmul(x, kernel), bias)

        def step(states, inputs):
            z, *masks = inputs
            # In half precision the weight is made anew in each step, so that its gradients are not summed up in it.
            of_step = fused.whole_blocks(recurrent_kernel(cell)) if is_half(z.dtype) else blocks
            after, _ = fused.forward(states, gate_inputs(fused.whole_blocks(z), of_step, dropout_mask))
            after = where_it_counts(masks, after, states)
            return after, after[0]

        xs = [ops.swapaxes(part, 0, 1) for part in (z, mask) if part is not None]
        after, outputs = scan(step, states, xs, collect)
        return after[0], ops.swapaxes(outputs, 0, 1) if collect else None, after
