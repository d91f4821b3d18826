"""The model of the sentiment task: the ids of words in, the probability of a label out."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import keras

from seqzoo import door
from seqzoo.architectures import many_to_one
from seqzoo.architectures.recurrent import hidden_whole
from seqzoo.classifier import Classifier
from seqzoo.losses import crossentropy
from seqzoo.optimizer import adam
from seqzoo.preprocessing.word_vectors import embedding_of
from seqzoo.tasks.sentiment import dataset as data
from seqzoo.tasks.sentiment.preprocessor import SentimentPreprocessor
from seqzoo.tasks.sentiment.recipe import RECIPE, RECIPES


def create_model(
    cell: Any = "gru",
    dataset: str = "mini",
    texts: Iterable[str] | None = None,
    labels: Any = None,
    ratings: Mapping[str, float] | None = None,
    embedding: int = 64,
    units: int = 32,
    layers: int = 1,
    bidirectional: bool = True,
    dropout: float = 0.5,
    word_dropout: float = 0.0,
    pooling: str = "last",
    bigrams: bool = False,
    min_count: int = 2,
    vectors: str | Path | None = None,
    freeze_vectors: bool = False,
    input_dropout: float = 0.0,
    recurrent_dropout: float = 0.0,
    label_smoothing: float = 0.0,
    learning_rate: float = 2e-3,
    ema_momentum: float | None = None,
    data_dir: str | None = None,
) -> Classifier:
    """Builds the sentiment model, compiled: raw sentences in, P(positive) out.

    Words become vectors x⟨t⟩, and a many-to-one network gives
    ŷ = σ(Wy [a→⟨Tx⟩, a←⟨1⟩] + by), with softmax for σ where there are more than two labels.
    For long texts, as reviews of `"imdb_reviews"`, take `pooling="max_mean"` and `bigrams=True`.

    Args:
        cell: `"rnn"`, `"gru"` or `"lstm"`; a class or an object of a cell.
        dataset: whose training split the words are learned from when there are no `texts`:
            `"mini"`, `"full"`, `"glue/sst2"` or `"imdb_reviews"`.
        texts: training sentences of your own, from which the words are learned.
        labels: the names of your own labels; negative and positive by default.
        ratings: dictionary from words to how people rate them, from -1 to 1, which x⟨t⟩ then
            tells too; so a word is not a blank because the training split lacks it. By
            default VADER's lexicon for `"mini"`, and none for other texts; `{}` for none.
        embedding: the size of a word's vector x⟨t⟩; with `vectors`, it is that of the file's.
        units: the size of a⟨t⟩, in each direction.
        layers: how many recurrent layers.
        bidirectional: whether to read the sentence from both ends.
        dropout: fraction of the words' vectors and of each recurrent layer's output to drop in training.
        word_dropout: fraction of the vectors x⟨t⟩ to hide whole in training.
        pooling: what ŷ is made of, see `seqzoo.many_to_one`: the last states, or all of them.
        bigrams: whether x⟨t⟩ tells of the word and the one after it together: "not good".
        min_count: how often a word must occur in the training texts to be known.
        vectors: a file of word vectors, GloVe's text format or word2vec's, `.gz` of them too, as
            which those of words begin; see `seqzoo.preprocessing.word_vectors`.
        freeze_vectors: whether training leaves those of the file as they are.
        input_dropout: fraction of what each recurrent layer reads to drop in training, the same at every step
            of a sequence.
        recurrent_dropout: the same of a⟨t−1⟩ (Gal and Ghahramani 2016).
        label_smoothing: ε of `seqzoo.losses.SmoothedCrossentropy`: how far from certain labels are in
            training, and in `val_loss`.
        learning_rate: of Adam.
        ema_momentum: momentum of a moving average of the weights, which the model holds once
            `fit` ends; 0 for none. By default the recipe's for a dataset of the zoo, and none
            for texts of your own; 0.99 is right where there are some hundreds of steps. To
            validate with the averaged weights too, give `fit` a `keras.callbacks.SwapEMAWeights`.
        data_dir: where TFDS keeps its data.

    Returns:
        A compiled `Classifier`: sentences in; `predict` gives P(positive) of shape
        `(sentences, 1)`, or `(sentences, labels)` where there are more than two.

    Raises:
        Refused: an unknown cell or dataset, texts without a word, no valid labels, or vectors that
            are none.

    Example:

    >>> sentences, labels = ["a good film", "a bad film"], ["positive", "negative"]
    >>> model = create_model(cell="rnn", texts=sentences)
    >>> history = model.fit(sentences, labels, verbose=0)
    >>> model.predict("good!", verbose=0).shape
    (1, 1)
    """
    own = texts is not None
    recipe = RECIPES.get(dataset, RECIPE)
    door.choose("dataset", dataset, data.SOURCES)
    if not own:
        texts = data.load(dataset, "train", data_dir).map(lambda sentence, label: sentence)
        ratings = data.word_ratings(data_dir) if ratings is None and dataset == "mini" else ratings
    labels = data.LABELS if labels is None else labels
    preprocessor = SentimentPreprocessor.learn(texts, ratings, labels, bigrams, min_count)
    x = word_vectors(preprocessor, embedding, vectors, freeze_vectors)
    x = hidden_whole(word_dropout, name="word_dropout")(x) if word_dropout else x
    x = keras.layers.Dropout(dropout)(x)
    two = len(preprocessor.labels) == 2
    network = many_to_one(
        x,
        outputs=1 if two else len(preprocessor.labels),
        activation="sigmoid" if two else "softmax",
        cell=cell,
        units=units,
        layers=layers,
        bidirectional=bidirectional,
        dropout=dropout,
        input_dropout=input_dropout,
        recurrent_dropout=recurrent_dropout,
        pooling=pooling,
    )
    model = Classifier(network, preprocessor, name="sentiment")
    model.compile(
        adam(learning_rate, recipe.momentum(ema_momentum, own)),
        loss=crossentropy(label_smoothing, two),
        metrics=["accuracy"],
    )
    return model


def word_vectors(
    preprocessor: SentimentPreprocessor, size: int, vectors: str | Path | None = None, freeze: bool = False
) -> keras.KerasTensor:
    """The vectors x⟨t⟩ of a sentence's words: one of the word plus one of its stem, of shape `(batch, words, size)`.

    Where it knows bigrams, that of the word and the next one is added; where words have ratings, a
    trained vector times the word's rating. Those of words may begin as a file has them.
    """
    parts = []
    for name, vocabulary in preprocessor.vocabularies.items():
        ids = keras.Input((None,), dtype="int32", name=name)
        of_file = dict(vectors=vectors, freeze=freeze) if name == "words" else {}
        embedding = embedding_of(vocabulary.words, vocabulary.size, size, name=f"{name}_vectors", **of_file)
        parts.append(embedding(ids))
        size = parts[0].shape[-1]
    if preprocessor.ratings:
        ratings = keras.Input((None,), name="ratings")
        wide = keras.initializers.RandomNormal(stddev=0.3)
        vector = keras.layers.Dense(size, use_bias=False, kernel_initializer=wide, name="rating_vector")
        parts.append(vector(keras.layers.Reshape((-1, 1), name="rating")(ratings)))
    return AddMasked(name="vectors")(parts)


@keras.saving.register_keras_serializable("seqzoo")
class AddMasked(keras.layers.Add):
    """The sum of vectors, of which only some have a mask: that is the sum's. `keras.layers.Add` loses it.

    Example:

    >>> ids, ratings = keras.Input((None,)), keras.Input((None, 4))
    >>> vectors = keras.layers.Embedding(5, 4, mask_zero=True)(ids)
    >>> model = keras.Model([ids, ratings], keras.layers.GlobalAveragePooling1D()(AddMasked()([vectors, ratings])))
    >>> one = model([keras.ops.array([[3]]), keras.ops.ones((1, 1, 4))])
    >>> padded = model([keras.ops.array([[3, 0]]), keras.ops.ones((1, 2, 4))])
    >>> bool(keras.ops.all(one == padded))
    True
    """

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        masks = [part for part in mask or () if part is not None]
        return super().compute_mask(masks, masks) if masks else None
