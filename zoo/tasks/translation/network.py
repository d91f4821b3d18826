"""The model of the translation task: the ids of a sentence's tokens in, those of its translation out."""

from pathlib import Path
from typing import Any

import keras

from seqzoo import door
from seqzoo.architectures import encoder_decoder
from seqzoo.architectures.recurrent import hidden_whole
from seqzoo.losses import crossentropy
from seqzoo.metrics.token_accuracy import TokenAccuracy
from seqzoo.optimizer import adam
from seqzoo.preprocessing.word_vectors import embedding_of
from seqzoo.tasks.translation import dataset as data
from seqzoo.tasks.translation.preprocessor import TranslationPreprocessor
from seqzoo.tasks.translation.recipe import RECIPE, RECIPES
from seqzoo.tasks.translation.tokenizer import PADDING, SPACE
from seqzoo.tasks.translation.translator import Translator
from seqzoo.wording import clipped


def create_model(
    cell: Any = "gru",
    dataset: str = "mini",
    pairs: Any = None,
    tokenizer: str = "words",
    most_tokens: int | None = None,
    embedding: int = 64,
    units: int = 128,
    layers: int = 1,
    bidirectional: bool = True,
    attention: bool = True,
    dropout: float = 0.2,
    vectors: str | Path | None = None,
    freeze_vectors: bool = False,
    input_dropout: float = 0.0,
    recurrent_dropout: float = 0.0,
    word_dropout: float = 0.0,
    input_feeding: bool = False,
    scheduled_sampling: float = 0.0,
    sampling_batches: int = 1000,
    label_smoothing: float = 0.0,
    learning_rate: float = 3e-3,
    ema_momentum: float | None = None,
    data_dir: str | None = None,
) -> Translator:
    """Builds the translator, compiled: raw sentences in, raw sentences out.

    The tokens of a sentence, words and punctuation, become vectors x⟨t⟩; an encoder-decoder
    with attention reads them and writes the tokens of the translation.

    Args:
        cell: `"rnn"`, `"gru"` or `"lstm"`; a class or an object of a cell.
        dataset: whose training split the words are learned from when there are no `pairs`:
            `"mini"`, `"mini/phrases"`, `"full"`, `"ted_hrlr_translate/pt_to_en"` or
            `"tatoeba/tatoeba_fr"`.
        pairs: training sentences of your own, from which the words are learned: a list of
            (source, target), or two lists, `(sources, targets)`.
        tokenizer: `"words"`: words and punctuation, and letters where a word is rare; or
            `"subwords"`: parts of words by sentencepiece, which are fewer where many words are rare.
        most_tokens: how many tokens to learn in each language, at most; by default 30,000 words, or
            4,000 subwords.
        embedding: the size of a token's vector; with `vectors`, the sources' have the size of the file's.
        units: the size of a⟨t⟩; in each direction in the encoder.
        layers: how many recurrent layers in the encoder, and in the decoder.
        bidirectional: whether the encoder reads the sentence from both ends.
        attention: whether the decoder looks back at the source for every token.
        dropout: fraction of the sources' vectors and the recurrent layers' outputs to drop in
            training.
        vectors: a file of word vectors, GloVe's text format or word2vec's, `.gz` of them too, as
            which those of the sources' words, in small letters, begin; see `seqzoo.preprocessing.word_vectors`.
        freeze_vectors: whether training leaves those of the file as they are.
        input_dropout: fraction of what each recurrent layer reads to drop in training, the same at every step
            of a sequence.
        recurrent_dropout: the same of a⟨t−1⟩ (Gal and Ghahramani 2016).
        word_dropout: fraction of the tokens' vectors to hide whole in training, in both languages.
        input_feeding: whether the decoder reads where it has looked, beside the token before; an epoch
            takes several times as long then.
        scheduled_sampling: how probable it becomes in training, along a line, that the decoder reads its
            own last token instead of the target's, see `seqzoo.encoder_decoder`; slow too.
        sampling_batches: after how many batches of training it has become so.
        label_smoothing: ε of `seqzoo.losses.SmoothedCrossentropy`: how far from certain tokens are in
            training, and in `val_loss`.
        learning_rate: of Adam; a number, or a `keras.optimizers.schedules` schedule.
        ema_momentum: momentum of a moving average of the weights, which the model holds once
            `fit` ends; 0 for none. By default the recipe's for a dataset of the zoo, and none
            for sentences of your own.
        data_dir: where TFDS keeps its data.

    Returns:
        A compiled `Translator`: `fit(sources, targets)` and `predict(sources)` work on
        strings.

    Raises:
        Refused: an unknown cell or dataset, what is not a list of pairs, or vectors of no use or of subwords.

    Example:

    >>> english, french = ["red hand", "red"], ["main rouge", "rouge"]
    >>> model = create_model(cell="rnn", pairs=(english, french), units=8)
    >>> history = model.fit(english, french, verbose=0)
    >>> model.predict("red hand", max_length=5).shape
    (1,)
    """
    own = pairs is not None
    if vectors is not None and tokenizer != "words":
        raise door.Refused("vectors of words", f"tokenizer={tokenizer!r}", 'take tokenizer="words", or no vectors')
    door.choose("dataset", dataset, data.SOURCES)
    if not own:
        pairs = list(data.load(dataset, "train", data_dir).as_numpy_iterator())
    preprocessor = TranslationPreprocessor.learn(*_sides(pairs), tokenizer, most_tokens)
    source = keras.Input((None,), dtype="int32", name="source")
    words = [token.removeprefix(SPACE) for token in preprocessor.source.tokens]
    source_vectors = embedding_of(
        words, preprocessor.source.size, embedding, vectors, freeze_vectors, name="source_vectors"
    )
    x = source_vectors(source)
    x = hidden_whole(word_dropout, name="word_dropout")(x) if word_dropout else x
    network = encoder_decoder(
        keras.layers.Dropout(dropout)(x),
        outputs=preprocessor.target.size,
        cell=cell,
        units=units,
        layers=layers,
        bidirectional=bidirectional,
        dropout=dropout,
        input_dropout=input_dropout,
        recurrent_dropout=recurrent_dropout,
        symbol_dropout=word_dropout,
        input_feeding=input_feeding,
        scheduled_sampling=scheduled_sampling,
        sampling_batches=sampling_batches,
        embedding=embedding,
        attention=attention,
    )
    model = Translator(network, preprocessor, name="translation")
    momentum = RECIPES.get(dataset, RECIPE).momentum(ema_momentum, own)
    model.compile(
        adam(learning_rate, momentum, global_clipnorm=1.0),
        loss=crossentropy(label_smoothing, from_logits=True),
        metrics=[TokenAccuracy(ignore_class=PADDING)],
    )
    return model


def _sides(pairs):
    """Sources and targets, of a list of pairs or of two lists."""
    two_lists = isinstance(pairs, tuple) and len(pairs) == 2 and not any(isinstance(p, (str, tuple)) for p in pairs)
    if not two_lists:
        pairs = list(pairs)
        for row, pair in enumerate(pairs):
            if isinstance(pair, (str, bytes)) or not hasattr(pair, "__len__") or len(pair) != 2:
                raise door.Refused(
                    "pairs: a list of (source, target), or two lists, (sources, targets)",
                    f"{clipped(repr(pair))} in row {row}",
                    "join two lists of sentences: pairs=(sources, targets)",
                )
        pairs = tuple(zip(*pairs)) or ([], [])
    sources, targets = (door.texts(list(side), "a sentence") for side in pairs)
    door.same_length(sources=len(sources), targets=len(targets))
    return sources, targets
