"""A batch on several devices of TensorFlow: each has a part of it, and they learn what one device would."""

import contextlib
from collections.abc import Iterator
from typing import Any

import keras
from keras import ops

CLIPPING = ("clipnorm", "global_clipnorm", "clipvalue")
MEANS = ("sum_over_batch_size", "mean")


def replicas() -> int:
    """How many devices are at work on the step that runs: 1 outside a step of a `tf.distribute.Strategy`.

    >>> replicas()
    1
    """
    if keras.backend.backend() != "tensorflow":
        return 1
    import tensorflow as tf

    context = tf.distribute.get_replica_context()
    return context.num_replicas_in_sync if context else 1


def over_all(values: Any) -> Any:
    """The sums of tensors over the replicas, within a step."""
    import tensorflow as tf

    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, values)


def share(loss: Any, y: Any, ŷ: Any) -> Any:
    """What a replica's mean counts in the mean of all: how much of what counts it has, times the replicas.

    Keras gives each replica's mean the same weight, 1/N. But the mean of the whole batch is
    Σ c_r mean_r / Σ c_r, where c_r is how many examples, or steps that no mask leaves out, a
    replica has.

    Args:
        loss: what the model is compiled with.
        y: the replica's targets.
        ŷ: the replica's outputs, with Keras's mask.
    """
    mask = getattr(ŷ, "_keras_mask", None)
    ignored = loss.get_config().get("ignore_class") if isinstance(loss, keras.losses.Loss) else None
    if ignored is not None:
        labelled = ops.not_equal(y, ignored)
        mask = labelled if mask is None else ops.logical_and(mask, labelled)
    counted = ops.cast(ops.shape(ŷ)[0] if mask is None else ops.sum(ops.cast(mask, "int32")), "float32")
    return ops.divide_no_nan(replicas() * counted, over_all(counted))


def seen_as_one(loss: Any, examples: Any) -> Any:
    """A replica's part of the loss, with a value that Keras's mean over examples makes the whole batch's of.

    Args:
        loss: the replica's part, whose gradient stays as it is.
        examples: how many of the batch the replica has.
    """
    examples = ops.cast(examples, loss.dtype)
    value = ops.divide_no_nan(loss * over_all(examples), replicas() * examples)
    return loss + ops.stop_gradient(value - loss)


@contextlib.contextmanager
def clipped_as_one(optimizer: Any) -> Iterator[None]:
    """Within it an optimizer clips the sum of all replicas' gradients. Keras clips each, and sums them then.

    Args:
        optimizer: of a model that is in a step.
    """
    n = replicas()
    limits = {name: getattr(optimizer, name, None) for name in CLIPPING}
    if n == 1 or not any(limits.values()):
        yield
        return
    import tensorflow as tf

    apply = optimizer.apply

    def apply_the_same(gradients, variables=None):
        """Each replica gives an n-th of the sum, clipped at an n-th: the optimizer adds them up."""
        there = iter(over_all([g for g in gradients if g is not None]))
        apply([None if g is None else tf.scalar_mul(1 / n, next(there)) for g in gradients], variables)

    try:
        optimizer.apply = apply_the_same
        for name, limit in limits.items():
            setattr(optimizer, name, limit and limit / n)
        yield
    finally:
        del optimizer.apply
        for name, limit in limits.items():
            setattr(optimizer, name, limit)
