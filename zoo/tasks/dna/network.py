"""The model of the DNA task: the ids of letters in, the probability of each kind out."""

from typing import Any

import keras

from seqzoo import door
from seqzoo.architectures import many_to_one
from seqzoo.architectures.recurrent import hidden_whole
from seqzoo.classifier import Classifier
from seqzoo.losses import crossentropy
from seqzoo.optimizer import adam
from seqzoo.tasks.dna import dataset as data
from seqzoo.tasks.dna.bases import shares
from seqzoo.tasks.dna.fold import Fold
from seqzoo.tasks.dna.preprocessor import DnaPreprocessor
from seqzoo.tasks.dna.recipe import RECIPE

TOWARDS = ("middle", "end")


def create_model(
    cell: Any = "gru",
    dataset: str = "mini",
    labels: Any = None,
    towards: str = "middle",
    units: int = 64,
    layers: int = 1,
    bidirectional: bool = False,
    dropout: float = 0.2,
    base_dropout: float = 0.2,
    input_dropout: float = 0.0,
    recurrent_dropout: float = 0.0,
    label_smoothing: float = 0.0,
    learning_rate: float = 3e-3,
    ema_momentum: float | None = None,
    data_dir: str | None = None,
) -> Classifier:
    """Builds the DNA model, compiled: strings of letters in, the probability of each kind out.

    Bases become vectors x⟨t⟩, and a many-to-one network gives ŷ = softmax(Wy a + by) of its
    last state: a⟨Tx⟩, or of the pairs of `towards="middle"` a⟨Tx/2⟩.

    Towards the middle, the network reads the pairs [x⟨t⟩, x⟨Tx+1−t⟩] from the two ends
    inwards: what lies in the middle comes last, when a⟨t⟩ knows what surrounds it. That is
    where the junction lies in `mini`. Towards the end it reads x⟨1⟩ … x⟨Tx⟩ as they stand.

    Args:
        cell: `"rnn"`, `"gru"` or `"lstm"`; a class or an object of a cell.
        dataset: whose labels ŷ has when there are no `labels`: `"mini"`, `"full"` or
            `"genomics_ood"`.
        labels: the names of the kinds in data of your own, or how many they are.
        towards: `"middle"` or `"end"`.
        units: the size of a⟨t⟩, in each direction.
        layers: how many recurrent layers.
        bidirectional: whether to read in both directions; with `towards="middle"` from the
            ends to the middle and back.
        dropout: fraction of each recurrent layer's output to drop in training.
        base_dropout: fraction of the steps that are blank in training.
        input_dropout: fraction of what each recurrent layer reads to drop in training, the same at every step
            of a sequence.
        recurrent_dropout: the same of a⟨t−1⟩ (Gal and Ghahramani 2016).
        label_smoothing: ε of `seqzoo.losses.SmoothedCrossentropy`: how far from certain labels are in
            training, and in `val_loss`.
        learning_rate: of Adam.
        ema_momentum: momentum of a moving average of the weights, which the model holds once
            `fit` ends; 0 for none. By default the recipe's for a dataset of the zoo, and none
            for labels of your own.
        data_dir: unused; nothing is learned from the data before training.

    Returns:
        A compiled `Classifier`: strings in; `predict` gives probabilities of shape
        `(sequences, labels)`. It takes letters of the IUPAC, large or small; those that stand
        for several bases count as a share of each.

    Raises:
        Refused: an unknown cell, dataset or direction, or no valid labels.

    Example:

    >>> model = create_model(cell="rnn", labels=["left", "right"])
    >>> history = model.fit(["ACGTAC", "GGTT"], ["left", "right"], verbose=0)
    >>> model.predict("acgtn", verbose=0).shape
    (1, 2)
    """
    own = labels is not None
    door.choose("dataset", dataset, data.SOURCES)
    door.choose("towards", towards, TOWARDS)
    preprocessor = DnaPreprocessor(labels if own else data.LABELS[dataset])
    x = base_vectors()
    x = Fold(name="fold")(x) if towards == "middle" else x
    x = hidden_whole(base_dropout)(x) if base_dropout else x
    network = many_to_one(
        x,
        outputs=len(preprocessor.labels),
        cell=cell,
        units=units,
        layers=layers,
        bidirectional=bidirectional,
        dropout=dropout,
        input_dropout=input_dropout,
        recurrent_dropout=recurrent_dropout,
    )
    model = Classifier(network, preprocessor, name="dna")
    model.compile(
        adam(learning_rate, RECIPE.momentum(ema_momentum, own)),
        loss=crossentropy(label_smoothing),
        metrics=["accuracy"],
    )
    return model


def base_vectors() -> keras.KerasTensor:
    """The vectors x⟨t⟩ of a sequence's letters, which are not trained: shape `(batch, time, 4)`, masked."""
    ids = keras.Input((None,), dtype="int32", name="letters")
    table = shares()
    given = keras.initializers.Constant(table.tolist())  # which a clone has too
    bases = keras.layers.Embedding(*table.shape, given, trainable=False, mask_zero=True, name="bases")
    return bases(ids)
