"""A sequence by TensorFlow's own loop. Its arrays have time first.

Each gate has arrays and products of its own: TensorFlow runs these side by side, and to put them
into one array, or to take them out of one, costs it more than a small product does.
"""

import functools

from keras import tree

from seqzoo.layers.backends.recurrent_products import dropped, gate_inputs, products_back
from seqzoo.layers.backends.sequence import Sequence, input_products, sum_over_time
from seqzoo.layers.backends.tensorflow_loop import loop_over_arrays, loop_over_lists

FEW_UNITS = 64  # with fewer, or of one row, the gates of a step are one product at inference


class ByTensorFlow(Sequence):
    """Runs where XLA does not compile: at inference, and where the number of steps is unknown."""

    def forward(self, x, kernel, weights, states):
        widths = [states[0].shape[-1]] * len(self.fused.closed_gates)
        cut = self.fused.blocks_by_gate
        step, prepare = self._step(weights, cut), self._preparing(kernel, weights, cut)
        last, kept = loop_over_arrays(step, states, [x, *self.masks], widths, kept=len(states), prepare=prepare)
        gates, over_time = kept[: len(widths)], kept[len(widths) :]
        return over_time[0][1:], last, (gates, over_time)

    def backward(self, weights, kept, d_outputs, d_last):
        import tensorflow as tf

        fused, (kernel, *bias), (gates, over_time) = self.fused, weights, kept
        before, after = [s[:-1] for s in over_time], [s[1:] for s in over_time]
        arrays = [d_outputs, gates, before, after, self.masks]
        blocks = fused.blocks_by_gate(kernel)
        back, count = self.step_back(products_back(blocks, self.dropout_mask)), sum(map(len, blocks))

        def prepare(inputs):
            d_outputs, gates, before, after, masks = tree.pack_sequence_as(arrays, inputs)
            slopes, others = fused.factors(gates, before, after, *(masks or [None]))
            return [*slopes, *d_outputs, *others, *self.kept(masks, kernel.dtype)]

        step = lambda d_states, inputs: back(d_states, inputs[:count], inputs[count:])
        widths = [kernel.shape[0]] * count
        d_first, dz = loop_over_arrays(step, d_last, tree.flatten(arrays), widths, reverse=True, prepare=prepare)
        multiplied = [dropped(a, self.dropout_mask) for a in fused.multiplied(before, gates)]
        by_block = zip(multiplied, tree.pack_sequence_as(blocks, dz))
        d_kernel = tf.concat([sum_over_time(a, d) for a, of_block in by_block for d in of_block], axis=1)
        return dz, d_kernel, *self.bias_gradient(bias, dz), *d_first

    def inference(self, x, kernel, weights, states):
        rows, units = states[0].shape
        cut = self.fused.whole_blocks if rows == 1 or units < FEW_UNITS else self.fused.blocks_by_gate
        loop = functools.partial(loop_over_arrays, prepare=self._preparing(kernel, weights, cut))
        return self._collecting(loop, self._step(weights, cut), [x, *self.masks], states)

    def by_steps(self, x, kernel, weights, states):
        cut = self.fused.blocks_by_gate
        inputs = self._preparing(kernel, weights, cut)([x, *self.masks])
        return self._collecting(loop_over_lists, self._step(weights, cut), inputs, states)

    def _collecting(self, loop, step, xs, states):
        """The outputs, if they are collected, and the last states of a loop."""

        def collecting(states, inputs):
            states, _ = step(states, inputs)
            return states, states[:1] if self.collect else []

        widths = [states[0].shape[-1]] if self.collect else []
        last, outputs = loop(collecting, states, xs, widths)
        return [*outputs, *last]

    def _step(self, weights, cut):
        """The step `(states, inputs) -> (states, gates)`."""
        blocks = cut(weights[0])
        count = sum(map(len, blocks))

        def step(states, inputs):
            z = tree.pack_sequence_as(blocks, inputs[:count])
            return self.fused.forward(states, gate_inputs(z, blocks, self.dropout_mask), *inputs[count:])

        return step

    def _preparing(self, kernel, weights, cut):
        """From x and the mask of some steps to what each of them reads."""
        _, *bias = weights
        kernels, bias = tree.flatten(cut(kernel)), tree.flatten([cut(b) for b in bias])

        def prepare(inputs):
            x, *masks = inputs
            return self.prepared(bias, [input_products(x, W) for W in kernels], masks)

        return prepare


class InHalves(ByTensorFlow):
    """Runs the two halves of the batch side by side, for a cell whose step is one large product.

    TensorFlow runs two products at the same time on two cores in less time than one that the cores share.
    """

    def with_gradient(self, x, kernel, weights, states):
        import tensorflow as tf

        def halves(x, axis):
            half = tf.shape(x)[axis] // 2
            return tf.split(x, [half, tf.shape(x)[axis] - half], axis=axis)

        by_batch = lambda x, axis: [None] * 2 if x is None else halves(x, axis)
        states = zip(*(halves(state, 0) for state in states))
        parts = zip(halves(x, 1), by_batch(self.mask, 1), by_batch(self.dropout_mask, 0), states)
        results = [
            ByTensorFlow(self.fused, mask, dropout_mask, self.collect).with_gradient(x, kernel, weights, list(states))
            for x, mask, dropout_mask, states in parts
        ]
        outputs = [tf.concat([part[0] for part in results], axis=1)] if self.collect else []
        return [*outputs, *(tf.concat(part, axis=0) for part in list(zip(*results))[len(outputs) :])]
