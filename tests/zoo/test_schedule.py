import keras
import pytest
import tensorflow as tf

import seqzoo
from seqzoo.door import Refused

TASK = seqzoo.get_task("dna")
NEVER_BETTER = dict(plateau=2, plateau_factor=0.25, monitor="val_loss", mode="max", patience=9, epochs=4)


def model(**options):
    keras.utils.set_random_seed(0)
    made = TASK.create_model(labels=["left", "right"], units=4, learning_rate=0.02, **options)
    made.run_eagerly = True  # nothing to compile
    return made


def batches():
    data = tf.data.Dataset.from_tensor_slices((["ACGT", "GGTT", "AAAA", "CCGG"], [0, 1, 0, 1]))
    return data.batch(2)


def rates(callbacks=(), **training):
    return TASK.fit(model(), batches(), batches(), callbacks=callbacks, **training)["learning_rate"]


class Cut(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 2:
            raise KeyboardInterrupt


def test_the_rate_falls_where_nothing_gets_better_and_goes_on_so_after_a_cut(tmp_path):
    fallen = [0.02, 0.02, 0.02, 0.005]
    assert rates(**NEVER_BETTER) == pytest.approx(fallen)
    with pytest.raises(KeyboardInterrupt):
        rates([Cut()], backup_dir=tmp_path, **NEVER_BETTER)
    assert rates([keras.callbacks.Callback()], backup_dir=tmp_path, **NEVER_BETTER) == pytest.approx(fallen)


def test_the_rate_stays_where_it_gets_better():
    assert rates(**{**NEVER_BETTER, "mode": "min", "epochs": 3, "plateau": 1}) == pytest.approx([0.02] * 3)


@pytest.mark.parametrize(
    "training, said",
    [
        (dict(plateau=1, cosine=True), "(?s)one schedule.*cosine=False"),
        (dict(plateau=0), "plateau=0"),
        (dict(plateau=1, plateau_factor=1.5), "plateau_factor=1.5"),
    ],
)
def test_what_cannot_work_is_refused(training, said):
    with pytest.raises(Refused, match=said):
        rates(**training)


def test_batches_of_an_unknown_number_are_trained_on_but_not_along_a_cosine():
    some = batches().filter(lambda x, y: True)
    assert len(TASK.fit(model(), some, batches(), epochs=2)["loss"]) == 2
    with pytest.raises(Refused, match="cosine=False"):
        TASK.fit(model(), some, batches(), cosine=True)


def test_a_schedule_of_ones_own_is_left_alone():
    own = keras.optimizers.schedules.CosineDecay(0.02, 9)
    made = seqzoo.create_model("music", texts=["GABd|"], units=4, learning_rate=own)
    with pytest.raises(Refused, match="one schedule"):
        seqzoo.get_task("music").fit(made, batches(), batches(), plateau=1)
