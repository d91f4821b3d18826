"""A ninth task, whole: is the number of ones even or odd? Many-to-one."""

import keras
import tensorflow as tf

from seqzoo import door
from seqzoo.architectures import many_to_one
from seqzoo.classifier import Classifier
from seqzoo.metrics.accuracy import accuracy
from seqzoo.optimizer import adam
from seqzoo.preprocessing.preprocessor import LabelPreprocessor, lengths_of
from seqzoo.preprocessing.vocabulary import Vocabulary
from seqzoo.task import OwnData, Recipe, Task

LABELS = ("even", "odd")
RECIPE = Recipe(cell="rnn", model=dict(units=8), learning_rate=1e-2, batch_size=32, epochs=3, patience=2)


@keras.saving.register_keras_serializable("parity")
class ParityPreprocessor(LabelPreprocessor):
    """Strings of 0 and 1 ↔ ids."""

    bits = Vocabulary("01")

    def rows(self, x):
        return door.texts(x, "a string of 0 and 1")

    def lengths(self, rows, targets=None):
        return lengths_of(rows)

    def inputs(self, rows):
        return self.bits.ids(rows)


def create_model(cell="rnn", dataset="mini", units=8, learning_rate=1e-2, ema_momentum=None, data_dir=None):
    ids = keras.Input((None,), dtype="int32", name="bits")
    x = keras.layers.Embedding(ParityPreprocessor.bits.size, 4, mask_zero=True)(ids)
    model = Classifier(many_to_one(x, outputs=2, cell=cell, units=units), ParityPreprocessor(LABELS), name="parity")
    model.compile(adam(learning_rate, ema_momentum), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def batches(dataset="mini", split="train", batch_size=32, seed=0, limit=None, data_dir=None):
    numbers = range(
        {"train": 0, "validation": 200, "test": 228}[split], {"train": 200, "validation": 228, "test": 256}[split]
    )
    strings = [f"{n:08b}" for n in numbers][:limit]
    return tf.data.Dataset.from_tensor_slices((strings, [s.count("1") % 2 for s in strings])).batch(batch_size)


task = Task(
    name="parity",
    title="Parity",
    architecture="many-to-one",
    datasets=("mini",),
    labels_of={"mini": LABELS},
    recipe=RECIPE,
    create_model=create_model,
    batches=batches,
    score=accuracy,
    own_data=lambda: OwnData(options={}, x=["0110", "1", "111", "0"], y=["even", "odd", "odd", "even"]),
)
