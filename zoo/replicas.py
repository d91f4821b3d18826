"""A batch on several devices of TensorFlow: each has a part of it, and they learn what one device would."""

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


def clips(optimizer: Any) -> bool:
    """Whether an optimizer clips gradients."""
    return any(getattr(optimizer, limit, None) for limit in CLIPPING)


def train_step(model: keras.Model, data: Any) -> dict[str, Any]:
    """A replica's step of `keras.Model.fit`, where an optimizer clips: it clips the sum of all replicas' gradients.

    Keras clips each replica's, and sums them then, which is another step than one device's.

    Args:
        model: compiled in the strategy's scope.
        data: the replica's batch.

    Returns:
        The metrics.
    """
    import tensorflow as tf

    x, y, weight = keras.utils.unpack_x_y_sample_weight(data)
    with tf.GradientTape() as tape:
        ŷ = model(x, training=True)
        loss = model.compute_loss(x, y, ŷ, weight, training=True)
    gradients = tape.gradient(loss, model.trainable_variables)
    model.metrics[0].update_state(replicas() * loss, ops.shape(ŷ)[0])  # the loss's, as Keras does
    learned = [(g, variable) for g, variable in zip(gradients, model.trainable_variables) if g is not None]
    gradients, variables = zip(*learned)
    clipped = _clipped(over_all(list(gradients)), model.optimizer)
    model.optimizer.apply([tf.scalar_mul(1 / replicas(), g) for g in clipped], variables)  # it sums them up
    return model.compute_metrics(x, y, ŷ, weight)


def _clipped(gradients, optimizer):
    import tensorflow as tf

    if optimizer.clipnorm:
        return [tf.clip_by_norm(g, optimizer.clipnorm) for g in gradients]
    if optimizer.global_clipnorm:
        return tf.clip_by_global_norm(gradients, optimizer.global_clipnorm)[0]
    limit = optimizer.clipvalue
    return [tf.clip_by_value(g, -limit, limit) for g in gradients]
