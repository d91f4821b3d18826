"""A whole sequence as one function of TensorFlow, with a gradient of its own."""

import abc
from dataclasses import dataclass, replace
from typing import Any

from seqzoo.layers.backends.base import Tensor
from seqzoo.layers.backends.fused_cells import FusedCell
from seqzoo.layers.backends.half_precision import whole
from seqzoo.layers.backends.second_derivative import differentiable_again, gradients_of
from seqzoo.layers.backends.tensorflow_loop import known_shape


@dataclass(frozen=True)
class Sequence(abc.ABC):
    """A cell's way through a sequence, there and back.

    Args:
        fused: the cell.
        mask: as in `Backend.run`, but with the axes of the sequences.
        dropout_mask: see `recurrent_dropout_mask`.
        collect: as in `Backend.run`.
    """

    fused: FusedCell
    mask: Tensor | None
    dropout_mask: Tensor | None
    collect: bool

    def with_gradient(self, x, kernel, weights, states) -> Any:
        """The outputs if they are collected, and the last states.

        Args:
            x: the sequences.
            kernel: what x⟨t⟩ is multiplied with.
            weights: the recurrent kernel, and the bias where there is one.
            states: the states before the first step.
        """
        import tensorflow as tf

        unpacked = _unpacking(len(weights))
        masks = {"mask": self.mask, "dropout_mask": self.dropout_mask}
        constants = {name: mask for name, mask in masks.items() if mask is not None}

        def by_steps(*values):
            end = len(values) - len(constants)
            return replace(self, **dict(zip(constants, values[end:]))).by_steps(*unpacked(values[:end]))

        @tf.custom_gradient
        def sequence(*inputs):
            # No tape need follow the two loops by hand, whose gradients are these.
            x, kernel, weights, states = unpacked([tf.stop_gradient(part) for part in inputs])
            outputs, last, kept = self.forward(x, kernel, weights, states)

            def gradient(*upstream):
                d_last = [tf.stop_gradient(part) for part in upstream]
                d_outputs = [d_last.pop(0)] if self.collect else []
                dz, *others = self.backward(weights, kept, d_outputs, d_last)
                d_inputs = (*_input_gradients(x, kernel, dz), *others)
                return differentiable_again(d_inputs, by_steps, inputs, upstream, list(constants.values()))

            return (outputs, *last) if self.collect else tuple(last), gradient

        return sequence(x, kernel, *weights, *states)

    def keeping_nothing(self, x, kernel, weights, states):
        """As `with_gradient`, but a gradient that is asked for runs the loop again."""
        import tensorflow as tf

        unpacked = _unpacking(len(weights))

        @tf.custom_gradient
        def sequence(*inputs):
            def gradient(*upstream):
                again = lambda *inputs: self.with_gradient(*unpacked(inputs))
                return gradients_of(again, inputs, upstream)

            return tuple(self.inference(*unpacked([tf.stop_gradient(part) for part in inputs]))), gradient

        return sequence(x, kernel, *weights, *states)

    @abc.abstractmethod
    def forward(self, x, kernel, weights, states):
        """The outputs of all steps, the last states, and what the gradient needs."""

    @abc.abstractmethod
    def backward(self, weights, kept, d_outputs, d_last):
        """The gradients of z, a list, of the weights and of the first states.

        Args:
            weights: as in `with_gradient`.
            kept: what `forward` gave for it.
            d_outputs: the gradient of the outputs of all steps, in a list that is empty unless they are collected.
            d_last: the gradients of the last states.
        """

    @abc.abstractmethod
    def inference(self, x, kernel, weights, states):
        """As `with_gradient`, without one."""

    @abc.abstractmethod
    def by_steps(self, x, kernel, weights, states):
        """As `with_gradient`, by operations that TensorFlow can differentiate."""

    @property
    def masks(self) -> list[Tensor]:
        """The mask, where there is one."""
        return [] if self.mask is None else [self.mask]

    def prepared(self, bias, z, masks):
        """What a step reads: z with the bias and with closed gates, and the mask where it needs that."""
        z = [part + b for part, b in zip(z, bias, strict=True)] if bias else z
        for mask in masks:
            z = self.fused.close(z, mask)
        return [*z, *(masks if self.fused.keeps_output else [])]

    def kept(self, masks, dtype):
        """What a step back reads of the mask: 1 where a step counts."""
        import tensorflow as tf

        return [tf.cast(mask, dtype) for mask in masks if self.fused.keeps_output]

    def bias_gradient(self, bias, dz):
        """A list with the gradient of the bias, where there is one."""
        import tensorflow as tf

        sums = [tf.cast(tf.reduce_sum(whole(d), axis=[0, 1]), d.dtype) for d in dz]
        return [tf.concat(sums, axis=0) for _ in bias]

    def step_back(self, products):
        """The step back: `(d_states, slopes, inputs) -> (d_states, dz)`.

        Where outputs are collected, the inputs begin with the gradient of this step's.
        """

        def step(d_states, slopes, inputs):
            if self.collect:
                d_output, *inputs = inputs
                d_states = [d_states[0] + d_output, *d_states[1:]]
            return self.fused.backward(d_states, slopes, *inputs, products=products)

        return step


def input_products(x: Tensor, kernel: Tensor) -> Tensor:
    """x⟨t⟩ W for all t, as one matrix product."""
    import tensorflow as tf

    z = tf.reshape(tf.matmul(_rows(x), kernel), tf.concat([tf.shape(x)[:2], [kernel.shape[1]]], axis=0))
    return known_shape(z, (*x.shape[:2], kernel.shape[1]))


def sum_over_time(a: Tensor, dz: Tensor) -> Tensor:
    """Σt a⟨t⟩ᵀ dz⟨t⟩, as one matrix product."""
    import tensorflow as tf

    return tf.matmul(_rows(a), _rows(dz), transpose_a=True)


def _unpacking(weights):
    """From the flat inputs of a sequence to its x, its kernel, its other weights, and its states."""
    return lambda inputs: (*inputs[:2], inputs[2 : 2 + weights], inputs[2 + weights :])


def _input_gradients(x, kernel, dz):
    """The gradients of x and of its kernel."""
    import tensorflow as tf

    parts = zip(dz, tf.split(kernel, len(dz), axis=1))
    dx = tf.add_n([tf.matmul(_rows(d), W, transpose_b=True) for d, W in parts])
    return tf.reshape(dx, tf.shape(x)), tf.concat([sum_over_time(x, d) for d in dz], axis=1)


def _rows(x):
    import tensorflow as tf

    return tf.reshape(x, (-1, x.shape[-1]))
