import dataclasses
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

import seqzoo
from seqzoo.architectures.pooling import masked_mean
from seqzoo.door import Refused
from seqzoo.precision import precision

sys.path.insert(0, str(Path(__file__).parents[1] / "contract"))
from small import small_model  # noqa: E402

OPTIONS = {"ner": dict(crf=True, letter_units=4), "sentiment": dict(pooling="max_mean")}
MODELS = [(name, OPTIONS.get(name, {})) for name in seqzoo.list_tasks()]
MODELS += [("speech", dict(decoder="attention")), ("video", dict(shape=(None, 9, 9, 1)))]


@pytest.mark.parametrize("name, options", MODELS, ids=str)
def test_every_task_trains_in_half_precision_and_is_loaded_so(name, options, tmp_path):
    """The hardest: float16, whose largest number is 65504. Outputs are float32, numbers those of float32 nearly."""
    half = "bfloat16" if name == "dna" else "float16"
    with precision(f"mixed_{half}"):
        model = small_model(name, **options)
    assert keras.config.dtype_policy().name == "float32"
    assert model.compute_dtype == half and model.network.outputs[0].dtype == "float32"
    model.run_eagerly = True  # nothing to compile
    own = seqzoo.get_task(name).own_data()
    x = [np.full((5, 9, 9, 1), 200.0) for _ in own.y] if "shape" in options else own.x
    loss = model.fit(x, own.y, verbose=0).history["loss"]
    assert np.isfinite(loss).all() and all(np.isfinite(weight).all() for weight in model.get_weights())
    inputs, *_ = next(model._pipeline.batches(x, own.y).as_numpy_iterator())
    found = keras.ops.convert_to_numpy(model(inputs))
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(again(inputs)), found)
    whole = small_model(name, **options)
    whole.set_weights(model.get_weights())
    expected = keras.ops.convert_to_numpy(whole(inputs))
    np.testing.assert_allclose(found, expected, rtol=0.02, atol=0.02)
    assert not np.array_equal(found, expected)  # it did compute in half precision


@pytest.fixture
def in_double_precision():
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    yield
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")


@pytest.mark.parametrize("name, options", MODELS[:-1], ids=str)  # no frames: Keras turns no float64
def test_every_task_trains_and_answers_where_keras_computes_in_double_precision(
    name, options, in_double_precision, tmp_path
):
    """Integers are int64 by default then, and floats float64."""
    model = small_model(name, **options)
    model.run_eagerly = True  # nothing to compile
    own = seqzoo.get_task(name).own_data()
    assert np.isfinite(model.fit(own.x, own.y, verbose=0).history["loss"]).all()
    assert {str(weight.dtype) for weight in model.weights if "float" in str(weight.dtype)} == {"float64"}
    answers = model.answer(own.x)
    assert len(answers) == len(own.y)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras").answer(own.x)
    assert again == answers or name == "music"  # whose tunes are drawn


def test_a_recipe_trains_so(policy="mixed_float16"):
    def batches(*args, **kwargs):
        return tf.data.Dataset.from_tensor_slices((["ACGT", "GGTT", "AAAA", "CCGG"], [0, 1, 0, 1])).batch(2)

    dna = seqzoo.get_task("dna")
    task = dataclasses.replace(dna, batches=batches)
    model = task.train(precision=policy, epochs=1, units=4, clipnorm=1.0, cosine=True, ema_momentum=0.9)
    assert model.compute_dtype == policy.removeprefix("mixed_") and np.isfinite(model.history.history["loss"]).all()
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    assert optimizer.global_clipnorm == 1.0
    assert keras.config.dtype_policy().name == "float32"
    with pytest.raises(Refused, match="Did you mean 'mixed_float16'"):
        task.train(precision="mixed_flaot16")
    with pytest.raises(Refused, match="(?s)several devices.*'mixed_float16'"):
        with precision("mixed_float16", strategy="two devices"):
            pass


def test_a_mean_of_many_steps_counts_them_all():
    x = keras.ops.ones((1, 3000, 1), dtype="float16")
    mask = keras.ops.ones((1, 3000), dtype="bool")
    assert float(masked_mean(x, mask)[0, 0]) == 1.0
