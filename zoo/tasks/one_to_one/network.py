"""The model of the one-to-one task: a vector x in, the probabilities of the labels out."""

from typing import Any

import keras

from seqzoo import door
from seqzoo.architectures import one_to_one
from seqzoo.classifier import Classifier
from seqzoo.losses import crossentropy
from seqzoo.optimizer import adam
from seqzoo.tasks.one_to_one import dataset as data
from seqzoo.tasks.one_to_one.array_preprocessor import BRIGHTEST, ArrayPreprocessor
from seqzoo.tasks.one_to_one.preprocessor import TablePreprocessor
from seqzoo.tasks.one_to_one.recipe import RECIPE


def create_model(
    cell: Any = "rnn",
    dataset: str = "mini",
    columns: Any = None,
    labels: Any = None,
    units: int = 32,
    layers: int = 1,
    dropout: float = 0.2,
    input_dropout: float = 0.0,
    label_smoothing: float = 0.0,
    learning_rate: float = 1e-2,
    ema_momentum: float | None = None,
    data_dir: str | None = None,
) -> Classifier:
    """Builds the one-to-one model, compiled: a row of named columns or an image in, P(label) out.

    Numbers are brought to mean 0 and variance 1, words become one-hot vectors, as the training
    rows teach; what is missing, nan or "", counts as 0, and so does a word that they do not
    show. Together they are x, and ŷ = softmax(Wy a⟨1⟩ + by).

    Args:
        cell: `"rnn"`, `"gru"` or `"lstm"`; a class or an object of a cell.
        dataset: what the model is for when there are no `columns`: `"mini"` (columns),
            `"full"`, which is `"mnist"` (images of shape `(28, 28, 1)` from 0 to 255), or
            `"penguins/processed"` (four numbers).
        columns: training rows of your own: a dictionary of equally long columns of numbers or
            of words, a pandas data frame, or a list of rows that are dictionaries. The names of
            the columns may be anything.
        labels: the names of your own labels.
        units: the size of a⟨1⟩.
        layers: how many recurrent layers.
        dropout: fraction of a⟨1⟩ to drop in training.
        input_dropout: fraction of what each recurrent layer reads to drop in training.
        label_smoothing: ε of `seqzoo.losses.SmoothedCrossentropy`: how far from certain labels are in
            training, and in `val_loss`.
        learning_rate: of Adam.
        ema_momentum: momentum of a moving average of the weights, which the model holds once
            `fit` ends; 0 for none. By default the recipe's for a dataset of the zoo, and none
            for rows of your own.
        data_dir: where TFDS keeps its data.

    Returns:
        A compiled `Classifier`: tables or images in; `predict` gives probabilities of shape
        `(rows, labels)`.

    Raises:
        Refused: an unknown cell or dataset, columns without labels, or a column that holds
            both numbers and words.

    Example:

    >>> birds = {"island": ["Dream", "Biscoe"], "body_mass_g": [3700, 5100]}
    >>> model = create_model(columns=birds, labels=["Adelie", "Gentoo"])
    >>> history = model.fit(birds, ["Adelie", "Gentoo"], verbose=0)
    >>> model.predict({"island": "Biscoe", "body_mass_g": 5000}, verbose=0).shape
    (1, 2)
    """
    own = columns is not None
    door.choose("dataset", dataset, data.SOURCES)
    if own and labels is None:
        raise door.Refused(
            "labels for columns of your own", "columns, labels=None", 'give for example labels=["Adelie", "Gentoo"]'
        )
    labels = data.LABELS[dataset] if labels is None else labels
    if not own and dataset in data.SHAPES:
        preprocessor = ArrayPreprocessor(data.SHAPES[dataset], labels)
        x = keras.Input(preprocessor.shape, name="x")
        x = keras.layers.Rescaling(1 / BRIGHTEST, name="scaled")(x) if preprocessor.images else x
    else:
        preprocessor = TablePreprocessor.learn(columns if own else data.training_columns(data_dir), labels)
        x = keras.Input((preprocessor.size,), name="x")
    network = one_to_one(
        x,
        outputs=len(preprocessor.labels),
        cell=cell,
        units=units,
        layers=layers,
        dropout=dropout,
        input_dropout=input_dropout,
    )
    model = Classifier(network, preprocessor, name="one_to_one")
    model.compile(
        adam(learning_rate, RECIPE.momentum(ema_momentum, own)),
        loss=crossentropy(label_smoothing),
        metrics=["accuracy"],
    )
    return model
