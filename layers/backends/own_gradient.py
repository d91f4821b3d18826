"""The fast path on TensorFlow: a whole sequence as one function, with a gradient of its own.

The plain step of each cell is the specification, and this computes the same function. What
does not depend on the state leaves the loop over time:

- the input products are made for many steps at once;
- the loop back over time only carries the gradients of the states, by factors;
- the weight gradients are matrix products over all steps after it;
- a mask closes gates by their inputs, so that a masked step costs what another does.

How the loops themselves go is the matter of `sequence_by_tensorflow.py` and `sequence_by_xla.py`.
"""

from collections.abc import Sequence

import keras

from seqzoo.layers.backends import blocks
from seqzoo.layers.backends.base import Backend, Tensor
from seqzoo.layers.backends.compiled_alone import MANY_UNITS, compiles_alone, on_cpu_alone
from seqzoo.layers.backends.fused_cells import FUSED_CELLS, fused_form
from seqzoo.layers.backends.recurrent_products import recurrent_dropout_mask
from seqzoo.layers.backends.scan import swapped
from seqzoo.layers.backends.sequence_by_tensorflow import ByTensorFlow, InHalves
from seqzoo.layers.backends.sequence_by_xla import ByXla, CompiledAlone
from seqzoo.layers.backends.weights import inputs_and_weights
from seqzoo.layers.backends.xla_loop import under_xla


class OwnGradient(Backend):
    """Runs every `FusedCell` whose activation has its slope in `SLOPES`, on TensorFlow.

    In training, and wherever a tape may ask for a gradient, the loop keeps what that needs. Else it
    keeps nothing, and runs once more if a gradient is asked for after all. A second derivative is that of `by_steps`.
    """

    description = (
        "Fast path: the input products are made for many steps at once, "
        "and the weight gradients for all of them, after the loop over time"
    )

    def runs(self, cell, training):
        if keras.backend.backend() != "tensorflow" or type(cell) not in FUSED_CELLS:
            return False
        return fused_form(cell).has_gradient

    def run(self, cell, x, states, mask, collect, training):
        import tensorflow as tf

        alone = compiles_alone(x, cell.units, training)
        is_long = training and not under_xla() and (x.shape[1] or 0) >= 2 * blocks.BLOCK
        if is_long and len(cell.gates) > 1:
            return blocks.in_blocks(self, cell, x, states, mask, collect, training)
        x, kernel, weights = inputs_and_weights(cell, x, training)
        states = [tf.convert_to_tensor(state) for state in states]  # a state may be a tf.Variable
        dropout_mask = recurrent_dropout_mask(cell, states[0], training)
        by_xla = alone or under_xla()
        way = CompiledAlone if alone else ByXla if by_xla else _by_tensorflow(cell, training)
        x, mask = (part if part is None or by_xla else swapped(part) for part in (x, mask))
        sequence = way(fused_form(cell), mask, dropout_mask, collect)
        run = sequence.with_gradient if training or under_tape() else sequence.keeping_nothing
        if in_forward_mode([x, kernel, *weights, *states]):
            run = tf.function(run, autograph=False)
        results = run(x, kernel, weights, states)
        if not collect:
            return results[0], None, list(results)
        outputs, *after = results
        return after[0], outputs if by_xla else swapped(outputs), after


def _by_tensorflow(cell, training):
    has_one_large_product = cell.units >= MANY_UNITS and len(cell.gates) <= 1
    return InHalves if training and has_one_large_product and on_cpu_alone() else ByTensorFlow


def under_tape():
    """Whether a `tf.GradientTape` may follow what runs here.

    Nothing public says so. Where nothing says so at all, one may.
    """
    try:
        from tensorflow.python.eager.record import could_possibly_record
    except ImportError:
        return True
    return could_possibly_record()


def in_forward_mode(tensors: Sequence[Tensor]) -> bool:
    """Whether a `tf.autodiff.ForwardAccumulator` follows one of the tensors of a graph.

    It then has to run as a function: else TensorFlow takes what has a gradient made by hand for
    a constant, and says nothing. Nothing public says so.
    """
    import tensorflow as tf

    try:
        from tensorflow.python.eager.forwardprop_util import pack_tangents
    except ImportError:
        return False
    return not tf.executing_eagerly() and bool(pack_tangents(list(tensors)).tangents)
