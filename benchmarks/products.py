"""The matrix products of a recurrent layer, and nothing else of it: what no cell can be faster than."""

import keras
from keras import ops, tree


@keras.saving.register_keras_serializable("benchmarks")
class Products(keras.layers.RNN):
    """In place of a recurrent layer: no step waits for another, and no function bends z.

    x W, and a part of that by Wa, of all steps at once; training needs the gradients of both. So a model
    with it is as fast as it would be if its cells cost nothing but their products.
    """

    @property
    def output_size(self):
        return self.cell.units

    def call(self, sequences, initial_state=None, mask=None, training=False):
        kernel, recurrent_kernel, bias = self.cell.weights
        z = ops.matmul(ops.reshape(sequences, (-1, sequences.shape[-1])), kernel) + bias
        a = ops.matmul(z[:, : self.cell.units], recurrent_kernel)[:, : self.cell.units]
        a = ops.reshape(a, (*ops.shape(sequences)[:2], self.cell.units))
        last = a[:, -1]
        y = a if self.return_sequences else last
        return (y, *(last for _ in tree.flatten(self.state_size))) if self.return_state else y
