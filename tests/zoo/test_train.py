"""`task.train` and `task.fit` with models that have a history, and with options that fit nothing."""

import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

import seqzoo
from seqzoo.door import Refused
from seqzoo.precision import precision

TASK = seqzoo.get_task("music")  # whose recipe has a cosine
OWN = TASK.own_data()
BATCHES = tf.data.Dataset.from_tensor_slices((OWN.x, OWN.y)).batch(2)


def model():
    keras.utils.set_random_seed(0)
    return TASK.create_model(units=4, **OWN.options)


class Rates(keras.callbacks.Callback):
    """The learning rate after each batch; cuts training at the begin of an epoch, once it is backed up."""

    def __init__(self, stop=None):
        super().__init__()
        self.seen, self.stop = [], stop

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        if self.epoch == self.stop:
            raise KeyboardInterrupt

    def on_train_batch_end(self, batch, logs=None):
        self.seen.append(float(self.model.optimizer.learning_rate))


def rates(made, stop=None, **options):
    seen = Rates(stop)
    try:
        TASK.fit(made, BATCHES, BATCHES, callbacks=[seen], **options)
    except KeyboardInterrupt:
        assert stop is not None
    return seen.seen


def largest_change(made, **options):
    before = made.network.get_weights()
    rates(made, **options)
    return max(np.abs(now - then).max() for now, then in zip(made.network.get_weights(), before))


def test_a_second_training_falls_along_a_cosine_of_its_own():
    made = model()
    first = rates(made, epochs=2)
    assert largest_change(made, epochs=2) > 1e-3
    assert rates(made, epochs=2) == pytest.approx(first) and first[0] > first[-1]


@pytest.mark.parametrize("how", ["fit", "own fit", "loaded"])
def test_the_rate_is_whole_again_after_a_cosine(how, tmp_path):
    made = model()
    rates(made, epochs=2)
    assert float(made.optimizer.learning_rate) == pytest.approx(TASK.recipe.learning_rate)
    if how == "loaded":
        made.save(tmp_path / "model.keras")
        made = seqzoo.load_model(tmp_path / "model.keras")
    if how == "own fit":
        before, seen = made.network.get_weights(), Rates()
        made.fit(OWN.x, OWN.y, callbacks=[seen], verbose=0)
        assert max(np.abs(now - then).max() for now, then in zip(made.network.get_weights(), before)) > 1e-3
    else:
        assert largest_change(made, epochs=1, cosine=False) > 1e-3
        assert rates(made, epochs=1, cosine=False) == pytest.approx([TASK.recipe.learning_rate] * len(BATCHES))
        with pytest.raises(Refused, match="compile the model once more"):
            rates(made, epochs=1, cosine=False, plateau=1)


def test_a_cosine_of_a_loaded_model_goes_on_after_a_cut(tmp_path):
    made = model()
    rates(made, epochs=2)
    made.save(tmp_path / "model.keras")
    load = lambda: seqzoo.load_model(tmp_path / "model.keras")
    whole = rates(load(), epochs=3)
    begun = rates(load(), stop=2, epochs=3, backup_dir=tmp_path / "backup")
    assert begun + rates(load(), epochs=3, backup_dir=tmp_path / "backup") == pytest.approx(whole)


@pytest.mark.parametrize("same", [True, False])
def test_a_cosine_goes_on_after_a_cut(same, tmp_path):
    whole = rates(model(), epochs=3)
    cut = model()
    begun = rates(cut, stop=1, epochs=3, backup_dir=tmp_path)
    assert begun + rates(cut if same else model(), epochs=3, backup_dir=tmp_path) == pytest.approx(whole)


def test_a_schedule_of_ones_own_stays():
    made = model()
    made.compile(keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)), loss=made.loss)
    with pytest.raises(Refused, match="(?s)ExponentialDecay.*cosine=False"):
        rates(made, epochs=1)
    assert rates(made, epochs=1, cosine=False)[-1] == pytest.approx(0.1 * 0.9 ** (len(BATCHES) / 10))


def test_a_cosine_is_saved_with_the_model(tmp_path):
    made = model()
    rates(made, epochs=1)
    made.save(tmp_path / "model.keras")
    loaded = seqzoo.load_model(tmp_path / "model.keras")
    assert loaded.optimizer.get_config() == made.optimizer.get_config()
    program = "import sys, seqzoo; seqzoo.load_model(sys.argv[1])"
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "model.keras")], check=True)


def test_the_norm_of_gradients_is_cut_where_a_model_is_compiled_with_one_too():
    made = model()
    assert made.optimizer.clipnorm
    assert largest_change(made, epochs=1, cosine=False, clipnorm=1e-12) < 1e-6


def test_options_of_a_model_are_refused_beside_one():
    with pytest.raises(Refused, match=r"(?s)cell, precision, epoch, units.*Did you mean|cell, precision, epoch, units"):
        TASK.train(model=model(), epoch=1, units=99, cell="gru", precision="float32")


def test_an_option_that_no_task_has_is_named():
    with pytest.raises(TypeError, match="music: got an unexpected keyword argument 'cel'. Did you mean 'cell'?"):
        TASK.create_model(cel="gru")


def test_each_epoch_says_its_seconds():
    history = TASK.fit(model(), BATCHES, BATCHES, epochs=2, callbacks=[Rates()])
    assert len(history["seconds"]) == 2 and min(history["seconds"]) > 0


def test_a_model_of_half_precision_goes_on_as_it_was_saved(tmp_path):
    with precision("mixed_float16"):
        made = seqzoo.create_model("dna", labels=["a", "b"], units=2)
    made.fit(["ACGT", "A"], ["a", "b"], verbose=0)
    made.save(tmp_path / "model.keras")
    loaded = seqzoo.load_model(tmp_path / "model.keras")
    assert type(loaded.optimizer) is type(made.optimizer) is keras.optimizers.LossScaleOptimizer
    assert int(loaded.optimizer.iterations) == 1 and loaded.dtype_policy.name == "mixed_float16"


def test_a_limit_is_a_number_of_examples():
    from seqzoo.datasets.cached import in_memory

    with pytest.raises(Refused, match="limit of 1 or more"):
        in_memory(tf.data.Dataset.range(5), "test", 0, limit=0)
