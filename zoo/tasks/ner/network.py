"""The model of named entity recognition: the looks of words in, the labels' probabilities at each out."""

from pathlib import Path
from typing import Any

import keras

from seqzoo import door
from seqzoo.architectures import many_to_many
from seqzoo.architectures.recurrent import hidden_whole, make_cell
from seqzoo.layers import RNN, Bidirectional
from seqzoo.losses import crossentropy, no_smoothing
from seqzoo.metrics.token_accuracy import TokenAccuracy
from seqzoo.optimizer import adam
from seqzoo.precision import whole
from seqzoo.preprocessing.word_vectors import embedding_of
from seqzoo.tasks.ner import dataset as data
from seqzoo.tasks.ner.crf import CRF, CRFAccuracy, CRFLoss
from seqzoo.tasks.ner.letter_groups import GROUPS, MaskedMean
from seqzoo.tasks.ner.letters import EachWord
from seqzoo.tasks.ner.preprocessor import NO_LABEL, NerPreprocessor
from seqzoo.tasks.ner.recipe import RECIPE, RECIPES
from seqzoo.tasks.ner.tagger import CRFTagger, Tagger


def create_model(
    cell: Any = "gru",
    dataset: str = "mini",
    texts: Any = None,
    labels: Any = None,
    embedding: int = 64,
    units: int = 128,
    layers: int = 1,
    bidirectional: bool = True,
    dropout: float = 0.5,
    word_dropout: float = 0.2,
    look_dropout: float = 0.0,
    letter_units: int = 0,
    crf: bool = False,
    vectors: str | Path | None = None,
    freeze_vectors: bool = False,
    input_dropout: float = 0.0,
    recurrent_dropout: float = 0.0,
    label_smoothing: float = 0.0,
    learning_rate: float = 3e-3,
    ema_momentum: float | None = None,
    data_dir: str | None = None,
) -> Tagger:
    """Builds the tagger, compiled: raw sentences in, the labels' probabilities at each token out.

    What a word looks like becomes x⟨t⟩, and a many-to-many network gives
    ŷ⟨t⟩ = softmax(Wy a⟨t⟩ + by). With a CRF, Wy a⟨t⟩ + by are scores, to which it adds those of
    each label after each other. A token is what stands between white space.

    Args:
        cell: `"rnn"`, `"gru"` or `"lstm"`; a class or an object of a cell.
        dataset: whose training split the words are learned from when there are no `texts`,
            and whose labels the tokens get when there are no `labels`: `"mini"`, `"full"` or
            `"conll2003"`.
        texts: training sentences of your own, from which the words are learned; a sentence may
            be a list of its tokens.
        labels: the names of your own labels.
        embedding: the size of each of the six vectors that make up x⟨t⟩: of a token's word,
            its beginning, its ending, its shape, its punctuation and its letters; with `vectors`,
            the word's has the size of the file's.
        units: the size of a⟨t⟩, in each direction.
        layers: how many recurrent layers.
        bidirectional: whether to read the sentence from both ends.
        dropout: fraction of the vectors and of a⟨t⟩ to drop in training.
        word_dropout: fraction of the words to hide in training; their looks stay.
        look_dropout: fraction of each of the looks of words to hide in training: of beginnings,
            endings, shapes and punctuation.
        letter_units: the size of a⟨t⟩, in each direction, of a recurrent network that reads each
            word's letters, capitals and all, whose last a⟨t⟩ join the vectors; 0 for none.
        crf: whether the labels of a sentence are found together, by a linear-chain CRF, in place
            of a softmax at each token.
        vectors: a file of word vectors, GloVe's text format or word2vec's, `.gz` of them too, as
            which those of words, in small letters and with 9 for every digit, begin; see
            `seqzoo.preprocessing.word_vectors`.
        freeze_vectors: whether training leaves those of the file as they are.
        input_dropout: fraction of what each recurrent layer reads to drop in training, the same at every step
            of a sequence.
        recurrent_dropout: the same of a⟨t−1⟩ (Gal and Ghahramani 2016).
        label_smoothing: ε of `seqzoo.losses.SmoothedCrossentropy`: how far from certain labels are in
            training, and in `val_loss`; not with a CRF.
        learning_rate: of Adam.
        ema_momentum: momentum of a moving average of the weights, which the model holds once
            `fit` ends; 0 for none. By default the recipe's for a dataset of the zoo, and none
            for texts of your own; 0.997 is right where there are some thousands of steps. To
            validate with the averaged weights too, give `fit` a `keras.callbacks.SwapEMAWeights`.
        data_dir: where TFDS keeps its data.

    Returns:
        A compiled `Tagger`: sentences in; `predict` gives probabilities of shape
        `(sentences, tokens, labels)`. Its `fit` takes sentences with a list of labels for each.

    Raises:
        Refused: an unknown cell or dataset, texts without a token, no valid labels, or vectors that
            are none.

    Example:

    >>> addresses = ["12 Elm St", "9 Main St"]
    >>> tags = [["number", "name", "type"], ["number", "name", "type"]]
    >>> model = create_model(cell="rnn", texts=addresses, labels=["number", "name", "type"])
    >>> history = model.fit(addresses, tags, verbose=0)
    >>> model.predict(["7 Oak Tree St"]).shape
    (1, 4, 3)
    """
    own = texts is not None
    recipe = RECIPES.get(dataset, RECIPE)
    door.choose("dataset", dataset, data.SOURCES)
    if not own:
        texts = data.load(dataset, "train", data_dir).map(lambda sentence, labels: sentence)
    preprocessor = NerPreprocessor.learn(
        texts, data.LABELS[dataset] if labels is None else labels, letters=letter_units > 0
    )
    x = token_vectors(preprocessor, embedding, word_dropout, look_dropout, vectors, freeze_vectors)
    if letter_units:
        x = with_letters(x, preprocessor, cell, letter_units)
    x = keras.layers.Dropout(dropout)(x)
    network = many_to_many(
        x,
        outputs=len(preprocessor.labels),
        cell=cell,
        units=units,
        layers=layers,
        bidirectional=bidirectional,
        dropout=dropout,
        input_dropout=input_dropout,
        recurrent_dropout=recurrent_dropout,
        activation="linear" if crf else "softmax",
    )
    if crf:
        no_smoothing(label_smoothing, "a CRF's")
        scores = CRF(name="crf", dtype=whole())(network.outputs[0])
        model = CRFTagger(keras.Model(network.inputs, scores, name=network.name), preprocessor, name="ner")
        loss, accuracy = CRFLoss(), CRFAccuracy()
    else:
        model = Tagger(network, preprocessor, name="ner")
        loss, accuracy = crossentropy(label_smoothing, ignore_class=NO_LABEL), TokenAccuracy()
    model.compile(adam(learning_rate, recipe.momentum(ema_momentum, own)), loss=loss, metrics=[accuracy])
    return model


def token_vectors(
    preprocessor: NerPreprocessor,
    size: int,
    word_dropout: float = 0.0,
    look_dropout: float = 0.0,
    vectors: str | Path | None = None,
    freeze: bool = False,
) -> keras.KerasTensor:
    """The vectors x⟨t⟩ of a sentence's tokens: of the word and of its looks, side by side.

    Args:
        preprocessor: which makes the six inputs.
        size: of each of the six vectors.
        word_dropout: fraction of words to hide in training, so that the others learn to stand
            for a word that is not known.
        look_dropout: fraction of each of the other vocabularies' vectors to hide in training.
        vectors: a file as which the words' vectors begin, which have its size.
        freeze: whether training leaves those as they are.

    Returns:
        Keras tensor of shape `(batch, tokens, 6 * size)`, all six as large, with a mask over the padding.
    """
    parts = []
    for part, vocabulary in preprocessor.vocabularies.items():
        ids = keras.Input((None,), dtype="int32", name=part)
        of_file = dict(vectors=vectors, freeze=freeze) if part == "word" else {}
        embedding = embedding_of(vocabulary.words, vocabulary.size, size, name=f"{part}_vectors", **of_file)
        hidden = word_dropout if part == "word" else look_dropout
        drop = hidden_whole(hidden, name=f"{part}_dropout")
        parts.append(drop(embedding(ids)) if part == "word" or hidden else embedding(ids))
    groups = keras.Input((None, None), dtype="int32", name="groups")
    letters = keras.layers.Embedding(GROUPS + 1, size, mask_zero=True, name="group_vectors")(groups)
    parts.append(MaskedMean(name="letter_vectors")(letters))
    return keras.layers.Concatenate(name="vectors")(parts)


def with_letters(vectors: keras.KerasTensor, preprocessor: NerPreprocessor, cell: Any, units: int) -> keras.KerasTensor:
    """Adds to the vectors of tokens what a recurrent network, in both directions, reads in their letters."""
    letters = keras.Input((None, None), dtype="int32", name="letters")
    x = keras.layers.Embedding(preprocessor.letters.size, units, mask_zero=True, name="letter_embedding")(letters)
    reader = EachWord(Bidirectional(RNN(make_cell(cell, units))), name="letter_reader")
    return keras.layers.Concatenate(name="vectors_and_letters")([vectors, reader(x)])
